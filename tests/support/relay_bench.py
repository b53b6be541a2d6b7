"""A relay on a port of its own, between a fake googlevideo and the test; store and resolver are real."""

import asyncio
import socket
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import aiohttp
from support.upstream import FakeUpstream

from mpdbridge.config import ProxySettings, ResolverSettings
from mpdbridge.models import Stream, Track
from mpdbridge.relay.patience import Patience
from mpdbridge.relay.server import ICYProxyServer
from mpdbridge.relay.spool import Spool
from mpdbridge.resolver import Extracted, ExtractorWorker, StreamResolver
from mpdbridge.store import AsyncStore, TrackStore

ID = "dQw4w9WgXcQ"
TRACK = Track(ID, "Thin Brown Layer", ("Tommy Guerrero",), source_url=f"https://music.youtube.com/watch?v={ID}")
QUICK = Patience(first_byte=5.0, silence=1.0, retries=(0.01, 0.02))


class ScriptedWorker:
    """In place of yt-dlp: every question gives a new signed URL of the fake upstream; `failure` is raised instead.

    While `free` is not set, it is as slow as can be.

    Attributes:
        asked: how many questions there were.
        options: fields of every Stream, e.g. another url.
    """

    def __init__(self, upstream: FakeUpstream) -> None:
        self._upstream = upstream
        self.asked = 0
        self.failure: Exception | None = None
        self.options: dict[str, Any] = {}
        self.free = asyncio.Event()
        self.free.set()

    async def extract(self, url: str) -> Extracted:
        self.asked += 1
        await self.free.wait()
        if self.failure is not None:
            raise self.failure
        track_id = url.rpartition("=")[2]
        fields = {"url": self._upstream.url(track_id), "resolved_at": time.time(), "format_id": "251", **self.options}
        return Extracted(Stream(**fields), Track(track_id, "as the page says"))


@dataclass
class Bench:
    """Everything a relay test needs.

    Attributes:
        start: starts a relay; keyword arguments go to ProxySettings, `server` ones to ICYProxyServer.
    """

    upstream: FakeUpstream
    worker: ScriptedWorker
    resolver: StreamResolver
    store: AsyncStore
    session: aiohttp.ClientSession
    spool: Spool
    stack: AsyncExitStack

    async def start(self, server: dict[str, Any] | None = None, **settings: Any) -> ICYProxyServer:
        chosen = ProxySettings().model_copy(update={"port": 0, **settings})
        options: dict[str, Any] = {"store": self.store, "resolver": self.resolver, "spool": self.spool}
        options |= {"patience": QUICK, **(server or {})}
        return await self.stack.enter_async_context(ICYProxyServer(settings=chosen, **options))

    async def put(self, body: bytes, content_type: str = "audio/webm", track: Track = TRACK, **stream: Any) -> None:
        """Makes `track` known, playing `body`; every resolution gives a new signed URL."""
        self.upstream.add(track.track_id, body, content_type)
        self.worker.options.update(stream)
        await self.store.run(TrackStore.upsert_tracks, [track])

    async def outdate(self) -> None:
        """The stream that was found for the track is not to be used any more; the next use asks for another."""
        await self.store.run(TrackStore.save_stream, ID, Stream(self.upstream.url(ID), resolved_at=1.0, expires_at=2.0))

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


def small_socket(address: "aiohttp.connector.AddrInfoType") -> socket.socket:
    """A client's socket whose kernel buffer does not grow: left alone it can take a whole song, and nothing stalls."""
    family, kind, protocol, *_ = address
    connection = socket.socket(family, kind, protocol)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 128 * 1024)
    return connection


@asynccontextmanager
async def relay_bench() -> AsyncIterator[Bench]:
    """A Bench with everything running but the relay."""
    async with AsyncExitStack() as stack:
        upstream = await stack.enter_async_context(FakeUpstream())
        store = await stack.enter_async_context(AsyncStore.open(":memory:"))
        limit = aiohttp.ClientTimeout(total=20)
        connector = aiohttp.TCPConnector(socket_factory=small_socket)
        session = await stack.enter_async_context(
            aiohttp.ClientSession(auto_decompress=False, timeout=limit, connector=connector)
        )
        worker = ScriptedWorker(upstream)
        patient = ResolverSettings(max_per_hour=100_000)  # a test of cancellation plays more often than a listener
        resolver = StreamResolver(store=store, worker=cast("ExtractorWorker", worker), settings=patient)
        spool = await stack.enter_async_context(Spool(Path(tempfile.gettempdir())))
        yield Bench(upstream, worker, resolver, store, session, spool, stack)
