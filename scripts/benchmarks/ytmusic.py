"""`mpdbridge sync` of a big library at YouTube Music: the real ytmusicapi, a server of ours, and a real MPD."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from stage import Stage, StageError, open_stage, private_environment
from support.innertube import BROWSER_HEADERS

from benchmarks.measure import Report, Row, median
from mpdbridge.sources.ytmusic.gentle import BURST, PER_SECOND

TRACKS = 10_000
PLAYLISTS = 50
_NAMES = ("first sync", "no-change sync")
Figures = tuple[float, float, float, int]


def run(*, rounds: int) -> Iterator[Report]:
    """The whole process, imports included: wall and CPU seconds, MiB at most, and requests made."""
    figures: dict[str, list[Figures]] = {name: [] for name in _NAMES}
    for _ in range(rounds):
        with open_stage() as stage, _library() as server:
            stage.start_mpd()
            login = stage.folder / "browser.json"
            login.write_text(json.dumps(BROWSER_HEADERS))
            login.chmod(0o600)
            stage.write_config(sources={"ytmusic": {"auth_file": str(login)}})
            for name in _NAMES:
                figures[name].append(_sync(stage, server))
    rows = []
    for name, each in figures.items():
        wall, cpu, most, requests = (median([one[field] for one in each]) for field in range(4))
        slow = max(0.0, (requests - BURST) / PER_SECOND)
        cells = (f"{wall:.1f} s", f"{cpu:.1f} s", f"{most:.0f} MiB", f"{requests:.0f}", f"{slow:.0f} s")
        rows.append(Row(name, cells))
    title = f"YouTube Music: {TRACKS:,} tracks in {PLAYLISTS} playlists"
    note = "without the pace, which at YouTube itself makes it no faster than the last column; a page is 100 tracks"
    yield Report(title, ("", "wall", "our CPU", "memory", "requests", "at our pace"), tuple(rows), note)


@contextmanager
def _library() -> Iterator[subprocess.Popen[bytes]]:
    argv = [sys.executable, "-m", "benchmarks.innertubechild", str(TRACKS), str(PLAYLISTS)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=private_environment()) as server:
        yield server
        server.communicate()


def _told(server: subprocess.Popen[bytes]) -> int:
    return int(server.stdout.readline())


def _sync(stage: Stage, server: subprocess.Popen[bytes]) -> Figures:
    """One `mpdbridge sync`. Raises StageError when it fails."""
    words = ["-m", "support.cli_at_innertube", _port(server), "--config", str(stage.config), "sync", "--json"]
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=private_environment()
    )
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise StageError(f"the sync ended with {process.returncode}")
    server.stdin.write(b"requests\n")
    server.stdin.flush()
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, _told(server)


def _port(server: subprocess.Popen[bytes]) -> str:
    server.stdin.write(b"port\n")
    server.stdin.flush()
    return str(_told(server))
