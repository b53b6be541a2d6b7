"""CPU and memory of a relay with 100 and 1,000 clients that listen in real time, beside nginx."""

import json
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from stage import Stage, StageError, open_stage, private_environment, stop

from benchmarks import servers
from benchmarks.measure import Report, Row, cpu_seconds, interleave, median, resident_mib

_COUNTS = (100, 1_000)
_SECONDS = 20.0
_ROUNDS = 3  # at most: each takes more than three minutes
# For all the same, or nginx would have nothing to do: left alone, the kernel takes minutes of audio for each client.
_SEND_BUFFER = 64 * 1024
_SERVERS: dict[str, Callable[[Stage, servers.Server], servers.Server]] = {
    "nginx proxy_pass": partial(servers.nginx_proxy, send_buffer=_SEND_BUFFER),
    "mpdbridge, ICY": partial(servers.relay, tracks=20),
    "plain loop, 8 KiB": partial(servers.plain_loop, send_buffer=_SEND_BUFFER),
}


@dataclass(frozen=True)
class _Figures:
    """Share of one core, MiB more than when idle, bytes per second that passed, and underruns."""

    cpu: float
    memory: float
    rate: float
    underruns: int


def run(*, rounds: int) -> Iterator[Report]:
    """An underrun: a client had played all that it had got."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # the servers inherit it
    rows = []
    for count in _COUNTS:
        results = interleave({name: partial(_measured, name, count) for name in _SERVERS}, min(rounds, _ROUNDS))
        for name, figures in results.items():
            cells = (
                f"{median([one.cpu for one in figures]):.1%}",
                f"{median([one.memory for one in figures]):.0f} MiB",
                f"{median([one.rate for one in figures]) / 1e6:.1f} MB/s",
                str(sum(one.underruns for one in figures)),
            )
            rows.append(Row(f"{count:,} clients, {name}", cells))
    columns = ("", "of a core", "memory", "passing", "underruns")
    note = "160 kbit/s each, send buffers of 128 KiB; memory: over idle; goal: half a core for 1,000, no underrun"
    yield Report("Clients that listen in real time", columns, tuple(rows), note)


def _measured(name: str, count: int) -> _Figures:
    with open_stage() as stage:
        server = _SERVERS[name](stage, servers.upstream(stage))
        idle, _ = resident_mib(server.pid)
        load = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.listeners", str(server.port), str(count), str(_SECONDS), *server.paths],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=private_environment(),
        )
        try:
            return _watched(server, load, idle)
        finally:
            stop(load)
            load.communicate()


def _watched(server: servers.Server, load: "subprocess.Popen[bytes]", idle: float) -> _Figures:
    """What the server uses between the two lines that the listeners print."""
    assert load.stdout is not None  # it is a pipe
    begun = load.stdout.readline()
    before = cpu_seconds(server.pid)
    line = load.stdout.readline()
    used = cpu_seconds(server.pid) - before
    if not begun or not line:
        raise StageError("the listeners gave up; see above")
    told = json.loads(line)
    return _Figures(used / _SECONDS, resident_mib(server.pid)[0] - idle, told["rate"], told["underruns"])
