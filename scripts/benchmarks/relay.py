"""CPU seconds of a relay per GB that passes through it, from upstreams without and with TLS."""

from collections.abc import Callable, Iterator

from stage import open_stage

from benchmarks import servers
from benchmarks.http import download, request
from benchmarks.measure import Report, Row, cpu_seconds, interleave, median

# What is aimed at, as times nginx's: without TLS and with it.
_GOALS = {"mpdbridge, byte ranges": (1.7, 1.3), "mpdbridge, ICY": (1.9, 1.3)}


def run(*, rounds: int) -> Iterator[Report]:
    """CPU seconds per GB of each relay, and how many times nginx's that is."""
    for tls in (False, True):
        with open_stage() as stage:
            source = servers.upstream(stage, tls=tls)
            ours = servers.relay(stage, source)
            variants = {
                "nginx proxy_pass": _per_gb(servers.nginx_proxy(stage, source)),
                "mpdbridge, byte ranges": _per_gb(ours),
                "mpdbridge, ICY": _per_gb(ours, Icy_MetaData="1"),
                "plain loop, 8 KiB": _per_gb(servers.plain_loop(stage, source)),
            }
            interleave(variants, 1)  # connections, code and memory are warm
            results = interleave(variants, rounds)
        base = median(results["nginx proxy_pass"])
        rows = []
        for name, values in results.items():
            goal = f"{_GOALS[name][tls]} x" if name in _GOALS else ""
            rows.append(Row(name, (f"{median(values):.2f} s", f"{median(values) / base:.2f} x", goal)))
        note = "nginx: proxy_buffering off, proxy_buffer_size 256k, upstream connections kept; the loop sends no titles"
        title = f"Relay: CPU per GB, {'TLS' if tls else 'http'} upstream"
        yield Report(title, ("relay", "CPU per GB", "beside nginx", "goal"), tuple(rows), note)


def _per_gb(server: servers.Server, **headers: str) -> Callable[[], float]:
    wanted = request(server.path, **headers)

    def once() -> float:
        before = cpu_seconds(server.pid)
        # The head of the answer is in the count; it is nothing beside the body.
        count = download(server, wanted) + download(server, wanted)
        if count < 2 * servers.BIG:
            raise RuntimeError(f"port {server.port} sent {count} bytes, not {2 * servers.BIG}")
        return (cpu_seconds(server.pid) - before) / (count / 1e9)

    return once
