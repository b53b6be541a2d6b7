"""A relay on a port of its own, between a fake googlevideo and the test; the store is real."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from support.upstream import FakeUpstream

from mpdbridge.config import ProxySettings
from mpdbridge.errors import TrackNotFoundError
from mpdbridge.models import Stream, Track
from mpdbridge.relay.audio import Patience
from mpdbridge.relay.server import ICYProxyServer
from mpdbridge.store import AsyncStore, TrackStore

ID = "dQw4w9WgXcQ"
TRACK = Track(ID, "Thin Brown Layer", ("Tommy Guerrero",), source_url=f"https://music.youtube.com/watch?v={ID}")
QUICK = Patience(first_byte=5.0, silence=1.0, retries=(0.01, 0.02))


class ScriptedResolver:
    """Answers with the streams of a function, and counts how often it is asked; `failure` is raised instead."""

    def __init__(self, streams: Callable[[str], Stream]) -> None:
        self._streams = streams
        self._cached: dict[str, Stream] = {}
        self.fresh = 0
        self.asked = 0
        self.failure: Exception | None = None

    async def resolve(self, track_id: str, *, fresh: bool = False) -> Stream:
        self.asked += 1
        self.fresh += fresh
        if self.failure is not None:
            raise self.failure
        if fresh or track_id not in self._cached:
            try:
                self._cached[track_id] = self._streams(track_id)
            except KeyError:
                raise TrackNotFoundError(track_id) from None
        return self._cached[track_id]


@dataclass
class Bench:
    """Everything a relay test needs.

    Attributes:
        start: starts a relay; keyword arguments go to ProxySettings, `server` ones to ICYProxyServer.
    """

    upstream: FakeUpstream
    resolver: ScriptedResolver
    store: AsyncStore
    session: aiohttp.ClientSession
    stack: AsyncExitStack
    options: dict[str, Any] = field(default_factory=dict)  # for every Stream that is resolved

    async def start(self, server: dict[str, Any] | None = None, **settings: Any) -> ICYProxyServer:
        chosen = ProxySettings().model_copy(update={"port": 0, **settings})
        options: dict[str, Any] = {"store": self.store, "resolver": self.resolver, "patience": QUICK, **(server or {})}
        return await self.stack.enter_async_context(ICYProxyServer(settings=chosen, **options))

    async def put(self, body: bytes, content_type: str = "audio/webm", track: Track = TRACK, **stream: Any) -> None:
        """Makes `track` known, playing `body`; every resolution gives a new signed URL."""
        self.upstream.add(track.track_id, body, content_type)
        self.options.update(stream)
        await self.store.run(TrackStore.upsert_tracks, [track])

    async def get(
        self, relay: ICYProxyServer, path: str = f"/proxy/{ID}", method: str = "GET", **headers: str
    ) -> tuple[int, Any, bytes]:
        """Status, headers and body of one request; `_` in a header's name stands for `-`."""
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        url = f"http://127.0.0.1:{relay.port}{path}"
        async with self.session.request(method, url, headers=sent) as answer:
            return answer.status, answer.headers, await answer.read()

    async def first_byte(self, relay: ICYProxyServer, **headers: str) -> aiohttp.ClientResponse:
        """A response that is being read; the caller closes it."""
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        answer = await self.session.get(f"http://127.0.0.1:{relay.port}/proxy/{ID}", headers=sent)
        await answer.content.readexactly(1)
        return answer


@asynccontextmanager
async def relay_bench() -> AsyncIterator[Bench]:
    """A Bench with everything running but the relay."""
    async with AsyncExitStack() as stack:
        upstream = await stack.enter_async_context(FakeUpstream())
        store = await stack.enter_async_context(AsyncStore.open(":memory:"))
        limit = aiohttp.ClientTimeout(total=20)
        session = await stack.enter_async_context(aiohttp.ClientSession(auto_decompress=False, timeout=limit))
        options: dict[str, Any] = {}

        def stream(track_id: str) -> Stream:
            return Stream(**{"url": upstream.url(track_id), "resolved_at": 0.0, "format_id": "251", **options})

        yield Bench(upstream, ScriptedResolver(stream), store, session, stack, options)
