"""What the verbs work with: opened from nothing but the settings, or the parts of a bridge that runs already."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from mpdbridge.config import Settings
from mpdbridge.mpd.address import resolve_address
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.resolver import ExtractorWorker, StreamResolver
from mpdbridge.sources import OpenSources, open_sources
from mpdbridge.store import AsyncStore
from mpdbridge.sync.session import SyncSession


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

    def connect(self) -> AbstractAsyncContextManager[MpdConnection]:
        """A connection of the verb's own: `async with tools.connect() as connection`."""
        return MpdConnection(resolve_address(self.settings.mpd), self.settings.mpd.timeout_seconds)


@asynccontextmanager
async def open_tools(settings: Settings) -> AsyncIterator[Tools]:
    """The tools of a command that runs alone.

    Raises:
        StoreError: the TrackStore cannot be opened.
    """
    async with (
        AsyncStore.open(settings.proxy.track_mapping_db) as store,
        ExtractorWorker(settings=settings.resolver, login=settings.streams_login) as worker,
        open_sources(settings.sources, worker) as sources,
    ):
        resolver = StreamResolver(store=store, worker=worker, settings=settings.resolver)
        session = SyncSession(settings=settings, store=store, sources=sources.enabled, resolver=resolver)
        yield Tools(settings=settings, store=store, sources=sources, session=session)
