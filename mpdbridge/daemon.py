"""`mpdbridge watch`: puts the rooms together, runs them until a signal comes, and takes them down in reverse order.

One exit stack holds what is open, one task group what runs; no other place starts tasks that outlive a call.
"""

import asyncio
import signal
import time
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import asdict
from functools import partial
from typing import Any, Protocol

from mpdbridge.config import Settings
from mpdbridge.control.controller import Controller
from mpdbridge.control.tools import Tools
from mpdbridge.doctor.facts import gather
from mpdbridge.doctor.overview import lines
from mpdbridge.errors import YouTubeStreamError
from mpdbridge.logs import get_logger
from mpdbridge.mpd.address import MpdAddress, resolve_address
from mpdbridge.mpd.autoplay import Autoplay
from mpdbridge.mpd.channel import ControlChannel
from mpdbridge.mpd.links import LinkReplacer
from mpdbridge.mpd.prefetch import Prefetcher
from mpdbridge.mpd.tagger import QueueTagger
from mpdbridge.relay.covers import users_covers
from mpdbridge.relay.heads import users_heads
from mpdbridge.relay.health import ask_health
from mpdbridge.relay.server import ICYProxyServer
from mpdbridge.resolver import ExtractorWorker, StreamResolver
from mpdbridge.service.heartbeat import Heartbeat, status_line
from mpdbridge.service.manager import ServiceManager
from mpdbridge.sources import OpenSources, open_sources
from mpdbridge.sources.queue_links import QueueLinks
from mpdbridge.sources.ytmusic import YTMusicSource
from mpdbridge.store import AsyncStore
from mpdbridge.sync.enriching import Enricher
from mpdbridge.sync.periodic import PeriodicSync
from mpdbridge.sync.session import SyncSession
from mpdbridge.urls import ProxyUrls

log = get_logger(__name__)

Loop = Coroutine[Any, Any, None]
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class _Follower(Protocol):
    @property
    def facts(self) -> Mapping[str, object]: ...
    async def run(self) -> None: ...


async def run_watch(settings: Settings, *, sync: bool = True) -> None:
    """Relays, tags, prefetches and syncs until SIGTERM or SIGINT; then ends in good order, in less than three seconds.

    Args:
        settings: the whole configuration.
        sync: also keep the playlists up to date.

    Raises:
        ConfigError: MPD's address makes no sense.
        StoreError: the TrackStore cannot be opened.
        ProxyError: the relay's port is taken.
    """
    async with AsyncExitStack() as stack:
        stop = stack.enter_context(_stop_signals())
        manager = ServiceManager()
        await _run_until(stop, await _open(settings, stack, manager, sync=sync), manager)
    log.info("ended")


async def _open(settings: Settings, stack: AsyncExitStack, manager: ServiceManager, *, sync: bool) -> list[Loop]:
    """Opens everything; returns what has to run then."""
    address = resolve_address(settings.mpd)
    urls, timeout = settings.uris, settings.mpd.timeout_seconds
    store = await stack.enter_async_context(AsyncStore.open(settings.proxy.track_mapping_db))
    worker = await stack.enter_async_context(ExtractorWorker(settings=settings.resolver, login=settings.streams_login))
    sources = await stack.enter_async_context(open_sources(settings.sources, worker))
    tagger = QueueTagger(address=address, store=store, urls=urls, durations=settings.watch.durations, timeout=timeout)
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
    relay = None
    followers = _followers(settings, store, sources, tagger)
    facts = partial(_facts, str(address), tagger, resolver, periodic, followers)
    if settings.proxy.enabled:
        heads = await stack.enter_async_context(users_heads(megabytes=settings.proxy.head_cache_mb))
        covers = await stack.enter_async_context(users_covers(megabytes=settings.proxy.cover_cache_mb))
        relay = ICYProxyServer(
            store=store,
            resolver=resolver,
            settings=settings.proxy,
            tagged=tagger.serves,
            health=facts,
            heads=heads,
            covers=covers,
        )
        await stack.enter_async_context(relay)
    else:
        log.warning("no relay, since proxy.enabled is false: tracks play where another one answers", url=urls.base)
    ahead, prefetch = settings.resolver.prefetch, partial(_prepare, resolver, relay)
    prefetcher = Prefetcher(address=address, urls=urls, resolver_prefetch=prefetch, count=ahead, timeout=timeout)
    tools = Tools(settings=settings, store=store, sources=sources, session=session)
    channel = _channel(tools, periodic, address)
    loops: list[Loop] = [tagger.run(), prefetcher.run(), channel.run()]
    loops += [follower.run() for follower in followers.values()]
    if sync and sources.enabled:
        loops.append(periodic.run())
        if settings.sources.ytmusic.enabled:
            loops.append(_enricher(settings, store, sources.music, tagger).run())
    elif sync:
        log.warning("nothing to sync: no source of playlists is configured; `mpdbridge config init` shows how")
    if settings.sources.ytmusic.enabled or settings.sources.web.playlists:
        loops.append(_warm(worker))
    if manager.present:
        works, status = partial(_answers, settings.proxy.host, relay), lambda: status_line(facts())
        loops.append(Heartbeat(manager=manager, works=works, status=status).run())
    return loops


