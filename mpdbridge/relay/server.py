"""ICYProxyServer: the relay, listening."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Self

from aiohttp import web

from mpdbridge.concurrency import beside
from mpdbridge.config import ProxySettings
from mpdbridge.errors import MpdBridgeError, StoreError
from mpdbridge.logs import get_logger
from mpdbridge.models import Track
from mpdbridge.relay.audio import AudioOpener
from mpdbridge.relay.covers import CoverCache, Covers
from mpdbridge.relay.handlers import AudioHandler, CoverHandler, HealthHandler
from mpdbridge.relay.heads import HeadCache
from mpdbridge.relay.limits import StreamSlots
from mpdbridge.relay.listen import listening_sockets
from mpdbridge.relay.malformed import server_log
from mpdbridge.relay.patience import Patience
from mpdbridge.relay.refusals import Refusals
from mpdbridge.relay.refused import RefusedTracks
from mpdbridge.relay.spool import Spool
from mpdbridge.relay.thumbnails import ThumbnailClient
from mpdbridge.relay.upstream import UpstreamClient
from mpdbridge.resolver import StreamResolver
from mpdbridge.store import AsyncStore, TrackStore
from mpdbridge.urls import ProxyUrls

log = get_logger(__name__)

_GRACE = 0.5  # seconds a stream has to end by itself at shutdown; aiohttp waits twice as long at most
_HEAD_SECONDS = 30.0  # for one head; it is a second's work
_PATIENCE = Patience()


def _nobody_is_tagged(_address: str) -> bool:
    return False


class ICYProxyServer:
    """Serves the tracks of a TrackStore over HTTP while inside `async with`.

    Attributes:
        port: the port it listens on, also when the settings leave the choice to the system (0).
    """

    def __init__(
        self,
        *,
        store: AsyncStore,
        resolver: StreamResolver,
        settings: ProxySettings,
        spool: Spool,
        tagged: Callable[[str], bool] = _nobody_is_tagged,
        health: Callable[[], Mapping[str, object]] | None = None,
        patience: Patience = _PATIENCE,
        heads: HeadCache | None = None,
        covers: CoverCache | None = None,
    ) -> None:
        """Nothing is opened yet.

        Args:
            store: where the tracks are.
            resolver: where their audio is now.
            settings: address, ICY and limits.
            spool: where upstreams without ranges wait for slow clients.
            tagged: whether the queue tagger is attached to the MPD at an IP address.
            health: more facts for `/health`.
            patience: how long upstream's troubles are kept from the listener.
            heads: the first bytes of tracks; None keeps none.
            covers: the pictures of tracks; None keeps none.
        """
        self._store = store
        self._resolver = resolver
        self._settings = settings
        self._spool = spool
        self._tagged = tagged
        self._health = health
        self._patience = patience
        self._heads = heads
        self._cover_cache = covers
        self._running = AsyncExitStack()
        self._opener: AudioOpener | None = None
        self._covers: Covers | None = None
        self.port = settings.port

    @property
    def urls(self) -> ProxyUrls:
        """The URLs under which the tracks are reached."""
        return ProxyUrls.for_listener(self._settings.host, self.port, self._settings.advertise)

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            ProxyError: the port is taken, or the host is none of this machine.
        """
        async with AsyncExitStack() as starting:
            sockets = await listening_sockets(self._settings.host, self._settings.port)
            for listener in sockets:
                starting.callback(listener.close)
            self.port = sockets[0].getsockname()[1]
            client = await starting.enter_async_context(UpstreamClient(self._spool))
            covers = Covers(
                client=await starting.enter_async_context(ThumbnailClient()),
                cache=self._cover_cache,
                patience=self._patience.cover,
            )
            await starting.enter_async_context(beside(covers.run()))
            runner = web.AppRunner(
                self._app(client, covers),
                access_log=None,
                logger=server_log,
                handler_cancellation=True,
                shutdown_timeout=_GRACE,
            )
            await runner.setup()
            starting.push_async_callback(runner.cleanup)
            for listener in sockets:
                await web.SockSite(runner, listener).start()
            self._running = starting.pop_all()
        log.info("relay listens", url=self.urls.base)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._running.aclose()

    async def prefetch(self, track_ids: Sequence[str]) -> None:
        """Has heads (if the stream is known) and covers kept of tracks that will probably be played next, one by one.

        One that cannot be had is logged, never raised.
        """
        for track_id in track_ids:
            try:
                track = await self._store.run(TrackStore.track, track_id)
            except StoreError as error:
                log.info("nothing prefetched", track=track_id, reason=str(error))
                continue
            if track is not None:
                await self._prefetch_head(track)
                await self._prefetch_cover(track)

    async def _prefetch_head(self, track: Track) -> None:
        try:
            async with asyncio.timeout(_HEAD_SECONDS):
                if self._opener is not None:
                    await self._opener.fetch_head(track.track_id)
        except (MpdBridgeError, TimeoutError) as error:
            log.info("head not prefetched", track=track.track_id, reason=str(error) or "too slow")

    async def _prefetch_cover(self, track: Track) -> None:
        if self._covers is not None and track.source != "demo":
            await self._covers.of(track)

    def _app(self, client: UpstreamClient, covers: Covers) -> web.Application:
        slots = StreamSlots(self._settings.max_streams)
        refused = RefusedTracks(seconds=self._patience.refused)
        self._opener = AudioOpener(
            resolver=self._resolver,
            client=client,
            patience=self._patience,
            window=self._settings.upstream_range_mib * 1024 * 1024,
            refused=refused,
            heads=self._heads,
        )
        audio = AudioHandler(
            resolver=self._resolver,
            opener=self._opener,
            slots=slots,
            settings=self._settings,
            tagged=self._tagged,
            patience=self._patience,
        )
        health = HealthHandler(
            store=self._store,
            slots=slots,
            refused=refused,
            heads=self._heads,
            covers=self._cover_cache,
            health=self._health,
        )
        self._covers = covers
        cover = CoverHandler(resolver=self._resolver, covers=covers)
        app = web.Application(middlewares=[Refusals().answer])
        app.router.add_get("/health", health.answer)
        app.router.add_get("/proxy/{track_id}", audio.answer)
        app.router.add_get("/proxy/{track_id}/cover.{kind:png|jpg|webp}", cover.answer)
        app.router.add_get("/proxy/{track_id}/{tail:.*}", audio.answer)
        return app
