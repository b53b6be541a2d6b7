"""Library mode in one folder of MPD's music directory: tracks become CUE sheets, and those songs of MPD's database.

Rules:
- A sheet that is right is not touched. One whose tags have changed is written anew at its place, and what MPD drops
  from the song then (stickers, queue entries) is put back. The song that is being played waits for a later run.
- What is to be written is noted in the TrackStore before, and afterwards that MPD has read it: the next run completes
  one that was killed.
- Only what is ours (`library_plan.our_sheets`) is ever written to or removed.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from mpdbridge.errors import MpdRefusedError
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.dropped import DroppedEntries
from mpdbridge.mpd.library_plan import SheetPlan, our_sheets, plan_sheets, sheet_of
from mpdbridge.mpd.sheets import SheetDirectory, SheetError, Write
from mpdbridge.mpd.song_database import SongDatabase
from mpdbridge.store import AsyncStore, LibraryFolder, SheetRecord, TrackStore
from mpdbridge.urls import ProxyUrls, TrackUris, song_uri

_BUSY = "MPD is still busy with its database; what is new becomes songs of it at the next sync"


@dataclass(frozen=True, slots=True)
class Exported:
    """What became of an export.

    Attributes:
        songs: URIs in MPD's database, by track, for those tracks of the export that have one.
        problems: why others have none, one line each.
    """

    songs: Mapping[str, str]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Changes:
    """What MPD has to read.

    Attributes:
        writes: sheets to be written first.
        unread: mtimes of those that are right, by track, but that MPD is not known to have read.
        gone: songs whose sheets are gone.
    """

    writes: tuple[Write, ...] = ()
    unread: Mapping[str, int] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.writes or self.unread or self.gone)


class SheetLibrary:
    """The sheets in one folder, and their songs in one MPD; one method at a time.

    Args:
        where: the folder.
        store: knows the tracks, and which sheets are ours.
        connection: to the MPD that reads the folder.
        urls: of the relay that plays the songs.
    """

    def __init__(self, *, where: LibraryFolder, store: AsyncStore, connection: MpdConnection, urls: ProxyUrls) -> None:
        self.where = where
        self._store = store
        self._urls = urls
        self._known = TrackUris(urls.base, urls.aliases, (where.folder,))
        self._directory = SheetDirectory(where)
        self._database = SongDatabase(connection=connection, folder=where.folder)
        self._dropped = DroppedEntries(connection=connection, database=self._database, store=store, target=where.target)
        self._ours: dict[str, str] | None = None

    async def export(self, track_ids: Iterable[str], *, dry_run: bool = False) -> Exported:
        """Makes a song of each of these tracks of the TrackStore, and brings the others that there are up to date.

        Args:
            track_ids: in the order in which they choose their places.
            dry_run: write nothing, and take for done what would be.

        Raises:
            MpdUnavailableError: the connection broke; the next run goes on from there.
            MpdRefusedError: MPD does not let us see its database.
            StoreError: the TrackStore cannot be used.
        """
        asked = list(dict.fromkeys(track_ids))
        records = await self._store.run(TrackStore.sheets, self.where)
        try:
            if not dry_run:
                await self._recover_queue()
            await self._check_disk()
            plan, files = await self._plan(asked, records)
        except SheetError as error:
            known = {track_id: records[track_id].place for track_id in asked if track_id in records}
            return Exported(self._present(known, await self._database.songs()), (str(error),))
        wanted = {track_id: plan.places[track_id] for track_id in asked if track_id in plan.places}
        if dry_run:
            return Exported({track_id: self._uri(place) for track_id, place in wanted.items()})
        songs = await self._database.songs()
        problem = ""
        if changes := await self._changes(plan, records, files, songs):
            songs, problem = await self._carry_out(changes, plan, records, songs)
        found = self._present(wanted, songs)
        if not problem and (lacking := wanted.keys() - found.keys()):
            problem = self._not_taken(len(lacking), wanted[min(lacking)])
        return Exported(found, (problem,) if problem else ())

    async def sweep(self, keep: Collection[str]) -> None:
        """Removes the sheets of all tracks but `keep` that nothing else points at, and the folders empty then.

        Raises:
            SheetError, MpdRefusedError: this user, or this client of MPD, may not.
            MpdUnavailableError, StoreError: as for `export`.
        """
        await self._check_disk()
        if left := await self._others(keep):
            used = await self._database.in_use(left)
            await self._remove({uri: track_id for uri, track_id in left.items() if uri not in used})

    async def close(
        self, successors: Mapping[str, str], *, heir: "SheetLibrary | None" = None, is_read: bool = True
    ) -> set[str]:
        """Removes all sheets, but for songs that stand in a stored playlist, and the one that is being played.

        Entries of the queue become the songs that succeed them, or links where there is none. Those get the stickers,
        too; stickers without a heir wait in the TrackStore for the song to come back.

        Args:
            successors: songs elsewhere, by track.
            heir: where rated songs without a successor get one; None when library mode is off.
            is_read: whether this is MPD's music directory still; if not, nothing points here.

        Returns:
            The songs that stay in stored playlists.

        Raises:
            SheetError, MpdRefusedError, MpdUnavailableError, StoreError: as for `sweep`.
        """
        if not await asyncio.to_thread(self._directory.is_there):
            return set()  # a disk that is away; what is on it can go when it comes back
        if is_read:
            await self._check_disk()
        await self._recover_queue()
        left = await self._others(())
        if not left:
            return set()
        there = {uri for uri, track_id in left.items() if track_id in (self._ours or {})}
        stay = there & await self._database.in_playlists() if is_read else set()
        staying = {*stay, await self._database.playing()}
        going = {uri: track_id for uri, track_id in left.items() if uri not in staying}
        waiting = await self._hand_over(going, dict(successors), heir)
        await self._remove(going, waiting)
        return stay

    async def _recover_queue(self) -> None:
        """Raises SheetError when MPD may still be dropping entries of the queue, so that nothing is to be changed."""
        if not await self._dropped.recover():
            raise SheetError(_BUSY)

    async def _check_disk(self) -> None:
        """Raises SheetError when MPD knows more music than ours, and there is nothing where all of it should stand."""
        if await asyncio.to_thread(self._directory.is_bare):
            ours = len(await self._database.songs())
            if 0 < ours < await self._database.size():
                raise SheetError(
                    f"{self.where.music_directory}: empty, but MPD knows music there: is its disk mounted? If it is so "
                    "on purpose, have MPD update its database"
                )

    async def _others(self, keep: Collection[str]) -> dict[str, str]:
        """All our tracks but `keep`, by the URIs of their songs."""
        records = await self._store.run(TrackStore.sheets, self.where)
        if self._ours is None:
            shelf = await asyncio.to_thread(self._directory.look)
            ours = our_sheets(records, shelf, self._urls)
            self._ours = {track_id: file.place for track_id, file in ours.items()}
        places = {track_id: record.place for track_id, record in records.items() if record.place} | self._ours
        return {self._uri(place): track_id for track_id, place in places.items() if track_id not in keep}

    async def _hand_over(
        self, going: Mapping[str, str], successors: dict[str, str], heir: "SheetLibrary | None"
    ) -> list[SheetRecord]:
        """Gives queue entries and stickers to what succeeds these songs; returns records of stickers without a heir."""
        records = await self._store.run(TrackStore.sheets, self.where)
        noted = {uri: records.get(track_id) or SheetRecord(track_id, "") for uri, track_id in going.items()}
        found = await self._stickers(list(going))
        stickers = {uri: {**one.stickers, **found.get(uri, {})} for uri, one in noted.items()}
        rated = [going[uri] for uri, own in stickers.items() if own]
        if heir is not None and (lacking := [one for one in rated if one not in successors]):
            successors |= (await heir.export(lacking)).songs
        waiting = [replace(noted[uri], stickers=own) for uri, own in stickers.items() if own]
        await self._store.run(TrackStore.keep_sheets, self.where, waiting)
        tracks = await self._store.run(TrackStore.tracks, going.values())
        links = {track_id: self._urls.of(track) for track_id, track in tracks.items()}
        new = {uri: successors.get(one, links.get(one, uri)) for uri, one in going.items()}
        await self._inherit({successors[going[one]]: own for one, own in stickers.items() if going[one] in successors})
        await self._database.exchange({uri: (other, tracks[going[uri]]) for uri, other in new.items() if other != uri})
        return [one for one in waiting if one.track_id not in successors]

    async def _inherit(self, stickers: Mapping[str, Mapping[str, str]]) -> None:
        """Gives songs those of `stickers` that they do not have: what they have is newer."""
        have = await self._stickers(list(stickers))
        lacking = {
            uri: {name: value for name, value in own.items() if name not in have.get(uri, {})}
            for uri, own in stickers.items()
        }
        await self._database.add_stickers(lacking)

    async def _remove(self, unused: Mapping[str, str], waiting: Iterable[SheetRecord] = ()) -> None:
        """Removes the sheets of these songs, and tells MPD and the TrackStore; that keeps `waiting`."""
        ours = self._ours or {}
        await asyncio.to_thread(self._directory.remove, [ours[one] for one in unused.values() if one in ours])
        songs = await self._database.songs()
        gone = songs & unused.keys()
        if not gone or await self._database.update(gone, songs):  # else MPD is busy: once more at the next run
            gone_without = [replace(one, place="", read=None) for one in waiting]
            await self._store.run(TrackStore.keep_sheets, self.where, gone_without)
            others = set(unused.values()) - {one.track_id for one in gone_without}
            await self._store.run(TrackStore.forget_sheets, self.where, others)

    async def _plan(self, asked: list[str], records: Mapping[str, SheetRecord]) -> tuple[SheetPlan, Collection[str]]:
        """The plan, and the places of all files on the disk."""
        shelf = await asyncio.to_thread(self._directory.look)
        ours = our_sheets(records, shelf, self._urls)
        self._ours = {track_id: file.place for track_id, file in ours.items()}
        ids = dict.fromkeys([*asked, *ours])
        tracks = await self._store.run(TrackStore.tracks, ids)
        streamed = await self._store.run(TrackStore.streamed_durations, ids)
        sheets = {one: sheet_of(tracks[one], self._urls, streamed.get(one)) for one in ids if one in tracks}
        return await asyncio.to_thread(plan_sheets, tracks, sheets, ours, records, shelf), shelf.files

    async def _changes(
        self, plan: SheetPlan, records: Mapping[str, SheetRecord], files: Collection[str], songs: Collection[str]
    ) -> _Changes:
        writes = plan.writes
        if any(self._uri(one.place) in songs for one in writes):
            playing = await self._database.playing()
            writes = tuple(one for one in writes if self._uri(one.place) != playing)
        unread = {
            track_id: mtime
            for track_id, mtime in plan.right.items()
            if track_id not in records
            or records[track_id].read != mtime
            or records[track_id].stickers
            or self._uri(plan.places[track_id]) not in songs
        }
        here = {self._uri(place) for place in (*files, *(one.place for one in writes))}
        gone = frozenset(uri for uri in songs if uri not in here and self._known.track_id(uri) is not None)
        return _Changes(writes=writes, unread=unread, gone=gone)

    async def _carry_out(
        self, changes: _Changes, plan: SheetPlan, records: Mapping[str, SheetRecord], songs: Collection[str]
    ) -> tuple[set[str], str]:
        """Writes, and has MPD read; returns the songs it has then, and what went wrong."""
        uris = {track_id: self._uri(plan.places[track_id]) for track_id in self._tracks_of(changes)}
        dropped = [uri for uri in uris.values() if uri in songs]
        if dropped:
            await self._dropped.note(dropped, changes.gone)
        stickers = await self._stickers(dropped)
        notes = {}
        for track_id, uri in uris.items():
            known = records.get(track_id) or SheetRecord(track_id, "")
            own = {**known.stickers, **stickers.get(uri, {})}
            notes[track_id] = replace(known, place=plan.places[track_id], stickers=own)
        await self._store.run(TrackStore.keep_sheets, self.where, notes.values())
        written, problem = await asyncio.to_thread(self._directory.write, changes.writes)
        self._ours = {**(self._ours or {}), **{track_id: plan.places[track_id] for track_id in written}}
        mtimes = {**changes.unread, **written}
        try:
            done = await self._database.update({*(uris[one] for one in mtimes), *changes.gone}, songs)
        except MpdRefusedError as error:
            await self._dropped.recover()
            return await self._database.songs(), problem or str(error)
        songs = await self._database.songs()
        if done:
            await self._dropped.put_back()
            taken = [notes[one] for one in mtimes if uris[one] in songs]
            await self._restore(taken, mtimes)
        elif not problem:
            problem = _BUSY
        return songs, problem

    def _tracks_of(self, changes: _Changes) -> list[str]:
        return [*(one.track_id for one in changes.writes), *changes.unread]

    async def _stickers(self, songs: list[str]) -> dict[str, dict[str, str]]:
        try:
            return await self._database.stickers(songs)
        except MpdRefusedError:  # it keeps them from us, so they cannot be put back
            return {}

    async def _restore(self, taken: list[SheetRecord], mtimes: Mapping[str, int]) -> None:
        """Gives songs that MPD has read their stickers again; then all about them is well."""
        await self._database.add_stickers({self._uri(one.place): one.stickers for one in taken if one.stickers})
        whole = [replace(one, read=mtimes[one.track_id], stickers={}) for one in taken]
        await self._store.run(TrackStore.keep_sheets, self.where, whole)

    def _present(self, places: Mapping[str, str], songs: Collection[str]) -> dict[str, str]:
        uris = {track_id: self._uri(place) for track_id, place in places.items()}
        return {track_id: uri for track_id, uri in uris.items() if uri in songs}

    def _uri(self, place: str) -> str:
        return song_uri(self.where.folder, place)

    def _not_taken(self, count: int, example: str) -> str:
        root = f"{self.where.music_directory}/{self.where.folder}"
        return (
            f"MPD has made no song of {count} sheets in {root}, e.g. {example}; they stand in playlists as links. Is "
            "this its music directory (mpd.music_directory), may its user read there, and is its cue plugin enabled?"
        )
