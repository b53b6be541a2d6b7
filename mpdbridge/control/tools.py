"""What the verbs work with: opened from nothing but the settings, or the parts of a bridge that runs already."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from mpdbridge.config import Settings
from mpdbridge.mpd.address import resolve_address
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.sources import OpenSources
from mpdbridge.store import AsyncStore
from mpdbridge.sync.library import known_uris
from mpdbridge.sync.session import SyncSession, open_session
from mpdbridge.urls import TrackUris


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Everything that a verb may need.

    Attributes:
        session: writes playlists.
    """

    settings: Settings
    store: AsyncStore
    sources: OpenSources
    session: SyncSession

    @property
    def target(self) -> str:
        """The MPD's address, under which the TrackStore knows what is ours in it."""
        return str(resolve_address(self.settings.mpd))

    async def uris(self) -> TrackUris:
        """All URIs by which the MPD may know a track of ours."""
        return await known_uris(self.settings, target=self.target, store=self.store)

    def connect(self) -> AbstractAsyncContextManager[MpdConnection]:
        """A connection of the verb's own: `async with tools.connect() as connection`."""
        return MpdConnection(resolve_address(self.settings.mpd), self.settings.mpd.timeout_seconds)


@asynccontextmanager
async def open_tools(settings: Settings) -> AsyncIterator[Tools]:
    """The tools of a command that runs alone.

    Raises:
        StoreError: the TrackStore cannot be opened.
    """
    async with open_session(settings, settings.proxy.track_mapping_db) as (session, sources):
        yield Tools(settings=settings, store=session.store, sources=sources, session=session)