def _followers(
    settings: Settings, store: AsyncStore, sources: OpenSources, tagger: QueueTagger
) -> dict[str, _Follower]:
    """What is done to MPD's queue beside tagging it, as far as it is wanted; by the names that /health has for it."""
    address, urls, timeout = resolve_address(settings.mpd), settings.uris, settings.mpd.timeout_seconds
    wanted, followers = settings.watch, dict[str, _Follower]()
    if not settings.proxy.enabled:  # a relay elsewhere would not know the tracks
        return followers
    if wanted.links != "none":
        links = QueueLinks(sources=sources, sites=wanted.links, urls=urls)
        changed = tagger.store_changed
        followers["links"] = LinkReplacer(
            address=address, store=store, urls=urls, links=links, tracks_changed=changed, timeout=timeout
        )
    if wanted.autoplay == "radio":
        related, below = sources.music.related, wanted.autoplay_below
        followers["autoplay"] = Autoplay(
            address=address, store=store, urls=urls, related=related, below=below, timeout=timeout
        )
    return followers


def _channel(tools: Tools, periodic: PeriodicSync, address: MpdAddress) -> ControlChannel:
    controller = Controller(
        tools=tools,
        sync=periodic.once,
        why_not=lambda: periodic.last_error,
        status=partial(_status, tools.settings),
    )
    return ControlChannel(address=address, respond=controller.respond, timeout=tools.settings.mpd.timeout_seconds)


async def _status(settings: Settings) -> list[str]:
    """What `mpdbridge status` shows."""
    found = lines(await gather(settings), None, now=time.time())
    return [f"{'ok' if line.well else '–'} {line.part}: {line.told}" for line in found]


def _enricher(settings: Settings, store: AsyncStore, music: YTMusicSource, tagger: QueueTagger) -> Enricher:
    return Enricher(
        store=store,
        music=music,
        counterparts=settings.sources.ytmusic.prefer != "as-is",
        tracks_changed=tagger.store_changed,
    )


async def _answers(host: str, relay: ICYProxyServer | None) -> None:
    """Raises OSError, HTTPException or ValueError when the relay, asked as MPD asks it, does not answer."""
    if relay is not None:
        await ask_health(ProxyUrls.for_listener(host, relay.port).base)


def _facts(
    address: str,
    tagger: QueueTagger,
    resolver: StreamResolver,
    periodic: PeriodicSync,
    followers: Mapping[str, _Follower],
) -> Mapping[str, Mapping[str, object]]:
    """What /health tells of the rooms beside the relay."""
    last = periodic.last
    synced = last and {
        "via": last.via,
        "failed": last.failed,
        "playlists": len(last.playlists),
        "sources_failed": [asdict(trouble) for trouble in last.sources_failed],
    }
    return {
        "mpd": {"address": address, "tagger": tagger.state},
        "resolver": asdict(resolver.state),
        "sync": {"last": synced, "error": periodic.last_error},
        **{name: follower.facts for name, follower in followers.items()},
    }


async def _prepare(resolver: StreamResolver, relay: ICYProxyServer | None, track_ids: Sequence[str]) -> None:
    """Each track can be played at once before the next one's turn comes."""
    for track_id in track_ids:
        await resolver.prefetch([track_id])
        if relay is not None:
            await relay.prefetch([track_id])


async def _warm(worker: ExtractorWorker) -> None:
    """The first song shall not wait for Python to start and import yt-dlp."""
    try:
        await worker.warm()
    except YouTubeStreamError as error:
        log.warning("yt-dlp does not start", reason=str(error))


async def _run_until(stop: asyncio.Event, loops: list[Loop], manager: ServiceManager) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(loop) for loop in loops]
        manager.ready()
        await stop.wait()
        manager.stopping()
        log.info("ending")
        for task in tasks:
            task.cancel()


@contextmanager
def _stop_signals() -> Iterator[asyncio.Event]:
    """An event that is set when the process is asked to end."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    for number in _SIGNALS:
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)  # leaves the system's default behind
            signal.signal(number, handler)
