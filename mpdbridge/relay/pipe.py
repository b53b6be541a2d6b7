"""The quick way for the body of an answer: from upstream's socket into the client's, through one buffer for all.

aiohttp's parser copies each chunk, its reader keeps it and wakes a task for it: that is most of what a chunk costs. So
once the headers are read, the connection's transport is lent to a protocol of ours, which counts the bytes and gives it
back with the last one. Then the connection goes to aiohttp's pool as after any other answer.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp
from aiohttp.client_proto import ResponseHandler

WIDE = 128 * 1024  # bytes received at once
NARROW = 64 * 1024


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection of aiohttp's pool, and aiohttp's protocol on it."""

    transport: asyncio.Transport
    protocol: ResponseHandler


Put = Callable[[bytes | memoryview], bool]


class PipeBuffer:
    """What all pipes receive into: each hands on at once what it got.

    Attributes:
        view: the buffer.
    """

    def __init__(self, size: int = WIDE) -> None:
        self._size = size
        self.replace()

    def replace(self) -> None:
        """Leaves the buffer to whoever still holds it, and takes another one."""
        self.view = memoryview(bytearray(self._size))


class Pipe(asyncio.BufferedProtocol):
    """Receives the rest of a body.

    Args:
        left: bytes of it that have not been received yet.
        connection: whose transport is borrowed for them.
        body: aiohttp's side of it, to be told of its end.
        buffer: where to receive.
        heard: called whenever something comes.

    Attributes:
        left: bytes that are still to come.
        buffer: where to receive from now on.
    """

    def __init__(
        self,
        left: int,
        *,
        connection: Connection,
        body: aiohttp.StreamReader,
        buffer: PipeBuffer,
        heard: Callable[[], None],
    ) -> None:
        self.left = left
        self._connection: Connection | None = connection
        self._body = body
        self.buffer = buffer
        self._heard = heard
        self._put: Put | None = None
        self._waiter: asyncio.Future[None] | None = None
        connection.transport.pause_reading()  # until something is wanted
        connection.transport.set_protocol(self)

    async def pour(self, put: Put) -> None:
        """Gives `put` what comes, until all has come, or `put` wants no more for now, or the connection is lost."""
        if self._connection is None:
            return
        self._put = put
        self._waiter = asyncio.get_running_loop().create_future()
        self._connection.transport.resume_reading()
        try:
            await self._waiter
        finally:
            self._pause()

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002  # asyncio has no hint to give
        return self.buffer.view[: self.left + 1]  # one more: who sends that is not to be asked again

    def buffer_updated(self, nbytes: int) -> None:
        self._heard()
        wanted = min(nbytes, self.left)
        self.left -= wanted
        if self._put is not None and not self._put(self.buffer.view[:wanted]):
            self.buffer.replace()  # the client's transport holds it, unless this Python's copies
            self._pause()
        if self._connection is not None and not self.left:
            if wanted < nbytes:
                self._connection.protocol.force_close()
            self._connection.transport.set_protocol(self._connection.protocol)
            self._end()
            self._body.feed_eof()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection is not None:
            self._connection.protocol.connection_lost(exc)  # it notes that the body is not complete
            self._end()

    def _pause(self) -> None:
        if self.left and self._connection is not None:
            self._connection.transport.pause_reading()
        self._put = None
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _end(self) -> None:
        # asyncio's TLS keeps our methods as long as the connection lives: nothing else is to be kept through them.
        self._connection = None
        self._pause()
