"""What runs, side by side, until the bridge ends."""

import time
from collections.abc import Coroutine, Iterator, Mapping
from functools import partial
from typing import Any

from mpdbridge.config import Settings
from mpdbridge.control.controller import Controller
from mpdbridge.control.tools import Tools
from mpdbridge.daemon.facts import Facts
from mpdbridge.daemon.followers import Follower
from mpdbridge.daemon.parts import Parts
from mpdbridge.daemon.serving import answers, prepare
from mpdbridge.doctor.facts import gather
from mpdbridge.doctor.overview import lines
from mpdbridge.errors import YouTubeStreamError
from mpdbridge.logs import get_logger
from mpdbridge.mpd.channel import ControlChannel
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
    facts: Facts,
    relay: ICYProxyServer | None,
    manager: ServiceManager,
    *,
    sync: bool,
) -> list[Loop]:
    """Everything that has to run, each for ever unless it says so itself."""
    running: list[Loop] = [parts.tagger.run(), _prefetcher(parts, relay).run(), _channel(parts).run()]
    running += [follower.run() for follower in followers.values()]
    if sync:
        running += _syncing(parts)
    sources = parts.settings.sources
    if sources.ytmusic.enabled or sources.web.playlists:
        running.append(_warm(parts.worker))
    if manager.present:
        works = partial(answers, parts.settings.proxy.host, relay)
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


def _channel(parts: Parts) -> ControlChannel:
    controller = Controller(
        tools=Tools(settings=parts.settings, store=parts.store, sources=parts.sources, session=parts.session),
        sync=parts.periodic.once,
        why_not=lambda: parts.periodic.last_error,
        status=partial(_status, parts.settings),
    )
    timeout = parts.settings.mpd.timeout_seconds
    return ControlChannel(address=parts.address, respond=controller.respond, timeout=timeout)


async def _status(settings: Settings) -> list[str]:
    """What `mpdbridge status` shows."""
    found = lines(await gather(settings), None, now=time.time())
    return [f"{'ok' if line.well else '–'} {line.part}: {line.told}" for line in found]


async def _warm(worker: ExtractorWorker) -> None:
    """The first song shall not wait for Python to start and import yt-dlp."""
    try:
        await worker.warm()
    except YouTubeStreamError as error:
        log.warning("yt-dlp does not start", reason=str(error))
