"""Memory of `mpdbridge watch` with ten clients that each read as slowly as music plays."""

import selectors
import time
from collections.abc import Iterator
from contextlib import ExitStack

from stage import open_stage

from benchmarks import servers
from benchmarks.http import connect, request
from benchmarks.measure import Report, Row, resident_mib

_STREAMS = 10
_SECONDS = 12.0
_READ = 8 * 1024  # bytes, ten times a second and stream: 640 kbit/s


def run(*, rounds: int) -> Iterator[Report]:  # noqa: ARG001  # one long look, not many
    """MiB resident before and with ten streams, once as byte ranges and once as ICY."""
    rows = []
    for name, headers in (("byte ranges", {}), ("ICY", {"Icy_MetaData": "1"})):
        with open_stage() as stage:
            ours = servers.relay(stage, servers.upstream(stage))
            idle, _ = resident_mib(ours.pid)
            _stream(ours, headers)
            now, most = resident_mib(ours.pid)
        rows.append(Row(name, (f"{idle:.0f} MiB", f"{now:.0f} MiB", f"{most:.0f} MiB")))
    columns = ("ten streams as", "idle", "streaming", "at most")
    note = "yt-dlp's own process, there only while links have to be found, is not in it; aim: under 100 MB"
    yield Report("Memory", columns, tuple(rows), note)


def _stream(server: servers.Server, headers: dict[str, str]) -> None:
    """Reads ten streams slowly for some seconds. Raises RuntimeError when one of them is refused or ends."""
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        for _ in range(_STREAMS):
            client = stack.enter_context(connect(server))
            client.sendall(request(server.path, User_Agent="Music Player Daemon 0.24.1", **headers))
            selector.register(client, selectors.EVENT_READ, client)
        end = time.monotonic() + _SECONDS
        while time.monotonic() < end:
            for key, _ in selector.select(timeout=1):
                if not key.data.recv(_READ):
                    raise RuntimeError("a stream ended early")
            time.sleep(0.1)
