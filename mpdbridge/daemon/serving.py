"""The relay with its caches on disk, and what is done so that it has at hand what MPD asks for next."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

from mpdbridge.daemon.facts import HealthFacts
from mpdbridge.daemon.parts import Parts
from mpdbridge.logs import get_logger
from mpdbridge.relay.covers import users_covers
from mpdbridge.relay.heads import users_heads
from mpdbridge.relay.health import ask_health
from mpdbridge.relay.server import ICYProxyServer
from mpdbridge.relay.spool import users_spool
from mpdbridge.resolver import StreamResolver
from mpdbridge.urls import ProxyUrls

log = get_logger(__name__)


async def open_relay(parts: Parts, facts: HealthFacts, stack: AsyncExitStack) -> ICYProxyServer | None:
    """The relay, listening until `stack` is closed; None when none is wanted here.

    Raises:
        ProxyError: its port is taken.
    """
    settings = parts.settings.proxy
    if not settings.enabled:
        url = parts.settings.uris.base
        log.warning("no relay, since proxy.enabled is false: tracks play where another one answers", url=url)
        return None
    heads = await stack.enter_async_context(users_heads(megabytes=settings.head_cache_mb))
    covers = await stack.enter_async_context(users_covers(megabytes=settings.cover_cache_mb))
    spool = await stack.enter_async_context(users_spool())
    relay = ICYProxyServer(
        store=parts.store,
        resolver=parts.resolver,
        settings=settings,
        spool=spool,
        tagged=parts.tagger.serves,
        health=facts,
        heads=heads,
        covers=covers,
    )
    return await stack.enter_async_context(relay)


async def prepare(resolver: StreamResolver, relay: ICYProxyServer | None, track_ids: Sequence[str]) -> None:
    """Each track can be played at once before the next one's turn comes."""
    for track_id in track_ids:
        await resolver.prefetch([track_id])
        if relay is not None:
            await relay.prefetch([track_id])


async def reach_relay(host: str, relay: ICYProxyServer | None) -> None:
    """Raises OSError, HTTPException or ValueError when the relay, asked as MPD asks it, does not answer."""
    if relay is not None:
        await ask_health(ProxyUrls.for_listener(host, relay.port).base)
