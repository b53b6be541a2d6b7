"""One request to upstream at a time, over one pooled session. The only place that knows aiohttp's client.

Always a closed range: an open-ended GET is paced down to playing speed by googlevideo. Buffers are bounded on both
sides of the kernel's border, so that a paused listener costs little (see `RECEIVE_BUFFER`).
"""

import asyncio
import os
import socket
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from mpdbridge.byterange import ByteRange, parse_content_range
from mpdbridge.errors import ProxyError
from mpdbridge.models import Stream
from mpdbridge.relay.alarm import Alarm

# A stream whose client stands still is to hold about 512 KiB all told, the kernel's buffers on both sides included; see
# tests/relay/test_memory.py. Larger ones save a tenth of the CPU at twice the memory, smaller ones cost a third more;
# left alone, the kernel takes megabytes.
RECEIVE_BUFFER = 64 * 1024  # asked of the kernel, which doubles it
READ_BUFFER = 8 * 1024  # aiohttp stops reading at twice this, that is after each chunk; its default hoards 512 KiB
_STALE = (403, 404, 410)
_TRY_AGAIN = (408, 425, 429)  # RFC 9110 15.5.9, RFC 8470 5.2, RFC 6585 4
_OCTETS = "application/octet-stream"
_NOWHERE = (
    aiohttp.NonHttpUrlClientError,
    aiohttp.RedirectClientError,
    aiohttp.InvalidURL,
    aiohttp.TooManyRedirects,
    ValueError,
)


