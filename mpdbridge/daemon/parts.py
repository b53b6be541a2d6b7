"""What all of the bridge works with."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from mpdbridge.config import Settings
from mpdbridge.mpd.address import MpdAddress, resolve_address
from mpdbridge.mpd.tagger import QueueTagger
from mpdbridge.resolver import ExtractorWorker, StreamResolver
from mpdbridge.sources import OpenSources, open_sources
from mpdbridge.store import AsyncStore
from mpdbridge.sync.periodic import PeriodicSync
from mpdbridge.sync.session import SyncSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """One of each, open as long as the bridge runs."""

    settings: Settings
    address: MpdAddress
    store: AsyncStore
    worker: ExtractorWorker
    sources: OpenSources
    tagger: QueueTagger
    resolver: StreamResolver
    session: SyncSession
    periodic: PeriodicSync


async def open_parts(settings: Settings, stack: AsyncExitStack) -> Parts:
    """Opens them; they are closed with `stack`.

    Raises:
        ConfigError: MPD's address makes no sense.
        StoreError: the TrackStore cannot be opened.
    """
    address = resolve_address(settings.mpd)
    store = await stack.enter_async_context(AsyncStore.open(settings.proxy.track_mapping_db))
    worker = await stack.enter_async_context(ExtractorWorker(settings=settings.resolver, login=settings.streams_login))
    sources = await stack.enter_async_context(open_sources(settings.sources, worker))
    tagger = QueueTagger(
        address=address,
        store=store,
        urls=settings.uris,
        durations=settings.watch.durations,
        timeout=settings.mpd.timeout_seconds,
    )
    resolver = StreamResolver(store=store, worker=worker, settings=settings.resolver, resolved=tagger.resolved)
    session = SyncSession(
        settings=settings, store=store, sources=sources.enabled, resolver=resolver, relay_runs=settings.proxy.enabled
    )
    periodic = PeriodicSync(
        sync=session.run,
        interval=settings.sync.interval_minutes * 60,
        mpd_is_there=lambda: tagger.state == "attached",
        tracks_changed=tagger.store_changed,
    )
    return Parts(
        settings=settings,
        address=address,
        store=store,
        worker=worker,
        sources=sources,
        tagger=tagger,
        resolver=resolver,
        session=session,
        periodic=periodic,
    )
