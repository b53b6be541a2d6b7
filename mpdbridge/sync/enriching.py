"""What lists do not tell of their tracks is asked behind the scenes, a few questions a minute, and each of them once.

Rows of playlists have no track number, year or album artist: the album has. And which official audio belongs to a music
video only a question about this one track tells. What was answered is in the TrackStore, over all restarts.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NoReturn, Protocol

from mpdbridge.concurrency import backoff
from mpdbridge.errors import MpdBridgeError, SourceError
from mpdbridge.logs import get_logger
from mpdbridge.models import Playlist, Track
from mpdbridge.store import AsyncStore, TrackStore

PACE_SECONDS = 10.0  # between two questions; nobody waits for the answers
_IDLE_SECONDS = 60.0  # between two looks at whether there is something to ask
_AFTER_FAILURE, _AT_MOST = 60.0, 1800.0
_DAY = 86_400.0
_UNANSWERED = _DAY  # until the same question is put again
_ANSWERED = 180 * _DAY
_NO_COUNTERPART = 30 * _DAY

log = get_logger(__name__)


class MusicFacts(Protocol):
    """Who knows more about tracks than their lists tell; raises SourceError when it does not answer."""

    async def album(self, album_id: str) -> Playlist:
        """An album with all its tracks."""

    async def counterpart(self, track_id: str) -> Track | None:
        """The other version of a track, official audio or music video."""


class Enricher:
    """Asks while `run()` runs.

    Args:
        store: knows what is unknown.
        music: is asked.
        counterparts: whether other versions are wanted, too.
        tracks_changed: is called when a track is known better.
        pace: seconds between two questions.
    """

    def __init__(
        self,
        *,
        store: AsyncStore,
        music: MusicFacts,
        counterparts: bool,
        tracks_changed: Callable[[], None],
        pace: float = PACE_SECONDS,
    ) -> None:
        self._store = store
        self._music = music
        self._questions = [self.ask_album, self.ask_counterpart] if counterparts else [self.ask_album]
        self._tracks_changed = tracks_changed
        self._pace = pace

    async def run(self) -> NoReturn:
        """Asks until it is cancelled; the longer nobody answers, the more rarely."""
        waits = backoff(first=_AFTER_FAILURE, longest=_AT_MOST)
        while True:
            try:
                asked = await self.ask_next()
            except MpdBridgeError as error:
                log.debug("nothing learned", reason=str(error))
                await asyncio.sleep(next(waits))
                continue
            if asked:
                waits = backoff(first=_AFTER_FAILURE, longest=_AT_MOST)
            await asyncio.sleep(self._pace if asked else _IDLE_SECONDS)

    async def ask_next(self) -> bool:
        """Puts the next question, of each kind in turn; False when there is none.

        Raises:
            SourceError: it was not answered.
            StoreError: the TrackStore cannot be used.
        """
        for question in list(self._questions):
            self._questions.append(self._questions.pop(0))
            if await question():
                return True
        return False

    async def ask_album(self) -> bool:
        """Completes the tracks of one album; False when all are complete."""
        album_id = await self._store.run(TrackStore.next_album)
        if album_id is None:
            return False
        try:
            album = await self._music.album(album_id)
        except SourceError:
            await self._store.run(TrackStore.note_album, album_id, again_after=_UNANSWERED)
            raise
        tracks = completed(await self._store.run(TrackStore.unnumbered_tracks, album_id), album)
        changed = await self._store.run(TrackStore.upsert_tracks, tracks)
        await self._store.run(TrackStore.note_album, album_id, again_after=_ANSWERED)
        log.debug("album learned", album=album.ref.name, tracks=changed)
        if changed:
            self._tracks_changed()
        return True

    async def ask_counterpart(self) -> bool:
        """Finds the other version of one track; the next sync uses it. False when none is wanted."""
        track_id = await self._store.run(TrackStore.next_counterpart)
        if track_id is None:
            return False
        try:
            other = await self._music.counterpart(track_id)
        except SourceError:
            await self._store.run(TrackStore.note_counterpart, track_id, None, again_after=_UNANSWERED)
            raise
        if other is None:
            await self._store.run(TrackStore.note_counterpart, track_id, None, again_after=_NO_COUNTERPART)
        else:
            await self._store.run(TrackStore.upsert_tracks, [other])
            await self._store.run(TrackStore.note_counterpart, track_id, other.track_id, again_after=_ANSWERED)
            log.debug("counterpart learned", track=other.label)
        return True


def completed(tracks: Iterable[Track], album: Playlist) -> list[Track]:
    """`tracks` of an album with what it tells of them: by id, or by title, since one song has several ids.

    Artist and date of the album hold also for those that it does not list; their number stays unknown.
    """
    by_id = {track.track_id: track for track in album.tracks}
    titles = Counter(track.title.casefold() for track in album.tracks)
    by_title = {track.title.casefold(): track for track in album.tracks if titles[track.title.casefold()] == 1}
    head = next(iter(album.tracks), Track("", ""))
    found = []
    for track in tracks:
        listed = by_id.get(track.track_id) or by_title.get(track.title.casefold())
        found.append(
            replace(
                track,
                track_number=None if listed is None else listed.track_number,
                album_artist=track.album_artist or head.album_artist,
                date=track.date or head.date,
            )
        )
    return found
