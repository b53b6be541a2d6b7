"""Random libraries, edits, users and kills in library mode, on a real mpd: what hangs on a song's URI stays with it."""

import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.bridge import clear, playlists_of
from support.killing import Killed
from support.library import FOLDER, LibraryBridge, TrackSource, track, update
from support.mpd_process import MpdProcess

from mpdbridge.cue import sheet_value
from mpdbridge.models import Track
from mpdbridge.mpd.dropped import DroppedEntries
from mpdbridge.mpd.library import SheetLibrary
from mpdbridge.mpd.sheets import SheetDirectory
from mpdbridge.mpd.song_database import SongDatabase
from mpdbridge.mpd.tag_diff import desired_tags
from mpdbridge.store import TrackStore
from mpdbridge.sync.session import SyncSession

NAMES = ["Plain", "plain", "a/b", 'q"uo"te', "夜", "..", "x" * 300, "line\nbreak"]
FOREIGN = {f"{FOLDER}/Plain/own.txt": "mine", f"{FOLDER}/own [abcdefghijk].cue": "TITLE x\n", "other.cue": "TITLE y\n"}


@dataclass(frozen=True)
class Day:
    """What has changed since yesterday.

    Attributes:
        playlists: the numbers of their tracks.
        retagged: tags that tracks have from now on, by number.
        on: whether library mode is.
        rated, queued: songs that the user puts a sticker on, or into the queue, by number.
        deleted: sheets that the user deletes.
        updates: the user updates MPD's database after that.
        kills: after how many steps of a sync it is killed, one sync after the other.
    """

    playlists: Mapping[str, Sequence[int]]
    retagged: Mapping[int, Mapping[str, object]]
    on: bool
    rated: Sequence[int]
    queued: Sequence[int]
    deleted: Sequence[int]
    updates: bool
    kills: Sequence[int]


numbers = st.integers(1, 5)
names = st.sampled_from(NAMES)
tags = st.fixed_dictionaries(
    {"title": names},
    optional={
        "artists": st.lists(names, max_size=2).map(tuple),
        "album": st.none() | names,
        "track_number": st.none() | st.integers(1, 30),
        "duration": st.none() | st.integers(1, 6000).map(float),
    },
)
few = st.lists(numbers, max_size=4, unique=True)
days = st.builds(
    Day,
    playlists=st.dictionaries(st.sampled_from(["Mix", "Other"]), st.lists(numbers, min_size=1, max_size=6), min_size=1),
    retagged=st.dictionaries(numbers, tags, max_size=3),
    on=st.sampled_from([True] * 6 + [False]),
    rated=few,
    queued=few,
    deleted=st.lists(numbers, max_size=1),
    updates=st.booleans(),
    kills=st.lists(st.integers(0, 8), max_size=2),
)


@dataclass
class World:
    """The real thing, and what should be in it.

    Attributes:
        tracks: as their source has them today.
        uris: the URI that each track got first, for as long as it is a song.
        stickers: what the user put on songs, by the number of the track; they outlive library mode.
        queue: the number of each entry's track, and whether it stands there as a song, or as a link.
    """

    mpd: MpdProcess
    library: LibraryBridge
    session: SyncSession
    tracks: dict[int, Track] = field(default_factory=lambda: {number: track(number) for number in range(1, 6)})
    uris: dict[int, str] = field(default_factory=dict)
    stickers: dict[int, dict[str, str]] = field(default_factory=dict)
    queue: list[tuple[int, bool]] = field(default_factory=list)

    async def live(self, day: Day) -> None:
        doomed = self._user(day)
        session = self._session(day)
        for steps in day.kills:
            await killed_run(session, steps)
            assert not Counter(one for one, _ in self._queue()) - Counter(one for one, _ in self.queue), "none comes"
        self.queue = [entry for entry in self.queue if entry not in doomed]
        report = await session.run()
        assert (report.warnings, report.failed) == ((), False)
        await self._learn_tags()
        self._check(day)

    async def begin(self, day: Day, steps: int) -> bool:
        """Whether a sync on `day` has more `steps`; it is killed after them."""
        self._user(day)
        killed = await killed_run(self._session(day), steps)
        links = {number for number, is_song in self._queue() if not is_song}  # what a song became, it stays
        self.queue = [(number, is_song and number not in links) for number, is_song in self.queue]
        return killed

    def _session(self, day: Day) -> SyncSession:
        for number, changed in day.retagged.items():
            self.tracks[number] = replace(self.tracks[number], **changed)
        playlists = {name: [self.tracks[one] for one in chosen] for name, chosen in day.playlists.items()}
        configured = self.library.settings(library={"enabled": day.on})
        return replace(self.session, settings=configured, sources=[TrackSource(playlists)])

    def _user(self, day: Day) -> set[tuple[int, bool]]:
        """Returns the entries of the queue that the next sync to its end will cost: their sheets are gone for good."""
        doomed: set[tuple[int, bool]] = set()
        songs, wanted = self.library.songs(), {number for chosen in day.playlists.values() for number in chosen}
        for number in day.rated:
            if (uri := self.uris.get(number)) in songs:
                self.mpd.command("sticker", "set", "song", uri, "rating", str(number))
                self.stickers.setdefault(number, {})["rating"] = str(number)
        for number in day.queued:
            if (uri := self.uris.get(number)) in songs:
                self.mpd.command("add", uri)
                self.queue.append((number, True))
        for number in day.deleted:
            if (uri := self.uris.get(number)) in songs:
                (self.mpd.music_directory / uri).parent.unlink(missing_ok=True)
                if day.updates or (day.on and number not in wanted):  # else MPD does not miss it before a sync asks
                    self.stickers.pop(number, None)
                if day.updates or number not in wanted:
                    doomed |= {(number, True)} if day.on or day.updates else set()  # else it becomes a link
        if day.updates:
            update(self.mpd)
            self.queue = [entry for entry in self.queue if entry not in doomed]
        return doomed

    async def _learn_tags(self) -> None:
        """What the source does not tell any more, the store still knows."""
        ids = [one.track_id for one in self.tracks.values()]
        known = await self.session.store.run(TrackStore.tracks, ids)
        self.tracks = {number: known.get(one.track_id, one) for number, one in self.tracks.items()}

    def _check(self, day: Day) -> None:
        songs = self.library.songs()
        found = {uri: number for uri in songs for number in range(1, 6) if f"[{track(number).track_id}]" in uri}
        for name, text in FOREIGN.items():
            assert (self.mpd.music_directory / name).read_text() == text
        if not day.on:
            assert found == {}
            assert len([path for path in self.mpd.music_directory.rglob("*") if path.is_file()]) == len(FOREIGN)
            self.uris, self.queue = {}, [(number, False) for number, _ in self.queue]
            assert self._queue() == self.queue
            return
        wanted = {number for chosen in day.playlists.values() for number in chosen}
        held = {number for uri, number in found.items() if number in self.stickers or (number, True) in self.queue}
        assert sorted(found.values()) == sorted(wanted | held), "one song for each, and none that nobody needs"
        for uri, number in found.items():
            assert self.uris.setdefault(number, uri) == uri, "a song's URI is stable"
            self._check_tags(songs[uri], self.tracks[number])
            assert self.library.stickers(uri) == self.stickers.get(number, {})
        for number in set(self.uris) - set(found.values()):
            del self.uris[number]
        assert self._queue() == self.queue
        lists = playlists_of(self.mpd)
        for name, chosen in day.playlists.items():
            assert lists[f"YT: {name}"] == [self.uris[number] for number in chosen]

    def _check_tags(self, found: Mapping[str, Sequence[str]], known: Track) -> None:
        for tag, values in desired_tags(known).items():
            assert found[tag] == [sheet_value(value) for value in values]
        if known.duration:
            assert known.duration <= float(found["duration"][0]) < known.duration + 1

    def _queue(self) -> list[tuple[int, bool]]:
        uris = [entry["file"][0] for entry in self.mpd.queue()]
        known = self.session.settings.uris
        return [(int((known.track_id(uri) or "").removeprefix("track")), "://" not in uri) for uri in uris]


