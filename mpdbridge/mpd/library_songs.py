"""Which tracks are songs of MPD's database (library mode): those go into its queue, not links to the same music.

What their user hangs on a song, stickers, ratings, play counts, is then there whichever way it came into the queue.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from mpdbridge.errors import MpdRefusedError
from mpdbridge.models import Track
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.wire import ACK_NO_EXIST
from mpdbridge.store import AsyncStore, TrackStore

_BATCH = 100  # songs; MPD carries a list out up to the first one that it does not have


@dataclass(frozen=True, slots=True)
class LibrarySongs:
    """The songs in the library folder of one MPD.

    Attributes:
        store: knows the sheets.
        folder: of its music directory.
    """

    store: AsyncStore
    folder: str

    async def of(self, connection: MpdConnection, tracks: Iterable[Track]) -> dict[str, str]:
        """The URIs, by track id, of those of `tracks` that the MPD behind `connection` has as songs now.

        Raises:
            MpdUnavailableError, MpdRefusedError: it does not tell.
            StoreError: the TrackStore cannot be used.
        """
        ids = sorted({track.track_id for track in tracks})
        known = await self.store.run(TrackStore.songs, str(connection.address), self.folder, ids)
        there = await _having(connection, known.values())
        return {track_id: uri for track_id, uri in known.items() if uri in there}


async def _having(connection: MpdConnection, songs: Iterable[str]) -> set[str]:
    """Those of `songs` that MPD has."""
    found: set[str] = set()
    rest = list(songs)
    while rest:
        batch, rest = rest[:_BATCH], rest[_BATCH:]
        try:
            await connection.command_list([("lsinfo", song) for song in batch])
        except MpdRefusedError as error:
            if error.code != ACK_NO_EXIST:
                raise
            batch, rest = batch[: error.index], batch[error.index + 1 :] + rest
        found.update(batch)
    return found
