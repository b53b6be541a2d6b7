"""A sync of 10,000 tracks into MPD, first and again without a change, beside the same playlistadd lines sent raw."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator

from stage import Stage, open_stage, private_environment

from benchmarks.measure import Report, Row, median
from benchmarks.rawmpd import RawMpd, quoted
from benchmarks.syncchild import PLAYLISTS, TRACKS, playlists
from mpdbridge.urls import ProxyUrls

_NAMES = ("raw playlistadd", "first sync", "no-change sync")


def run(*, rounds: int) -> Iterator[Report]:
    """Wall and CPU seconds of each; the whole process of the no-change sync, imports included, on a line of its own."""
    walls: dict[str, list[float]] = {name: [] for name in _NAMES}
    cpus: dict[str, list[float]] = {name: [] for name in (*_NAMES[1:], "process")}
    for _ in range(rounds):
        with open_stage() as stage:
            stage.start_mpd()
            walls["raw playlistadd"].append(_raw(stage))
        with open_stage() as stage:
            stage.start_mpd()
            for name in _NAMES[1:]:
                figures = sync_once(stage)
                walls[name].append(figures["wall"])
                cpus[name].append(figures["cpu"])
            cpus["process"].append(figures["process_cpu"])
    wall = {name: median(values) for name, values in walls.items()}
    cpu = {name: median(values) for name, values in cpus.items()}
    raw, first, again = _NAMES
    rows = (
        Row(raw, (f"{wall[raw]:.3f} s", "", "1.00 x")),
        Row(first, (f"{wall[first]:.3f} s", f"{cpu[first]:.3f} s", f"{wall[first] / wall[raw]:.2f} x")),
        Row(again, (f"{wall[again]:.3f} s", f"{cpu[again]:.3f} s", "")),
        Row("no-change, with imports", ("", f"{cpu['process']:.3f} s", "")),
    )
    title = f"Sync: {TRACKS:,} tracks in {PLAYLISTS} playlists"
    note = "CPU is ours, not MPD's; aim: no-change sync under 1 s of it"
    yield Report(title, ("", "wall", "our CPU", "beside raw"), rows, note)


def _raw(stage: Stage) -> float:
    """Seconds to send the lines that create the same playlists."""
    urls = ProxyUrls.for_listener("localhost", stage.port)
    lines = [
        quoted("playlistadd", playlist.ref.name, urls.of(track))
        for playlist in playlists()
        for track in playlist.tracks
    ]
    with RawMpd(stage.mpd_socket) as client:
        start = time.perf_counter()
        client.lists(lines)
        return time.perf_counter() - start


def sync_once(stage: Stage, *options: str) -> dict[str, float]:
    """What `syncchild` measured, in a process of its own; `options` as there."""
    where = (str(stage.mpd_socket), str(stage.folder / "tracks.db"))
    argv = [sys.executable, "-m", "benchmarks.syncchild", *where, *options]
    done = subprocess.run(argv, check=True, stdout=subprocess.PIPE, env=private_environment())
    return dict(json.loads(done.stdout))