@contextmanager
def killing(steps: int):
    """Lets so many steps of library mode pass, and kills at the next one before it is done."""
    left = steps

    def step() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed

    def fused(method: Callable) -> Callable:
        def wrapped(*args, **kwargs):
            step()
            return method(*args, **kwargs)

        return wrapped

    with pytest.MonkeyPatch.context() as patch:
        for place, name in (
            (TrackStore, "keep_sheets"),
            (TrackStore, "forget_sheets"),
            (TrackStore, "mark_published"),
            (SheetDirectory, "_write"),
            (SheetDirectory, "remove"),
            (SheetLibrary, "_restore"),
            (SongDatabase, "update"),
            (SongDatabase, "add_stickers"),
            (DroppedEntries, "put_back"),
            (SongDatabase, "exchange"),
        ):
            patch.setattr(place, name, fused(getattr(place, name)))
        yield


async def killed_run(session: SyncSession, steps: int) -> bool:
    with killing(steps):
        try:
            await session.run()
        except Killed:
            return True
    return False


def empty(mpd: MpdProcess) -> None:
    clear(mpd)
    mpd.command("clear")
    for path in mpd.music_directory.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    update(mpd)
    for name, text in FOREIGN.items():
        path = mpd.music_directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@given(history=st.lists(days, min_size=2, max_size=4))
@settings(max_examples=settings.default.max_examples // 2)
async def test_songs_keep_their_uris_and_stickers_have_their_tags_and_foreign_files_are_left_alone(
    mpd, tmp_path_factory, history
) -> None:
    empty(mpd)
    library = LibraryBridge(mpd, Path(tmp_path_factory.mktemp("home")))
    async with library.session() as session:
        world = World(mpd, library, session)
        for day in history:
            await world.live(day)


DAY = Day({"Mix": [1, 2, 3], "Other": [4]}, {}, on=True, rated=[], queued=[], deleted=[], updates=False, kills=[])
STORIES = {
    "retagged": replace(DAY, retagged={1: {"title": "New"}, 2: {"title": "q"}}),
    "taken out": replace(DAY, playlists={"Mix": [1]}),
    "added": replace(DAY, playlists={"Mix": [1, 2, 5], "Other": [4]}),
    "switched off": replace(DAY, on=False),
    "deleted": replace(DAY, deleted=[1]),
}


@pytest.mark.parametrize("then_on", [True, False], ids=["on", "off"])
@pytest.mark.parametrize("story", STORIES)
async def test_a_sync_killed_at_any_step_loses_no_entry_of_the_queue(mpd, tmp_path_factory, story, then_on) -> None:
    steps = 0
    while True:
        empty(mpd)
        library = LibraryBridge(mpd, Path(tmp_path_factory.mktemp("home")))
        async with library.session() as session:
            world = World(mpd, library, session)
            await world.live(DAY)
            await world.live(replace(DAY, rated=[1, 2, 3, 4], queued=[1, 2, 4]))
            killed = await world.begin(STORIES[story], steps)
            await world.live(replace(STORIES[story], retagged={}, deleted=[], on=then_on))
        if not killed:
            break
        steps += 1
    assert steps > 3
