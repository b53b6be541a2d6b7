"""What a login brought is not gone when nobody is logged in any more, be it that the login's file is lost.

Then a source tells only what is public, and looks healthy. So what its login showed last is remembered.
"""

import json
from collections.abc import Sequence
from dataclasses import replace

from mpdbridge.models import Playlist, PlaylistRef
from mpdbridge.sources import Offer, Source
from mpdbridge.store import AsyncStore, TrackStore


class RememberedLibrary:
    """A source that says of its former login's playlists that it does not know them at present.

    Args:
        source: has the playlists.
        store: remembers their ids.
        note: whether to note those that a login shows now.
    """

    def __init__(self, source: Source, *, store: AsyncStore, note: bool) -> None:
        self.name = source.name
        self._source = source
        self._store = store
        self._note = note

    async def playlists(self) -> Offer:
        offer = await self._source.playlists()
        key = f"library {self.name}"
        noted = await self._store.run(TrackStore.note, key)
        known: list[str] = json.loads(noted) if noted else []
        if offer.by_login is None:
            return replace(offer, untold=(*offer.untold, *known))
        not_told = known if offer.lacking else [each for each in known if each.startswith(offer.untold)]
        now = list(dict.fromkeys((*offer.by_login, *not_told)))
        if self._note and now != known:
            await self._store.run(TrackStore.set_note, key, json.dumps(now))
        return offer

    async def lookup(self, link: str) -> Playlist | None:
        return await self._source.lookup(link)

    async def fetch(self, ref: PlaylistRef) -> Playlist:
        return await self._source.fetch(ref)


def remembering(sources: Sequence[Source], *, store: AsyncStore, note: bool) -> Sequence[Source]:
    """`sources`, from none of which anything is gone because nobody is logged in."""
    return [RememberedLibrary(source, store=store, note=note) for source in sources]
