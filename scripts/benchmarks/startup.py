"""Time of `mpdbridge --help`, beside a Python that does nothing."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

from benchmarks.measure import Report, Row, interleave, median


def run(*, rounds: int) -> Iterator[Report]:
    """Wall seconds of both, and their ratio."""
    variants = {
        "python -c pass": lambda: _wall([sys.executable, "-c", "pass"]),
        "mpdbridge --help": lambda: _wall([sys.executable, "-m", "mpdbridge", "--help"]),
    }
    results = interleave(variants, 2 * rounds)
    base = median(results["python -c pass"])
    rows = (
        Row(name, (f"{median(walls):.3f} s", f"{median(walls) / base:.1f} x"))
        for name, walls in results.items()
    )  # fmt: skip
    yield Report("Start-up", ("command", "wall", "ratio"), tuple(rows), "aim: under 0.3 s")


def _wall(argv: Sequence[str]) -> float:
    start = time.perf_counter()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start
