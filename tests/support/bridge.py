"""A bridge as small as can be: a real TrackStore, the real publisher on a real mpd, and libraries made up by a test."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.libraries import Library, LibrarySource
from support.mpd_process import MpdProcess

from mpdbridge.config import SyncSettings
from mpdbridge.mpd.address import MpdAddress
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.publisher import PlaylistPublisher
from mpdbridge.sources import Source
from mpdbridge.store import AsyncStore
from mpdbridge.sync.destination import Destination, NativeDestination
from mpdbridge.sync.engine import SyncEngine
from mpdbridge.sync.events import SyncEvent, SyncReport
from mpdbridge.sync.links import ProxyLinks
from mpdbridge.urls import ProxyUrls

URLS = ProxyUrls("http://localhost:8080")


@dataclass
class Bridge:
    """Syncs libraries into one mpd.

    Attributes:
        destination: the publisher on that mpd, unless a test puts something else there.
        store: remembers from one sync to the next.
        target: name of the mpd.
        events: of all syncs so far.
    """

    destination: Destination
    store: AsyncStore
    target: str
    events: list[SyncEvent] = field(default_factory=list)

    async def sync(
        self, *libraries: Library, only: Sequence[str] = (), dry_run: bool = False, **settings: Any
    ) -> SyncReport:
        """One sync; `settings` are those of the configuration's section `sync`."""
        return await self.sync_from(map(LibrarySource, libraries), only=only, dry_run=dry_run, **settings)

    async def sync_from(
        self, sources: Iterable[Source], *, only: Sequence[str] = (), dry_run: bool = False, **settings: Any
    ) -> SyncReport:
        """One sync of any sources."""
        engine = SyncEngine(
            sources=list(sources),
            store=self.store,
            destination=self.destination,
            links=ProxyLinks(URLS),
            urls=URLS,
            settings=SyncSettings.model_validate(settings),
            target=self.target,
            listener=self.events.append,
        )
        return await engine.run(only=only, dry_run=dry_run)


@asynccontextmanager
async def open_bridge(
    mpd: MpdProcess, *, path: Path | str = ":memory:", target: str | None = None
) -> AsyncIterator[Bridge]:
    """A bridge to `mpd` that knows it as `target`, its socket unless told otherwise."""
    async with MpdConnection(MpdAddress(socket=str(mpd.socket))) as connection:
        destination = NativeDestination(publisher=PlaylistPublisher(connection=connection))
        async with AsyncStore.open(path) as store:
            yield Bridge(destination, store, target or str(mpd.socket))


def playlists_of(mpd: MpdProcess) -> dict[str, list[str]]:
    """Everything that mpd has, by name."""
    with mpd.client() as client:
        names = [value for key, value in client.command("listplaylists") if key == "playlist"]
        return {name: [value for _, value in client.command("listplaylist", name)] for name in names}


def clear(mpd: MpdProcess) -> None:
    with mpd.client() as client:
        for key, value in client.command("listplaylists"):
            if key == "playlist":
                client.command("rm", value)


def save(mpd: MpdProcess, name: str, uris: Sequence[str]) -> None:
    """What a user does."""
    with mpd.client() as client:
        for uri in uris:
            client.command("playlistadd", name, uri)
