"""Random libraries, edits, failures and kills against a real mpd: it holds what the last healthy answers said."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from support.bridge import URLS, Bridge, clear, open_bridge, playlists_of, save
from support.killing import Fuse, Killed, killed_sync
from support.libraries import Library, Shelf, histories, is_healthy, track
from support.mpd_client import Ack

from mpdbridge.models import PlaylistRef
from mpdbridge.mpd.names import HiddenName
from mpdbridge.store import TrackStore
from mpdbridge.sync.m3u_fallback import M3UDirectory
from mpdbridge.sync.naming import base_name, is_form_of

USERS = {"Mine": ["http://radio/1", "http://radio/1"], "YT: Mix": ["http://radio/2"], "YT: 夜 (2)": ["http://radio/3"]}


def fill(mpd, users: Mapping[str, Sequence[str]]) -> None:
    clear(mpd)
    for name, uris in users.items():
        save(mpd, name, uris)


def uris_of(library: Library, shelf: Shelf) -> list[str]:
    return [URLS.of(track(number, library.source)) for number in shelf.numbers]


async def check(bridge: Bridge, mpd, day: Sequence[Library], users: Mapping[str, Sequence[str]]) -> None:
    """MPD holds the healthy answers of `day` and what the user made; every other playlist is one of ours."""
    present = playlists_of(mpd)
    claims = await bridge.store.run(TrackStore.published, bridge.target)
    assert {name: present.get(name) for name in users} == users
    owners = [claim.mpd_name for claim in claims.values()]
    assert len(owners) == len(set(owners))
    elsewhere = await bridge.store.run(TrackStore.published_elsewhere, bridge.target)
    assert set(present) <= {*users, *owners, *(claim.mpd_name for claim in elsewhere)}, "nobody's playlist"
    for library in day:
        for shelf in library.shelves if not library.broken else ():
            if is_healthy(shelf):
                claim = claims[library.source, shelf.playlist_id]
                assert present[claim.mpd_name] == uris_of(library, shelf)
                ref = PlaylistRef(library.source, shelf.playlist_id, shelf.name)
                assert is_form_of(claim.mpd_name, base_name(ref, "YT: "))
                assert claim.published_at is not None


@given(history=histories(days=5))
@settings(max_examples=settings.default.max_examples // 4)
async def test_mpd_follows_the_healthy_answers_and_leaves_the_users_playlists(mpd, history) -> None:
    fill(mpd, USERS)
    async with open_bridge(mpd) as bridge:
        for day in history:
            await bridge.sync(*day)
            await check(bridge, mpd, day, USERS)


@given(history=histories(days=3), kills=st.lists(st.integers(0, 40), min_size=1, max_size=4))
@settings(max_examples=settings.default.max_examples // 2)
async def test_a_sync_killed_between_any_two_steps_is_made_good_by_the_next(mpd, history, kills) -> None:
    """Kills come between the calls here; inside of them they are for the publisher's own tests and the one below."""
    fill(mpd, USERS)
    *days, last = history
    async with open_bridge(mpd) as bridge:
        for day in days:
            await bridge.sync(*day)
        for calls in kills:
            before = playlists_of(mpd)
            await killed_sync(bridge, last, Fuse(calls))
            whole = [*before.values(), *(uris_of(library, shelf) for library in last for shelf in library.shelves)]
            whole += [uris_of(library, shelf)[:-1] for library in last for shelf in library.shelves]  # a short answer
            assert all(uris in whole for uris in playlists_of(mpd).values()), "half-written"
        await bridge.sync(*last)
        await check(bridge, mpd, last, USERS)


@given(
    history=histories(days=4), ways=st.lists(st.tuples(st.booleans(), st.sampled_from("ab")), min_size=4, max_size=4)
)
@settings(max_examples=settings.default.max_examples // 4)
async def test_files_and_commands_and_addresses_may_change_from_sync_to_sync(mpd, history, ways) -> None:
    """Natively or as files, by socket or by TCP: it is the same MPD, and nothing in it is doubled."""
    fill(mpd, USERS)
    async with open_bridge(mpd) as bridge:
        native = bridge.destination
        for day, (as_files, target) in zip(history, ways, strict=False):
            bridge.destination = M3UDirectory(mpd.playlist_directory) if as_files else native
            bridge.target = target
            await bridge.sync(*day)
            await check(bridge, mpd, day, USERS)


_SYNC = """
import asyncio, sys
from pathlib import Path
from types import SimpleNamespace
from support.bridge import open_bridge
from support.killing import Fuse, Killed, killed_sync
from support.libraries import Library, Shelf

async def main(socket, database, first):
    day = Library("first", tuple(
        Shelf(str(n), f"List {n} of {first // 1000}", tuple(range(first + n, first + n + 400))) for n in range(12)
    ))
    async with open_bridge(SimpleNamespace(socket=socket), path=database) as bridge:
        print("ready", flush=True)
        await bridge.sync(day)

asyncio.run(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
"""


def start(mpd, database: Path, first: int) -> subprocess.Popen[bytes]:
    """A process that syncs 12 playlists of 400 tracks; those for another `first` have other names and tracks."""
    tests = Path(__file__).parent.parent
    process = subprocess.Popen(
        [sys.executable, "-c", _SYNC, str(mpd.socket), str(database), str(first)],
        stdout=subprocess.PIPE,
        # Not measured: a killed process leaves half a coverage file.
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("COV")},
            "PYTHONPATH": f"{tests}:{tests.parent}",
        },
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def settled(mpd) -> dict[str, list[str]]:
    """What MPD holds once it has carried out what a killed client had sent already."""
    before = None
    while True:
        try:
            present = playlists_of(mpd)
        except Ack:  # a playlist was renamed between our question for its name and for its tracks
            continue
        if present == before:
            return {name: uris for name, uris in present.items() if HiddenName.parse(name) is None}
        before = present


def generation(first: int) -> dict[str, list[str]]:
    """The playlists that `start` makes."""
    lists = {n: range(first + n, first + n + 400) for n in range(12)}
    return {
        f"YT: List {n} of {first // 1000}": [URLS.of(track(one)) for one in numbers] for n, numbers in lists.items()
    }


def test_a_process_killed_in_the_middle_leaves_nothing_half_written(mpd, tmp_path) -> None:
    fill(mpd, USERS)
    database = tmp_path / "tracks.db"
    with start(mpd, database, 0) as process:
        began = time.monotonic()
        assert process.wait(60) == 0
    longest = time.monotonic() - began
    whole = [*USERS.values(), *generation(0).values(), *generation(1000).values()]
    chance, kills = random.Random(7), 0
    for attempt in range(1, 40):
        with start(mpd, database, 1000 * (attempt % 2)) as process:
            time.sleep(longest * chance.random())
            process.kill()
            killed = process.wait(60) == -signal.SIGKILL
        kills += killed
        longest *= 1 if killed else 0.5  # the first one may have run while the machine was busy
        present = settled(mpd)
        assert {name: present.get(name) for name in USERS} == USERS
        assert all(uris in whole for uris in present.values()), "half-written"
        assert len(present) == len(USERS) + 12, "missing or doubled"
        if kills == 6:
            break
    assert kills == 6
    with start(mpd, database, 5000) as process:
        assert process.wait(60) == 0
    assert playlists_of(mpd) == {**USERS, **generation(5000)}


async def test_what_the_kill_tests_kill_with_works() -> None:
    async def nothing() -> None:
        await asyncio.sleep(0)

    fused = Fuse(1).wrap(nothing)
    await fused()
    try:
        await fused()
    except Killed:
        return
    raise AssertionError("not killed")
