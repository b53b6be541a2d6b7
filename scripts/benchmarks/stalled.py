"""Memory that a stream costs whose client has stopped reading, the kernel's part included."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from stage import Stage, open_stage
from support.leaks import in_kernel

from benchmarks import servers
from benchmarks.http import connect, request
from benchmarks.measure import Report, Row, interleave, median, resident_mib

_CLIENTS = 50
_SIZE = 32 * 1024 * 1024  # bytes of a song; what is not let go of is loaded whole
_WARM = 2  # streams before, so that what the first one costs is not counted
_ROUNDS = 3  # at most
_START, _MIDDLE = 1, 2_000_000  # bytes that were read before


@dataclass(frozen=True)
class _Cost:
    """KiB for each stream: in the process, and in the kernel for the sockets of the process."""

    process: float
    kernel: float


def run(*, rounds: int) -> Iterator[Report]:
    """KiB of each of 50 streams, each of another track."""
    ours = partial(servers.relay, tracks=_CLIENTS + _WARM)
    variants = {
        "nginx proxy_pass, after 2 MB": partial(_cost, servers.nginx_proxy),
        "mpdbridge, byte ranges, after 2 MB": partial(_cost, ours),
        "mpdbridge, byte ranges, at the start": partial(_cost, ours, taken=_START),
        "mpdbridge, ICY, after 2 MB": partial(_cost, ours, Icy_MetaData="1"),
        "mpdbridge, TLS upstream, after 2 MB": partial(_cost, ours, tls=True),
        "mpdbridge, upstream without ranges": partial(_cost, ours, ranges=False),
        "mpdbridge, TLS upstream without ranges": partial(_cost, ours, tls=True, ranges=False),
        "plain loop, 8 KiB, after 2 MB": partial(_cost, servers.plain_loop),
    }
    rows = []
    for name, costs in interleave(variants, min(rounds, _ROUNDS)).items():
        parts = ([one.process for one in costs], [one.kernel for one in costs], [c.process + c.kernel for c in costs])
        rows.append(Row(name, tuple(f"{median(part):.0f} KiB" for part in parts)))
    note = f"{_CLIENTS} streams; what the clients' own sockets hold is not in it; goal: 512 KiB all told"
    yield Report("Memory of a stalled stream", ("stopped", "process", "kernel", "together"), tuple(rows), note)


def _cost(
    make: Callable[[Stage, servers.Server], servers.Server],
    *,
    taken: int = _MIDDLE,
    tls: bool = False,
    ranges: bool = True,
    **headers: str,
) -> _Cost:
    with open_stage() as stage, ExitStack() as clients:
        source = servers.upstream(stage, tls=tls, ranges=ranges, size=_SIZE)
        server = make(stage, source)
        with ExitStack() as warm:
            for number in range(_WARM):
                warm.enter_context(_stalled(server, -1 - number, taken, **headers))
            _settled(server, source)
        time.sleep(0.5)
        before, kernel = resident_mib(server.pid)[0], in_kernel(server.port, source.port)
        for number in range(_CLIENTS):
            clients.enter_context(_stalled(server, number, taken, **headers))
        _settled(server, source)
        process = (resident_mib(server.pid)[0] - before) * 1024
        return _Cost(process / _CLIENTS, (in_kernel(server.port, source.port) - kernel) / _CLIENTS)


def _stalled(server: servers.Server, number: int, taken: int, **headers: str) -> socket.socket:
    """A client that reads `taken` bytes and no more."""
    client = connect(server)
    client.sendall(request(server.paths[number % len(server.paths)], **headers))
    while taken > 0:
        taken -= len(client.recv(min(taken, 65536)))
    return client


def _settled(server: servers.Server, source: servers.Server) -> None:
    """Returns when nothing flows any more."""
    before = (-1.0, -1.0)
    while before != (now := (resident_mib(server.pid)[0], in_kernel(server.port, source.port))):
        before = now
        time.sleep(0.7)
