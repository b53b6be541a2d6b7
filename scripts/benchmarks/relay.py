"""CPU seconds of a relay per GB that passes through it, http upstream."""

from collections.abc import Callable, Iterator

from stage import open_stage

from benchmarks import servers
from benchmarks.http import download, request
from benchmarks.measure import Report, Row, cpu_seconds, interleave, median


def run(*, rounds: int) -> Iterator[Report]:
    """CPU seconds per GB of each relay, and how many times nginx's that is."""
    with open_stage() as stage:
        source = servers.upstream(stage)
        ours = servers.relay(stage, source)
        nginx = servers.nginx_proxy(stage, source)
        variants = {
            "nginx proxy_pass": _per_gb(nginx),
            "mpdbridge, byte ranges": _per_gb(ours),
            "mpdbridge, ICY": _per_gb(ours, Icy_MetaData="1"),
            "plain loop, 8 KiB": _per_gb(servers.plain_loop(stage, source)),
        }
        results = interleave(variants, rounds)
    base = median(results["nginx proxy_pass"])
    rows = tuple(
        Row(name, (f"{median(values):.2f} s", f"{median(values) / base:.2f} x")) for name, values in results.items()
    )
    note = "nginx: proxy_buffering off, proxy_buffer_size 256k, upstream connections kept"
    yield Report("Relay: CPU per GB", ("relay", "CPU per GB", "beside nginx"), rows, note)


def _per_gb(server: servers.Server, **headers: str) -> Callable[[], float]:
    wanted = request(server.path, **headers)

    def once() -> float:
        before = cpu_seconds(server.pid)
        # The head of the answer is in the count; it is nothing beside the body.
        count = download(server.port, wanted) + download(server.port, wanted)
        if count < 2 * servers.BIG:
            raise RuntimeError(f"port {server.port} sent {count} bytes, not {2 * servers.BIG}")
        return (cpu_seconds(server.pid) - before) / (count / 1e9)

    return once
