"""One answer of upstream: what its headers tell, and its body, read or poured.

What goes wrong is an UpstreamError. It is named by its class: the text of aiohttp's errors can carry the signed URL.
"""

import os
import socket
from dataclasses import dataclass

import aiohttp

from mpdbridge.byterange import ByteRange, parse_content_range
from mpdbridge.errors import ProxyError
from mpdbridge.relay.alarm import Alarm
from mpdbridge.relay.heap import HeapTrimmer
from mpdbridge.relay.pipe import Connection, Pipe, PipeBuffer, Put

_STALE = (403, 404, 410)
TRY_AGAIN = (408, 425, 429)  # RFC 9110 15.5.9, RFC 8470 5.2, RFC 6585 4
_UNTRUSTED = "upstream's certificate is not trusted: is the clock right, are the system's CA certificates up to date?"
_NARROW = 64 * 1024  # less than loopback's segments, doubled, makes a crawl of it
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
        return self.status is None or self.status >= 500 or self.status in TRY_AGAIN

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

    @property
    def starts_over(self) -> bool:
        """Upstream ignores ranges: it sends the file from its first byte on, whatever was asked for."""
        return self.part is None and not self.over


class Reply:
    """One answer of upstream. `close` it; `read` gives its bytes from the position that was asked for.

    Each byte of it may take `silence` seconds. aiohttp's own limit, sock_read, sets two timers for each chunk.
    """

    def __init__(
        self,
        response: aiohttp.ClientResponse,
        *,
        first: int,
        silence: float,
        buffer: PipeBuffer,
        small: PipeBuffer,
        heap: HeapTrimmer,
    ) -> None:
        self._response = response
        self._buffer = buffer
        self._small = small
        self._heap = heap
        self._pipe: Pipe | None = None
        self._left = None if "Transfer-Encoding" in response.headers else response.content_length
        self._alarm = Alarm(silence, self._give_up)
        self._gave_up = False
        self.told = _told(response, first)
        self._skip = first if self.told.starts_over else 0

    async def read(self) -> bytes:
        """The next bytes, as many as are there; `b""` at the end of this answer.

        Raises:
            UpstreamError: it broke off or fell silent.
        """
        if self.told.over:
            return b""
        try:
            while chunk := await self._next_chunk():
                if self._skip < len(chunk):
                    chunk, self._skip = chunk[self._skip :], 0
                    return chunk
                self._skip -= len(chunk)
        except (aiohttp.ClientError, OSError) as error:
            raise broken(TimeoutError() if self._gave_up else error) from error
        return b""

    async def pour(self, put: Put) -> None:
        """Gives `put` what comes, until all has come, or `put` wants no more for now.

        The same if it breaks off or falls silent: then it cannot be poured any more, and `read` tells.
        """
        content = self._response.content
        self._alarm.set()
        try:
            if self._pipe is None:
                more = True
                if self._left and (chunk := content.read_nowait()):
                    self._left -= len(chunk)
                    more = put(chunk)
                connection = _connection_of(self._response)
                if not self._left or connection is None:
                    return
                # At once, whether or not more is wanted: aiohttp would go on reading meanwhile.
                self._pipe = Pipe(
                    self._left, connection=connection, body=content, buffer=self._buffer, heard=self._alarm.set
                )
                if not more:
                    return
            await self._pipe.pour(put)
        finally:
            self._alarm.clear()

    @property
    def left(self) -> int | None:
        """Bytes of its body that were not given yet; None when it does not tell."""
        return self._left if self._pipe is None else self._pipe.left

    @property
    def can_be_poured(self) -> bool:
        broken = self._response.content.exception() is not None or _connection_of(self._response) is None
        return bool(self.left) and not self._skip and not broken

    @property
    def has_come(self) -> bool:
        """All of it is here, and nothing of it in the kernel: its connection is free."""
        return self._response.content.is_eof()

    def expect_little(self) -> None:
        """No more of it than needs be is to be on its way, and its connection ends with it.

        One at rest would hold nearly as much, and be a slow one for whoever gets it next.
        """
        if (connection := _connection_of(self._response)) is None:
            return
        connection.protocol.force_close()
        self._buffer = self._small  # on Python 3.12 and later, a client's transport holds it whole
        if self._pipe is not None:
            self._pipe.buffer = self._small
        transport = connection.transport
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _NARROW)
        if transport.get_extra_info("sslcontext") is not None:  # asyncio's TLS hoards 256 KiB beside what it is reading
            transport.set_read_buffer_limits(high=_NARROW)  # type: ignore[attr-defined]  # of TLS transports alone

    def rest(self) -> None:
        """Nobody reads on for a while."""
        self._heap.soon()

    def close(self) -> None:
        """Give the connection back to the pool if all was read, else cut it."""
        self._alarm.close()
        self._response.close()
        self._heap.soon()

    async def _next_chunk(self) -> bytes:
        content = self._response.content
        if not content.is_eof() and _connection_of(self._response) is None:
            # Nothing more will come. aiohttp does not tell its reader if that is for rubbish between two chunks.
            chunk = content.read_nowait()
            if not chunk:
                raise aiohttp.ClientPayloadError
        else:
            self._alarm.set()
            try:
                chunk = await content.readany()
            finally:
                self._alarm.clear()
        if self._left is not None:
            self._left -= len(chunk)
        return chunk

    def _give_up(self) -> None:
        self._gave_up = True
        self._response.close()


def _connection_of(response: aiohttp.ClientResponse) -> Connection | None:
    """The connection while it is open, and the body has not come."""
    connection = response.connection
    if connection is None or connection.transport is None or connection.protocol is None:
        return None
    return Connection(connection.transport, connection.protocol)


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


def broken(error: Exception) -> UpstreamError:
    """What `error` of aiohttp's client means."""
    if isinstance(error, TimeoutError):
        return UpstreamError("upstream was silent for too long", timed_out=True)
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return UpstreamError(_UNTRUSTED, status=400)
    if isinstance(error, _NOWHERE):
        return UpstreamError(f"upstream's URL leads nowhere ({type(error).__name__})", status=400)
    if isinstance(error, aiohttp.ClientConnectorError):
        number = error.os_error.errno
        return UpstreamError(f"upstream cannot be reached ({os.strerror(number) if number else type(error).__name__})")
    return UpstreamError(f"upstream broke off ({type(error).__name__})")
