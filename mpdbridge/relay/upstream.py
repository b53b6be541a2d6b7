"""One request to upstream at a time, over one pooled session.

Always a closed range: an open-ended GET is paced down to playing speed by googlevideo. Buffers are bounded on both
sides of the kernel's border, so that a paused listener costs little (see `RECEIVE_BUFFER`).
"""

import asyncio
import socket
from contextlib import AsyncExitStack
from typing import Self

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from mpdbridge.models import Stream
from mpdbridge.relay.heap import HeapTrimmer
from mpdbridge.relay.pipe import NARROW, PipeBuffer
from mpdbridge.relay.reply import Reply, UpstreamError, broken
from mpdbridge.relay.spool import Spool

# What is on its way to a fast client, in the kernel and in aiohttp; for a slow one it is less, see `remote`. A quarter
# of it costs a third more CPU with TLS; left alone, the kernel takes megabytes.
RECEIVE_BUFFER = 1024 * 1024  # asked of the kernel, which cuts it to net.core.rmem_max and doubles it
READ_BUFFER = 96 * 1024  # aiohttp stops reading at twice this: so a short range comes whole
KEEP_ALIVE = 5.0  # seconds; the next range of a fast client, or a seek, comes at once


class UpstreamClient:
    """The pooled session; `async with` it.

    Attributes:
        spool: for answers that cannot be asked for in ranges.
    """

    def __init__(self, spool: Spool) -> None:
        self.spool = spool
        self._running = AsyncExitStack()
        self._buffer, self._small_buffer = PipeBuffer(), PipeBuffer(NARROW)
        self._heap = HeapTrimmer()

    async def __aenter__(self) -> Self:
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE, socket_factory=_bounded_socket),
            read_bufsize=READ_BUFFER,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            requote_redirect_url=False,  # a signature covers the URL as it was written
        )
        self._running.callback(self._heap.close)
        self._session = await self._running.enter_async_context(session)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._running.aclose()

    async def open(self, stream: Stream, first: int, last: int, *, silence: float, once: bool = False) -> Reply:
        """Ask for the bytes `first` to `last` of `stream` and return the answer once its headers are there.

        `silence` is how long, in seconds, they may take, finding and connecting to the host included, and then each
        further byte of the body. `once`: the next request may be long in coming, so upstream is asked to close a TLS
        connection, for which asyncio holds 400 KiB.

        Raises:
            UpstreamError: upstream cannot be reached, refused, or sends no audio.
        """
        headers = CIMultiDict(stream.headers)
        headers.update({"Range": f"bytes={first}-{last}", "Accept-Encoding": "identity"})
        if once and stream.url.startswith("https:"):
            headers["Connection"] = "close"
        try:
            # aiohttp itself follows redirects to http and https alone.
            async with asyncio.timeout(silence):
                response = await self._session.get(
                    exact(stream.url),
                    headers=headers,
                    max_redirects=5,
                    timeout=aiohttp.ClientTimeout(total=None),
                )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise broken(error) from error
        try:
            reply = Reply(
                response,
                first=first,
                silence=silence,
                buffer=self._buffer,
                small=self._small_buffer,
                heap=self._heap,
            )
        except UpstreamError:
            response.close()
            raise
        if reply.told.starts_over and self.spool.refused:
            reply.expect_little()  # for what is on its way when the client stands still has nowhere to go
        return reply


def exact(url: str) -> URL:
    """`url` as it was written, for it may be signed; only what cannot stand in a request line is escaped."""
    return URL(url, encoded=url.isascii() and " " not in url)


def _bounded_socket(address: "aiohttp.connector.AddrInfoType") -> socket.socket:
    family, kind, protocol, *_ = address
    connection = socket.socket(family, kind, protocol)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    return connection
