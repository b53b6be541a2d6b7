"""Time to the first byte of a warm track, beside fetching it directly and beside nginx."""

import time
from collections.abc import Callable, Iterator
from functools import partial

from stage import open_stage

from benchmarks import servers
from benchmarks.http import connect, first_byte, request
from benchmarks.measure import Report, Row, interleave, median, percentile

_REQUESTS = 300
_BEYOND_HEAD = 300_000  # bytes; who has read so many has left the track's head on disk


def run(*, rounds: int) -> Iterator[Report]:  # noqa: ARG001  # a round here is one request
    """Milliseconds: median, 90th and 99th percentile of 300 requests for 64 KiB each.

    All use a connection to upstream that is kept. Clients of a relay make a new one to it each time: that is in what is
    added.
    """
    for tls in (False, True):
        with open_stage() as stage:
            source = servers.upstream(stage, tls=tls)
            ours = servers.relay(stage, source, tracks=2)
            headed = servers.Server(ours.pid, ours.port, ours.paths[1:])
            _once(headed, _BEYOND_HEAD)()
            with connect(source) as direct:
                variants: dict[str, Callable[[], float]] = {
                    "direct": partial(first_byte, direct, _request(source)),
                    "nginx proxy_pass": _once(servers.nginx_proxy(stage, source)),
                    "mpdbridge": _once(ours),
                    "mpdbridge, head on disk": _once(headed),
                }
                interleave(variants, 20)  # warm connections, warm caches
                results = interleave(variants, _REQUESTS)
        columns = ("from", "median", "p90", "p99", "added: median", "p90", "p99")
        title = f"First byte, {'TLS' if tls else 'http'} upstream"
        yield Report(title, columns, tuple(_rows(results)), "goal: 1.5 ms added in the median, 2 ms at p90")


def _rows(results: dict[str, list[float]]) -> Iterator[Row]:
    base = median(results["direct"])
    for name, seconds in results.items():
        figures = (median(seconds), percentile(seconds, 90), percentile(seconds, 99))
        added = (f"{(value - base) * 1000:+.2f} ms" for value in figures)
        yield Row(name, (*(f"{value * 1000:.2f} ms" for value in figures), *added))


def _once(server: servers.Server, size: int = 65536) -> Callable[[], float]:
    wanted = _request(server, size)

    def once() -> float:
        start = time.perf_counter()
        with connect(server) as connection:
            connected = time.perf_counter() - start
            return connected + first_byte(connection, wanted)

    return once


def _request(server: servers.Server, size: int = 65536) -> bytes:
    return request(server.path, Connection="keep-alive", Range=f"bytes=0-{size - 1}")
