"""Memory that a stream costs whose client has stopped reading, the kernel's part included."""

import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from stage import Stage, open_stage

from benchmarks import servers
from benchmarks.http import connect, request
from benchmarks.measure import Report, Row, interleave, median, resident_mib

_CLIENTS = 50
_WARM = 2  # streams before, so that what the first one costs is not counted
_ROUNDS = 3  # at most
_SERVERS: dict[str, Callable[[Stage, servers.Server], servers.Server]] = {
    "nginx proxy_pass": servers.nginx_proxy,
    "mpdbridge": partial(servers.relay, tracks=_CLIENTS + _WARM),
    "plain loop, 8 KiB": servers.plain_loop,
}
_PLACES = {"at the start": 1, "after 2 MB": 2_000_000}  # bytes that were read before


@dataclass(frozen=True)
class _Cost:
    """KiB for each stream: in the process, and in the kernel for the sockets of the process."""

    process: float
    kernel: float


def run(*, rounds: int) -> Iterator[Report]:
    """KiB of each of 50 streams, each of another track."""
    variants = {
        f"{name}, {place}": partial(_cost, name, taken) for name in _SERVERS for place, taken in _PLACES.items()
    }
    rows = []
    for name, costs in interleave(variants, min(rounds, _ROUNDS)).items():
        parts = ([one.process for one in costs], [one.kernel for one in costs], [c.process + c.kernel for c in costs])
        rows.append(Row(name, tuple(f"{median(part):.0f} KiB" for part in parts)))
    note = f"{_CLIENTS} streams; what the clients' own sockets hold is not in it; goal: 512 KiB all told"
    yield Report("Memory of a stalled stream", ("stopped", "process", "kernel", "together"), tuple(rows), note)


def _cost(name: str, taken: int) -> _Cost:
    with open_stage() as stage, ExitStack() as clients:
        source = servers.upstream(stage)
        server = _SERVERS[name](stage, source)
        with ExitStack() as warm:
            for number in range(_WARM):
                warm.enter_context(_stalled(server, -1 - number, taken))
            _settled(server, source)
        time.sleep(0.5)
        before, kernel = resident_mib(server.pid)[0], in_kernel(server, source)
        for number in range(_CLIENTS):
            clients.enter_context(_stalled(server, number, taken))
        _settled(server, source)
        process = (resident_mib(server.pid)[0] - before) * 1024
        return _Cost(process / _CLIENTS, (in_kernel(server, source) - kernel) / _CLIENTS)


def _stalled(server: servers.Server, number: int, taken: int) -> socket.socket:
    """A client that reads `taken` bytes and no more."""
    client = connect(server)
    client.sendall(request(server.paths[number % len(server.paths)]))
    while taken > 0:
        taken -= len(client.recv(min(taken, 65536)))
    return client


def _settled(server: servers.Server, source: servers.Server) -> None:
    """Returns when nothing flows any more."""
    before = (-1.0, -1.0)
    while before != (now := (resident_mib(server.pid)[0], in_kernel(server, source))):
        before = now
        time.sleep(0.7)


def in_kernel(server: servers.Server, source: servers.Server) -> float:
    """KiB that the kernel holds for the server's ends of its connections: queued, waiting, and set aside (ss(8))."""
    listing = subprocess.run(["ss", "-tmnHO"], capture_output=True, text=True, check=True).stdout
    total = 0
    for line in listing.splitlines():
        local, peer = line.split()[3:5]
        if local.endswith(f":{server.port}") or peer.endswith(f":{source.port}"):
            memory = dict(re.findall(r"([a-z]+)(\d+)", line.partition("skmem:(")[2]))
            total += sum(int(memory[kind]) for kind in ("r", "w", "f"))
    return total / 1024
