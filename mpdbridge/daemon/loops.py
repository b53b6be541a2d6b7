"""What runs, side by side, until the bridge ends."""

from collections.abc import Coroutine, Iterator, Mapping
from functools import partial
from typing import Any

from mpdbridge.daemon.facts import HealthFacts
from mpdbridge.daemon.followers import Follower
from mpdbridge.daemon.parts import Parts
from mpdbridge.daemon.serving import prepare, reach_relay
from mpdbridge.errors import YouTubeStreamError
from mpdbridge.logs import get_logger
from mpdbridge.mpd.prefetch import Prefetcher
from mpdbridge.relay.server import ICYProxyServer
from mpdbridge.resolver import ExtractorWorker
from mpdbridge.service.heartbeat import Heartbeat, status_line
from mpdbridge.service.manager import ServiceManager
from mpdbridge.sync.enriching import Enricher

log = get_logger(__name__)

Loop = Coroutine[Any, Any, None]


def loops(
    parts: Parts,
    followers: Mapping[str, Follower],
    facts: HealthFacts,
    relay: ICYProxyServer | None,
    manager: ServiceManager,
    *,
    sync: bool,
) -> list[Loop]:
    """Everything that has to run, each for ever unless it says so itself."""
    running: list[Loop] = [parts.tagger.run(), _prefetcher(parts, relay).run()]
    running += [follower.run() for follower in followers.values()]
    if sync:
        running += _syncing(parts)
    sources = parts.settings.sources
    if sources.ytmusic.enabled or sources.web.playlists:
        running.append(_warm(parts.worker))
    if manager.present:
        works = partial(reach_relay, parts.settings.proxy.host, relay)
        running.append(Heartbeat(manager=manager, works=works, status=lambda: status_line(facts())).run())
    return running


def _prefetcher(parts: Parts, relay: ICYProxyServer | None) -> Prefetcher:
    return Prefetcher(
        address=parts.address,
        urls=parts.settings.uris,
        resolver_prefetch=partial(prepare, parts.resolver, relay),
        count=parts.settings.resolver.prefetch,
        timeout=parts.settings.mpd.timeout_seconds,
    )


def _syncing(parts: Parts) -> Iterator[Loop]:
    if not parts.sources.enabled:
        log.warning("nothing to sync: no source of playlists is configured; `mpdbridge config init` shows how")
        return
    yield parts.periodic.run()
    settings = parts.settings.sources.ytmusic
    if settings.enabled:
        yield Enricher(
            store=parts.store,
            music=parts.sources.music,
            counterparts=settings.prefer != "as-is",
            tracks_changed=parts.tagger.store_changed,
        ).run()


async def _warm(worker: ExtractorWorker) -> None:
    """The first song shall not wait for Python to start and import yt-dlp."""
    try:
        await worker.warm()
    except YouTubeStreamError as error:
        log.warning("yt-dlp does not start", reason=str(error))
