"""From music.youtube.com to MPD with everything in between real, on bad days too: nothing is ever lost.

Random libraries, edits, refusals, pages that break off and logins that die, and a kill -9 of the whole program. After
the next good day MPD holds exactly what the library has, and of the user's own playlists nothing has changed.
"""

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.bridge import URLS, Bridge, clear, open_bridge, playlists_of, save
from support.innertube import BROWSER_HEADERS, FakeArtist, FakeInnerTube, FakePlaylist, Song
from support.libraries import NAMES
from support.waiting import eventually

from mpdbridge.config import YTMusicSettings
from mpdbridge.mpd.names import HiddenName
from mpdbridge.sources.ytmusic import YTMusicSource
from mpdbridge.store import TrackStore

pytestmark = pytest.mark.mpd
USERS = {"Mine": ["http://radio/1", "http://radio/1"], "YT: Mix": ["http://radio/2"]}
UNPLAYABLE = 8  # songs from this number on are greyed out
Troubles = st.sampled_from(
    ["none", "requests", "429", "pages break", "list breaks", "hiccup", "login dies", "empty", "a playlist fails"]
)
PAGE = 2
ARTIST, HANDLE = "UCvCk2zFqkCYzpnSgWfx0qOg", "@band"  # given by a link, as long as he has songs
HITS = (1, 2)


@dataclass(frozen=True)
class Day:
    """A library of one day: title and songs of each playlist, in the order of the library; and what goes wrong."""

    library: Mapping[str, tuple[str, tuple[int, ...]]]
    trouble: str = "none"
    at: int = 0

    def truth(self, *, links: bool = False) -> dict[str, list[str]]:
        """The tracks that can be played, by playlist."""
        return ({ARTIST: [f"video-{number:05}" for number in HITS]} if links else {}) | {
            key: [f"video-{number:05}" for number in numbers if number < UNPLAYABLE]
            for key, (_, numbers) in self.library.items()
        }

    @property
    def tells_all(self) -> bool:
        """Whether anything can be concluded about what is not listed; the list begins with a button."""
        breaks = self.trouble == "list breaks" and 1 + len(self.library) > PAGE
        return not breaks and self.trouble not in ("429", "login dies", "empty")


playlists = st.tuples(st.sampled_from(NAMES), st.lists(st.integers(0, 9), max_size=7).map(tuple))
libraries = st.dictionaries(st.sampled_from(["LM", *(f"PLmine{one * 8}" for one in "ABCD")]), playlists, max_size=5)
days = st.builds(Day, libraries, Troubles, st.integers(0, 12))
FOUR = {f"PLmine{one * 8}": (f"List {one}", (1, 2, 3)) for one in "ABCD"}


def song(number: int) -> Song:
    return Song(video_id=f"video-{number:05}", title=f"Song {number}", playable=number < UNPLAYABLE)


def open_shop(tube: FakeInnerTube, day: Day) -> None:
    """Makes `tube` what it is on that day."""
    tube.playlists = {
        key: FakePlaylist(title, list(map(song, numbers)), breaks_after=1 if day.trouble == "pages break" else None)
        for key, (title, numbers) in day.library.items()
    }
    tube.playlists["PLhits0000000"] = FakePlaylist("Hits", list(map(song, HITS)))
    tube.artists = {ARTIST: FakeArtist("Band", "PLhits0000000")}
    tube.handles = {f"https://www.youtube.com/{HANDLE}": ARTIST}
    tube.library = [] if day.trouble == "empty" else list(day.library)
    tube.login.alive = day.trouble != "login dies"
    tube.library_breaks = day.trouble == "list breaks"
    tube.hiccups = 1 if day.trouble == "hiccup" else 0
    tube.script.clear()
    if day.trouble == "requests":
        tube.script.extend([200] * day.at + [503] * 3)
    if day.trouble == "429":
        tube.script.append((429, {"Retry-After": "1000"}))
    if day.trouble == "a playlist fails" and day.library:
        del tube.playlists[sorted(day.library)[day.at % len(day.library)]]
        tube.library = [key for key in tube.library if key in tube.playlists]


@dataclass
class World:
    """What MPD holds of ours: the tracks of each playlist, by its id at the source."""

    held: dict[str, list[str]] = field(default_factory=dict)

    def check(self, day: Day, held: dict[str, list[str]]) -> None:
        """After a sync on `day`, `held` is what may have become of what was held before."""
        truth = day.truth(links=True)
        for key, before in self.held.items():
            if key not in held:
                assert key not in truth or day.trouble == "a playlist fails"
                assert day.tells_all, "removed, though nobody said that it is gone"
                continue
            whole = truth.get(key, before)
            grown = not Counter(before) - Counter(held[key]) and not Counter(held[key]) - Counter(whole)
            assert held[key] in (before, whole) or grown, "something was lost"
        if day.trouble in ("none", "hiccup") and day.library:
            assert set(held) >= {key for key, tracks in truth.items() if tracks}
            for key, tracks in truth.items():
                assert held.get(key, []) == (tracks or self.held.get(key, [])), "not what the library says"
            assert set(held) <= {*truth, "LM"}, "gone from the library"  # where liked songs always are
        self.held = held


