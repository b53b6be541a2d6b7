"""Audio that begins with a head from the disk, and audio that leaves its head there. Both are an `Audio`, made of one.

While a head is sent, its track's URL is looked for and upstream is taken up where the head ends. The body goes on there
only if upstream has the very file that the head is of. If it has not, or the track is gone, the head is dropped and the
audio ends.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from mpdbridge.concurrency import beside
from mpdbridge.errors import ProxyError, TrackNotFoundError, YouTubeStreamError
from mpdbridge.logs import get_logger
from mpdbridge.relay.head_file import HEAD_BYTES, Head
from mpdbridge.relay.heads import HeadCache
from mpdbridge.relay.pipe import Put
from mpdbridge.relay.plan import Span, StreamFacts
from mpdbridge.relay.remote import OtherFileError, RemoteAudio

log = get_logger(__name__)

_PIECE = 64 * 1024


class HeadedAudio:
    """A head, then `rest`, which was told that the head's file is begun. The head is let go of once it was read."""

    def __init__(self, head: Head, *, rest: RemoteAudio, heads: HeadCache) -> None:
        self._track_id = head.track_id
        self._facts = head.facts
        self._length = head.length
        self._body = self._left = memoryview(head.body)
        self._rest = rest
        self._heads = heads
        self._goes_beyond = False  # what is asked for does not end with the head
        self._opening: asyncio.Task[None] | None = None
        self._stands_by = False  # the client takes nothing, and has not read on yet

    @asynccontextmanager
    async def opened(self, span: Span) -> AsyncIterator[None]:
        """Ready at once for `span`, which begins in the head or behind the file. Nothing stays open after it."""
        self._go_to(span)
        async with AsyncExitStack() as held:
            held.callback(self._rest.release)
            if self._goes_beyond:
                self._opening = await held.enter_async_context(beside(self._rest.prepare()))
            yield

    @property
    def facts(self) -> StreamFacts:
        return self._facts

    async def start(self, span: Span) -> None:
        opening, self._opening = self._opening, None
        if opening is not None:
            opening.cancel()
            await asyncio.wait([opening])
        self._go_to(span)
        if self._goes_beyond and not self._left:
            try:
                await self._rest.prepare()
            except ProxyError as error:
                self._judge(error)
                raise

    async def read(self) -> bytes | memoryview:
        self._stands_by = False
        if self._left:
            piece, self._left = bytes(self._left[:_PIECE]), self._left[_PIECE:]
            if not self._left:
                self._body = self._left = memoryview(b"")
            return piece
        if not self._goes_beyond:
            return b""
        try:
            await self._opened()
            return await self._rest.read()
        except ProxyError as error:
            self._judge(error)
            raise

    async def pour(self, put: Put) -> bool:
        return not self._left and self._opening is None and await self._rest.pour(put)

    def stand_by(self) -> None:
        self._body = self._left = memoryview(bytes(self._left))
        self._stands_by = True
        if self._opening is None or self._opening.done():
            self._rest.stand_by()
        else:
            self._opening.add_done_callback(self._stand_by_now)

    def _stand_by_now(self, opening: asyncio.Task[None]) -> None:
        if self._stands_by and not opening.cancelled() and opening.exception() is None:
            self._rest.stand_by()

    def release(self) -> None:
        self._stands_by = False
        if self._opening is not None:
            self._opening.cancel()
        self._rest.release()

    def _go_to(self, span: Span) -> None:
        end = self._length if span.last is None else min(span.last + 1, self._length)
        self._left = self._body[span.first : end]
        first = max(span.first, len(self._body))
        self._goes_beyond = first < end
        if self._goes_beyond:
            self._rest.go_to(Span(first, span.last))

    async def _opened(self) -> None:
        """Returns when upstream is there; also when it was let go of, for `rest` takes it up again by itself."""
        if self._opening is None:
            return
        await asyncio.wait([self._opening])
        opening, self._opening = self._opening, None
        if not opening.cancelled():
            opening.result()

    def _judge(self, error: ProxyError) -> None:
        if is_outdated(error):
            log.info("head of a track dropped", track=self._track_id, reason=str(error))
            self._heads.drop(self._track_id)


class RecordingAudio:
    """`inner`, whose first bytes are kept as they pass."""

    def __init__(self, inner: RemoteAudio, *, heads: HeadCache) -> None:
        self._inner = inner
        self._heads = heads
        self._passed: list[bytes | memoryview] | None = (
            None  # from byte 0 on; None when that is not what passes, or is done with
        )
        self._size = 0

    @property
    def facts(self) -> StreamFacts:
        return self._inner.facts

    async def start(self, span: Span) -> None:
        self._passed, self._size = ([] if span.first == 0 else None), 0
        await self._inner.start(span)

    async def read(self) -> memoryview:
        chunk = await self._inner.read()
        if self._passed is not None:
            self._passed.append(chunk)
            self._size += len(chunk)
            self._keep(self._passed)
        return chunk

    async def pour(self, put: Put) -> bool:
        return self._passed is None and await self._inner.pour(put)

    def stand_by(self) -> None:
        self._passed = None
        self._inner.stand_by()

    def release(self) -> None:
        self._passed = None
        self._inner.release()

    def _keep(self, passed: list[bytes | memoryview]) -> None:
        """Keeps what has passed once it is enough."""
        origin = self._inner.origin
        if origin is None or not origin.length:  # without a length nobody could tell whether it is still the file
            self._passed = None
        elif self._size >= min(HEAD_BYTES, origin.length):
            self._heads.keep(Head(self._inner.track_id, replace(origin, url=""), b"".join(passed)[:HEAD_BYTES]))
            self._passed = None


def is_outdated(error: ProxyError) -> bool:
    """Whether `error` means that a head is of no use any more."""
    gone = isinstance(error, YouTubeStreamError) and error.permanent
    return gone or isinstance(error, OtherFileError | TrackNotFoundError)
