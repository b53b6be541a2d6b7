"""Entries of the queue that MPD drops while it reads changed sheets: noted before, and put back afterwards.

When MPD reads a changed sheet it takes the song out of its database and puts it in again; the song leaves the queue by
that. If this process ends in between, it is the next one that puts it back.
"""

import json
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from mpdbridge.concurrency import Clock
from mpdbridge.errors import MpdRefusedError
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.song_database import SongDatabase
from mpdbridge.mpd.tag_diff import QueueEntry
from mpdbridge.mpd.uptime import is_same_start, running_since
from mpdbridge.store import AsyncStore, TrackStore

_LATEST = 3 * 3600.0  # seconds after which nobody expects a lost entry back


class DroppedEntries:
    """The queue of one MPD before its database is updated, and what the update has taken out of it.

    Args:
        connection: to that MPD.
        database: of that MPD.
        store: keeps the note.
        target: that MPD, as for claims.
    """

    def __init__(
        self,
        *,
        connection: MpdConnection,
        database: SongDatabase,
        store: AsyncStore,
        target: str,
        clock: Clock = time.time,
    ) -> None:
        self._connection = connection
        self._database = database
        self._store = store
        self._key = f"queue of {target}"
        self._clock = clock

    async def note(self, songs: Iterable[str], gone: Collection[str] = ()) -> None:
        """Notes the queue if an update of `songs` can take entries out of it; those of songs that are `gone` may go.

        What was noted before is forgotten: `recover` it first.
        """
        dropped = set(songs)
        before = [entry for entry in await self._database.queue() if entry.uri not in gone]
        if any(entry.uri in dropped for entry in before):
            entries = [(entry.uri, entry.song_id, entry.tags.get("Prio", ())) for entry in before]
            since = await running_since(self._connection, self._clock)
            noted = {"at": self._clock(), "since": since, "songs": sorted(dropped), "queue": entries}
            await self._store.run(TrackStore.set_note, self._key, json.dumps(noted, ensure_ascii=False))

    async def recover(self) -> bool:
        """Puts back what a former run could not; False while MPD is busy with its database, and may drop more of it."""
        if not await self._store.run(TrackStore.note, self._key):
            return True
        if not await self._database.settled():
            return False
        await self.put_back()
        return True

    async def put_back(self) -> None:
        """Puts what was taken out since the last `note` in again, now that MPD has done the update."""
        note = await self._store.run(TrackStore.note, self._key)
        if not note:
            return
        noted = json.loads(note)
        if self._clock() - noted["at"] < _LATEST:
            before = [QueueEntry(uri, song_id, {"Prio": prio}) for uri, song_id, prio in noted["queue"]]
            restarted = not is_same_start(noted["since"], await running_since(self._connection, self._clock))
            now = await self._database.queue()
            await self._add(places_to_put_back(before, now, set(noted["songs"]), restarted=restarted))
        await self._store.run(TrackStore.set_note, self._key, "")

    async def _add(self, lost: Sequence["Back"]) -> None:
        refused = 0
        for back in lost:
            try:
                ((_, song_id),) = await self._connection.command("addid", back.uri, str(back.position - refused))
            except MpdRefusedError:  # the song is gone after all, or the queue has become shorter meanwhile
                refused += 1
                continue
            if back.priority:
                await self._connection.command("prioid", *back.priority, song_id)


@dataclass(frozen=True, slots=True)
class Back:
    """An entry to be put into the queue at `position`, one after the other.

    Attributes:
        priority: of the entry, as MPD tells it; empty for most.
    """

    uri: str
    position: int
    priority: Sequence[str]


def places_to_put_back(
    before: Sequence[QueueEntry], now: Sequence[QueueEntry], songs: AbstractSet[str], *, restarted: bool = False
) -> list[Back]:
    """Where the lost entries of `songs` belong, in the order in which they are put back. Pure.

    Each follows the entry that it followed before. Nothing is put back into a queue that was replaced meanwhile.

    Args:
        before: the queue, before entries were lost.
        now: the queue.
        songs: whose entries may be lost.
        restarted: so was MPD, and all entries have new ids.
    """
    positions = _positions(before, now, songs, restarted=restarted)
    lost = [number for number, entry in enumerate(before) if entry.uri in songs and number not in positions]
    if not lost or (not positions and (now or len(lost) < len(before))):
        return []
    found: list[Back] = []
    place = 0  # behind the last entry of `before` that is in the queue, again or still
    for number, entry in enumerate(before):
        if number in positions:
            place = positions[number] + len(found) + 1
        elif entry.uri in songs:
            found.append(Back(entry.uri, place, entry.tags.get("Prio", ())))
            place += 1
    return found


def _positions(
    before: Sequence[QueueEntry], now: Sequence[QueueEntry], songs: AbstractSet[str], *, restarted: bool
) -> Mapping[int, int]:
    """Where the entries of `before` are `now`, those of `songs` perhaps under new song ids, put back already."""
    places = {} if restarted else {(entry.song_id, entry.uri): place for place, entry in enumerate(now)}
    found = {
        number: places[known] for number, entry in enumerate(before) if (known := (entry.song_id, entry.uri)) in places
    }
    again: dict[str, list[int]] = {}
    for place in sorted(set(range(len(now))) - set(found.values()), reverse=True):
        again.setdefault(now[place].uri, []).append(place)
    for number, entry in enumerate(before):
        if number not in found and (restarted or entry.uri in songs) and again.get(entry.uri):
            found[number] = again[entry.uri].pop()
    return found
