"""Time to the first byte of a warm track, beside fetching it directly and beside nginx."""

from collections.abc import Callable, Iterator

from stage import open_stage

from benchmarks import servers
from benchmarks.http import first_byte, request
from benchmarks.measure import Report, Row, interleave, median, percentile

_REQUESTS = 300


def run(*, rounds: int) -> Iterator[Report]:  # noqa: ARG001  # a round here is one request
    """Milliseconds: median, 90th and 99th percentile of 300 requests for 64 KiB, a new connection each."""
    with open_stage() as stage:
        source = servers.upstream(stage)
        ours = servers.relay(stage, source)
        variants = {
            "direct": _timed(source, Range="bytes=0-65535"),
            "nginx proxy_pass": _timed(servers.nginx_proxy(stage, source), Range="bytes=0-65535"),
            "mpdbridge": _timed(ours, Range="bytes=0-65535"),
        }
        interleave(variants, 20)  # warm connections, warm caches
        results = interleave(variants, _REQUESTS)
    base = median(results["direct"])
    rows = []
    for name, seconds in results.items():
        cells = (
            f"{value * 1000:.2f} ms" for value in (median(seconds), percentile(seconds, 90), percentile(seconds, 99))
        )
        rows.append(Row(name, (*cells, f"+{(median(seconds) - base) * 1000:.2f} ms")))
    columns = ("from", "median", "p90", "p99", "added (median)")
    yield Report("First byte", columns, tuple(rows), "aim: within 5 ms of direct on a warm URL")


def _timed(server: servers.Server, **headers: str) -> Callable[[], float]:
    wanted = request(server.path, **headers)
    return lambda: first_byte(server.port, wanted)