async def held_of(bridge: Bridge, present: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The tracks of our playlists in MPD, by their ids at the source; nothing else but the user's is there."""
    claims = await bridge.store.run(TrackStore.published, bridge.target)
    held = {
        claim.playlist_id: [URLS.track_id(uri) or uri for uri in present[claim.mpd_name]]
        for claim in claims.values()
        if claim.mpd_name in present
    }
    assert set(present) == {*USERS, *(claim.mpd_name for claim in claims.values() if claim.mpd_name in present)}
    assert {name: present[name] for name in USERS} == USERS
    assert len(held) == len(present) - len(USERS), "two claims on one playlist"
    return held


def fill(mpd) -> None:
    clear(mpd)
    for name, uris in USERS.items():
        save(mpd, name, uris)


@pytest.fixture
def auth_file(tmp_path: Path) -> Path:
    file = tmp_path / "browser.json"
    file.write_text(json.dumps(BROWSER_HEADERS))
    file.chmod(0o600)
    return file


@given(history=st.lists(days, min_size=2, max_size=5))
@example(history=[Day(FOUR), Day(FOUR, "list breaks")])
@example(history=[Day(FOUR), Day(FOUR, "requests", 3)])
@settings(max_examples=settings.default.max_examples // 2)
async def test_mpd_follows_the_library_and_loses_nothing_on_bad_days(mpd, auth_file: Path, history: list[Day]) -> None:
    fill(mpd)
    world = World()
    async with FakeInnerTube(page=PAGE) as tube, open_bridge(mpd) as bridge:
        for day in [*history, replace(history[-1], trouble="none")]:
            open_shop(tube, day)
            wanted = YTMusicSettings(auth_file=auth_file, playlists=(HANDLE,))
            source = YTMusicSource(settings=wanted, session_factory=tube.session_factory)
            await bridge.sync_from([source])
            await source.aclose()
            world.check(day, await held_of(bridge, playlists_of(mpd)))


async def test_an_unchanged_library_costs_one_request_for_each_page(mpd, auth_file: Path) -> None:
    """50 playlists of 10,000 tracks, on a scale of one to ten: 5 pages of playlists, 100 pages of tracks."""
    async with FakeInnerTube(page=10) as tube, open_bridge(mpd) as bridge:
        for number in range(49):
            rows = [song(7 * number + one % 7) for one in range(20)]
            tube.playlists[f"PLmine{number:08}"] = FakePlaylist(f"List {number}", rows)
        tube.library = list(tube.playlists)
        tube.playlists["LM"] = FakePlaylist("Liked Music", [song(one % 7) for one in range(20)])
        for _ in range(2):
            source = YTMusicSource(settings=YTMusicSettings(auth_file=auth_file), session_factory=tube.session_factory)
            tube.asked.clear()
            report = await bridge.sync_from([source])
            await source.aclose()
            assert len(tube.asked) == 5 + 100
        assert (report.count("unchanged"), report.tracks_changed) == (50, 0)


def start_sync(tmp_path: Path, mpd, tube: FakeInnerTube, auth_file: Path) -> subprocess.Popen[bytes]:
    """The program itself."""
    tests = Path(__file__).parent.parent
    config = {
        "mpd": {"host": str(mpd.socket)},
        "proxy": {"track_mapping_db": str(tmp_path / "tracks.db")},
        "sources": {"ytmusic": {"auth_file": str(auth_file)}},
    }
    (tmp_path / "c.yaml").write_text(json.dumps(config))
    words = ["-m", "support.cli_at_innertube", str(tube.port), "--config", str(tmp_path / "c.yaml"), "sync", "--json"]
    return subprocess.Popen(
        [sys.executable, *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # Not measured: a killed process leaves half a coverage file.
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("COV")},
            "PYTHONPATH": f"{tests}:{tests.parent}",
        },
    )


async def test_the_program_killed_at_any_moment_leaves_nothing_half_done(mpd, tmp_path: Path, auth_file: Path) -> None:
    fill(mpd)
    chance = random.Random(11)

    def library_of(generation: int) -> Day:
        some = [(f"PLmine{one:08}" if one else "LM", one) for one in range(12) if not one or (one + generation) % 5]
        return Day(
            {
                key: (
                    f"List {one} of {generation}",
                    tuple((one + generation + n) % UNPLAYABLE for n in range(30 + one)),
                )
                for key, one in some
            }
        )

    async with FakeInnerTube(page=10) as tube:
        open_shop(tube, library_of(0))
        began = time.monotonic()
        assert await asyncio.to_thread(start_sync(tmp_path, mpd, tube, auth_file).wait, 60) == 0
        takes = time.monotonic() - began
        whole = list(library_of(0).truth().values())
        kills = 0
        for generation in range(1, 30):
            day = library_of(generation)
            open_shop(tube, day)
            whole += day.truth().values()
            tube.asked.clear()
            with start_sync(tmp_path, mpd, tube, auth_file) as process:
                await eventually(lambda: tube.asked, "the program to ask for the library", limit=30)
                await asyncio.sleep(chance.random() * takes / 2)
                kills += process.poll() is None
                process.kill()
                await asyncio.to_thread(process.wait, 60)
            present = {
                name: uris
                for name, uris in (await asyncio.to_thread(playlists_of, mpd)).items()
                if HiddenName.parse(name) is None
            }
            assert {name: present.pop(name) for name in USERS} == USERS
            assert all([URLS.track_id(uri) for uri in uris] in whole for uris in present.values()), "half-written"
            if kills == 5:
                break
        assert kills == 5
        open_shop(tube, library_of(99))
        with start_sync(tmp_path, mpd, tube, auth_file) as process:
            assert await asyncio.to_thread(process.wait, 60) == 0
        async with open_bridge(mpd, path=tmp_path / "tracks.db") as bridge:
            assert await held_of(bridge, await asyncio.to_thread(playlists_of, mpd)) == library_of(99).truth()
