"""How things are measured: CPU and memory from /proc, wall time, medians of interleaved rounds."""

import os
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(*pids: int) -> float:
    """User and system seconds that these processes have used so far, with their ended children."""
    total = 0
    for pid in pids:
        # proc(5): the name in field 2 may hold spaces; utime, stime, cutime, cstime are fields 14 to 17.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += sum(int(ticks) for ticks in fields[11:15])
    return total / _TICKS


def resident_mib(pid: int) -> tuple[float, float]:
    """Memory that is resident now and was at most (VmRSS, VmHWM), in MiB."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    return (int(status["VmRSS"].split()[0]) / 1024, int(status["VmHWM"].split()[0]) / 1024)


def interleave(variants: Mapping[str, Callable[[], T]], rounds: int) -> dict[str, list[T]]:
    """Measures every variant once per round, one after the other, so that a noisy minute hits all of them."""
    results: dict[str, list[T]] = {name: [] for name in variants}
    for number in range(rounds):
        # Every other round backwards: nobody always runs after the same neighbour.
        for name in list(variants)[:: 1 if number % 2 == 0 else -1]:
            results[name].append(variants[name]())
    return results


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * int(percent) // 100) - 1)]


@dataclass(frozen=True)
class Row:
    """One line of a result table: a name and cells as text."""

    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """A result table.

    Attributes:
        note: what the figures mean and what was aimed at.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    note: str = ""