class UpstreamError(ProxyError):
    """Upstream refused, broke off, fell silent, or answered something else than audio.

    Attributes:
        status: its HTTP status, or None when the transfer itself failed.
        timed_out: it was silent for too long.
        retry_after: seconds that it wants to be left alone, if it said so.
    """

    def __init__(
        self, message: str, *, status: int | None = None, timed_out: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.timed_out = timed_out
        self.retry_after = retry_after

    @property
    def stale(self) -> bool:
        """The URL is refused: expired, or for another address. A fresh one may help."""
        return self.status in _STALE

    @property
    def transient(self) -> bool:
        """The same request may succeed in a moment."""
        return self.status is None or self.status >= 500 or self.status in _TRY_AGAIN

    @property
    def refused(self) -> bool:
        """It does not want to give it, and will hardly change its mind within seconds."""
        return self.stale or self.status == 429


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer's headers tell.

    Attributes:
        length: of the whole file, in bytes; None when not told.
        content_type: without parameters; None when it says nothing.
        part: the bytes that are in the body; None when upstream sends the whole file.
        over: nothing is there at the position asked for (416).
    """

    length: int | None
    content_type: str | None
    part: ByteRange | None
    over: bool = False


class Reply:
    """One answer of upstream. `close` it; `read` gives its bytes from the position that was asked for.

    Each byte of it may take `silence` seconds. aiohttp's own limit, sock_read, sets two timers for each chunk.
    """

    def __init__(self, response: aiohttp.ClientResponse, *, first: int, silence: float) -> None:
        self._response = response
        self._alarm = Alarm(silence, self._give_up)
        self._gave_up = False
        self.told = _told(response, first)
        self._skip = first if self.told.part is None and not self.told.over else 0

    async def read(self) -> bytes:
        """The next bytes, as many as are there; `b""` at the end of this answer.

        Raises:
            UpstreamError: it broke off or fell silent.
        """
        if self.told.over:
            return b""
        try:
            # An upstream that ignores Range sends the file from its start.
            while chunk := await self._next_chunk():
                if self._skip < len(chunk):
                    chunk, self._skip = chunk[self._skip :], 0
                    return chunk
                self._skip -= len(chunk)
        except (aiohttp.ClientError, OSError) as error:
            raise _broken(TimeoutError() if self._gave_up else error) from error
        return b""

    def close(self) -> None:
        """Give the connection back to the pool if all was read, else cut it."""
        self._alarm.close()
        self._response.close()

    async def _next_chunk(self) -> bytes:
        self._alarm.set()
        try:
            return await self._response.content.readany()
        finally:
            self._alarm.clear()

    def _give_up(self) -> None:
        self._gave_up = True
        self._response.close()


class UpstreamClient:
    """The pooled session; `async with` it."""

    def __init__(self) -> None:
        self._running = AsyncExitStack()

    async def __aenter__(self) -> Self:
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, socket_factory=_bounded_socket),
            read_bufsize=READ_BUFFER,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            requote_redirect_url=False,  # a signature covers the URL as it was written
        )
        self._session = await self._running.enter_async_context(session)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._running.aclose()

    async def open(self, stream: Stream, first: int, last: int, *, silence: float) -> Reply:
        """Ask for the bytes `first` to `last` of `stream` and return the answer once its headers are there.

        `silence` is how long, in seconds, they may take, finding and connecting to the host included, and then each
        further byte of the body.

        Raises:
            UpstreamError: upstream cannot be reached, refused, or sends no audio.
        """
        headers = CIMultiDict(stream.headers)
        headers.update({"Range": f"bytes={first}-{last}", "Accept-Encoding": "identity"})
        try:
            # aiohttp itself follows redirects to http and https alone.
            async with asyncio.timeout(silence):
                response = await self._session.get(
                    _exact(stream.url),
                    headers=headers,
                    max_redirects=5,
                    timeout=aiohttp.ClientTimeout(total=None),
                )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _broken(error) from error
        _bound_tls(response)
        try:
            return Reply(response, first=first, silence=silence)
        except UpstreamError:
            response.close()
            raise


def _told(response: aiohttp.ClientResponse, first: int) -> Told:
    """Raises UpstreamError for an answer that is not the audio from byte `first` on."""
    content_type = None if response.content_type in (_OCTETS, "") else response.content_type
    told = parse_content_range(response.headers.get("Content-Range"))
    if response.status == 416:
        return Told(told.length if told else None, None, None, over=True)
    if response.status not in (200, 206):
        raise UpstreamError(
            f"upstream answered {response.status} {response.reason}",
            status=response.status,
            retry_after=_seconds(response.headers.get("Retry-After")),
        )
    if content_type == "text/html" or response.headers.get("Content-Encoding", "identity") != "identity":
        raise UpstreamError("upstream sent a page instead of audio", status=response.status)
    if response.status == 200:
        return Told(response.content_length, content_type, None)
    if told is None or told.range is None or told.range.first != first:
        raise UpstreamError("upstream sent another range than asked for", status=response.status)
    return Told(told.length, content_type, told.range)


def _seconds(header: str | None) -> float | None:
    """The seconds of a `Retry-After` (RFC 9110 10.2.3); a date, which no clock here can be trusted with, is None."""
    return float(header) if header is not None and header.isascii() and header.isdigit() else None


def _exact(url: str) -> URL:
    # A signed URL is sent as it was written; only what cannot stand in a request line is escaped.
    return URL(url, encoded=url.isascii() and " " not in url)


def _broken(error: Exception) -> UpstreamError:
    """Names what happened by its class: the text of aiohttp's errors can carry the signed URL."""
    if isinstance(error, TimeoutError):
        return UpstreamError("upstream was silent for too long", timed_out=True)
    if isinstance(error, _NOWHERE):
        return UpstreamError(f"upstream's URL leads nowhere ({type(error).__name__})", status=400)
    if isinstance(error, aiohttp.ClientConnectorError):
        number = error.os_error.errno
        return UpstreamError(f"upstream cannot be reached ({os.strerror(number) if number else type(error).__name__})")
    return UpstreamError(f"upstream broke off ({type(error).__name__})")


def _bound_tls(response: aiohttp.ClientResponse) -> None:
    """Has asyncio's TLS take nothing from the kernel while nobody reads what it has; it hoards 256 KiB by default."""
    transport = response.connection and response.connection.transport
    if isinstance(transport, asyncio.Transport) and transport.get_extra_info("sslcontext") is not None:
        transport.set_read_buffer_limits(high=READ_BUFFER)  # type: ignore[attr-defined]  # of TLS transports alone


def _bounded_socket(address: "aiohttp.connector.AddrInfoType") -> socket.socket:
    family, kind, protocol, *_ = address
    connection = socket.socket(family, kind, protocol)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    return connection
