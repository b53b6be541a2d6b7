"""One sync from beginning to end: from nothing but the settings, or in a program that has its parts open already."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from mpdbridge.config import PlaylistFilter, Settings
from mpdbridge.errors import ConfigError, MpdBridgeError
from mpdbridge.mpd.address import resolve_address
from mpdbridge.resolver import ExtractorWorker, StreamResolver
from mpdbridge.sources import OpenSources, Source, open_sources
from mpdbridge.store import AsyncStore, TrackStore
from mpdbridge.sync.engine import SyncEngine
from mpdbridge.sync.events import Listener, PlaylistOutcome, SyncReport, Warned, ignore
from mpdbridge.sync.known import KnownPlaylist
from mpdbridge.sync.lock import sync_lock
from mpdbridge.sync.logins import remembering
from mpdbridge.sync.versions import preferred
from mpdbridge.sync.ways import find_way

Publish = Callable[[KnownPlaylist], Awaitable[PlaylistOutcome]]
"""Makes MPD hold a playlist; raises MpdBridgeError when it cannot."""

_PATIENCE = 60.0  # seconds; a sync that has nothing new to fetch takes some seconds

LAST_SYNC = "last_sync"
"""Key of the note with the report of the last whole sync, as JSON, and `at`, its time in epoch seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncSession:
    """What a sync works with.

    Attributes:
        resolver: asked only by the fallback without a relay.
        relay_runs: the relay is part of this process, so it need not be asked whether it answers.
    """

    settings: Settings
    store: AsyncStore
    sources: Sequence[Source]
    resolver: StreamResolver
    relay_runs: bool = False

    async def run(self, *, only: Sequence[str] = (), dry_run: bool = False, listener: Listener = ignore) -> SyncReport:
        """Syncs once; waits while another process does, unless nothing is going to be written.

        Raises:
            ConfigError: there is no source.
            MpdUnavailableError: there is no way to this MPD's playlists.
            MpdRefusedError, StoreError: as SyncEngine.run.
        """
        if not self.sources:
            raise ConfigError(
                "no source of playlists is configured: `mpdbridge config init` writes an example, `mpdbridge demo` "
                "shows the program with music of its own"
            )
        if dry_run:
            return await self._sync(only=only, dry_run=True, listener=listener)
        busy = Warned("another sync is running; waiting for it to end")
        async with sync_lock(self.settings.proxy.track_mapping_db, lambda: listener(busy)):
            report = await self._sync(only=only, dry_run=False, listener=listener)
        if not only:  # what `status` tells is the picture of all playlists
            note = json.dumps({**report.to_json(), "at": time.time()})
            await self.store.run(TrackStore.set_note, LAST_SYNC, note)
        return report

    @asynccontextmanager
    async def publishing(self) -> AsyncIterator[Publish]:
        """While no sync runs: what publishes single playlists, on the road of all others. `status` tells of none of it.

        Raises:
            MpdBridgeError: a sync runs, and takes its time.
        """
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(_PATIENCE):
                    await stack.enter_async_context(sync_lock(self.settings.proxy.track_mapping_db, _nothing))
            except TimeoutError:
                raise MpdBridgeError(
                    "a sync is running, so no playlist can be written; try again when it is done"
                ) from None
            yield self._publish

    async def _publish(self, known: KnownPlaylist) -> PlaylistOutcome:
        ref = known.playlist.ref
        report = await self._sync(only=[ref.playlist_id], dry_run=False, listener=ignore, alone=known)
        (outcome,) = report.playlists
        if outcome.change == "failed":
            raise MpdBridgeError(f"{outcome.label}: {outcome.reason}")
        return outcome

    async def _sync(
        self, *, only: Sequence[str], dry_run: bool, listener: Listener, alone: KnownPlaylist | None = None
    ) -> SyncReport:
        """One sync; with `alone` of nothing but this playlist, whatever the configuration wants."""
        address = resolve_address(self.settings.mpd)
        unfiltered = self.settings.sync.model_copy(update={"playlists": PlaylistFilter()})
        sources = [alone] if alone else remembering(self.sources, store=self.store, note=not dry_run)
        async with find_way(
            self.settings,
            address=address,
            store=self.store,
            resolver=self.resolver,
            listener=listener,
            relay_runs=self.relay_runs,
            dry_run=dry_run,
        ) as way:
            engine = SyncEngine(
                sources=preferred(
                    sources, store=self.store, prefer=self.settings.sources.ytmusic.prefer, note=not dry_run
                ),
                store=self.store,
                destination=way.destination,
                links=way.links,
                library=way.library if alone is None or alone.lasting else None,
                urls=way.uris,
                settings=self.settings.sync if alone is None else unfiltered,
                target=str(address),
                warnings=way.warnings,
                listener=listener,
            )
            return await engine.run(only=only, dry_run=dry_run)


@asynccontextmanager
async def open_session(settings: Settings, database: Path | str) -> AsyncIterator[tuple[SyncSession, OpenSources]]:
    """A session of its own, with the sources that it has opened.

    Raises:
        StoreError: the TrackStore cannot be opened.
    """
    async with (
        AsyncStore.open(database) as store,
        ExtractorWorker(settings=settings.resolver, login=settings.streams_login) as worker,
        open_sources(settings.sources, worker) as sources,
    ):
        resolver = StreamResolver(store=store, worker=worker, settings=settings.resolver)
        yield SyncSession(settings=settings, store=store, sources=sources.enabled, resolver=resolver), sources


async def run_sync(
    settings: Settings, *, only: Sequence[str] = (), dry_run: bool = False, listener: Listener = ignore
) -> SyncReport:
    """`mpdbridge sync`: opens what it needs, syncs once, closes it again.

    Raises:
        ConfigError, MpdUnavailableError, MpdRefusedError, StoreError: as SyncSession.run.
    """
    database = settings.proxy.track_mapping_db
    makes_file = not dry_run or await asyncio.to_thread(database.exists)
    async with open_session(settings, database if makes_file else ":memory:") as (session, _):
        return await session.run(only=only, dry_run=dry_run, listener=listener)


def _nothing() -> None:
    """Nobody is told that somebody else holds the lock."""
