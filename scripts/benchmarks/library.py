"""Library mode with 10,000 tracks: first sync, no change, changed tags, and switched off; with MPD's own work."""

import time
from collections.abc import Iterator

from stage import Stage, open_stage

from benchmarks.measure import Report, Row, cpu_seconds, median
from benchmarks.sync import sync_once
from benchmarks.syncchild import TRACKS

_RUNS = (
    ("first sync", ("--library",)),
    ("no-change sync", ("--library",)),
    ("one title changed", ("--library", "--retitled", "1")),
    ("1,000 titles changed", ("--library", "--retitled", "1000")),
    ("switched off", ()),
)


def run(*, rounds: int) -> Iterator[Report]:
    """Wall seconds and CPU seconds, ours and MPD's, of each; and what MPD needs to read so many files alone."""
    figures: dict[str, list[tuple[float, float, float]]] = {name: [] for name, _ in _RUNS}
    updates: list[float] = []
    for _ in range(rounds):
        with open_stage() as stage:
            mpd = stage.start_mpd().pid
            for name, options in _RUNS:
                before = cpu_seconds(mpd)
                found = sync_once(stage, *options)
                figures[name].append((found["wall"], found["cpu"], cpu_seconds(mpd) - before))
                if name == "no-change sync":
                    updates.append(_update(stage))
    rows = [
        Row(name, tuple(f"{median(column):.3f} s" for column in zip(*values, strict=True)))
        for name, values in figures.items()
    ]
    note = f"an `update` of all these unchanged files alone takes MPD {median(updates):.3f} s"
    yield Report(f"Library mode: {TRACKS:,} tracks", ("", "wall", "our CPU", "MPD's CPU"), tuple(rows), note)


def _update(stage: Stage) -> float:
    with stage.client() as client:
        start = time.perf_counter()
        client.update()
        while "updating_db" in client.status():
            time.sleep(0.005)
        return time.perf_counter() - start
