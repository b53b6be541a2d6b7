"""Audio from upstream, whatever happens to the connections behind it: closed ranges, one connection at a time.

A transfer that breaks or stalls is taken up again at the very byte; a URL that is refused is replaced by a fresh one.
What comes is only ever spliced on if it is the same file; if that cannot be told, the audio ends.

The more a client has taken without standing still, the longer is the next range, up to the window. So a fast client has
its song in a few requests; for a slow one, each range fits into memory whole, and nothing waits on its connection.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

from mpdbridge.errors import ProxyError, YouTubeStreamError
from mpdbridge.logs import get_logger
from mpdbridge.models import Stream
from mpdbridge.relay.origin import Origin, origin_of
from mpdbridge.relay.patience import Patience
from mpdbridge.relay.pipe import Put
from mpdbridge.relay.plan import Span, StreamFacts
from mpdbridge.relay.refused import RefusedTracks
from mpdbridge.relay.reply import Reply, UpstreamError
from mpdbridge.relay.spool import SpooledReply
from mpdbridge.relay.upstream import UpstreamClient
from mpdbridge.resolver import Known, StreamResolver

log = get_logger(__name__)

SHORT_RANGE = 192 * 1024  # bytes, some seconds of audio
_PIECE = 64 * 1024  # bytes handed out at once; they are held until the client has taken them
_REFUSED = ", with a fresh URL too: a newer yt-dlp, resolver.cookies_file or resolver.extractor_args may help"


class OtherFileError(ProxyError):
    """Upstream has another file than the one that was begun."""


@dataclass(slots=True)
class _Tries:
    """What was done for one byte without getting it.

    Attributes:
        delays: seconds before the tries that are left.
        number: of the try that is under way, from 1.
        url: the one that was asked last.
        stale: a URL that was refused: another one has to be found.
        renewed: that was done already, and is not done twice.
    """

    delays: Iterator[float]
    number: int = 1
    url: str | None = None
    stale: str | None = None
    renewed: bool = False


class RemoteAudio:
    """An `Audio` (see `audio`) from upstream.

    Args:
        known: of which track, looked up just now.
        resolver: tells where it is now.
        client: fetches it from there.
        patience: how long troubles are kept from the listener.
        window: the longest range to ask for at once, in bytes.
        refused: what upstream refuses at present.
        begun: the file whose first bytes the listener has from elsewhere; no other one is spliced on.
        short: the length of the first range, and of all of a slow client's, in bytes.

    Attributes:
        origin: the file; None until upstream has told, or `begun` has.
    """

    def __init__(
        self,
        known: Known,
        *,
        resolver: StreamResolver,
        client: UpstreamClient,
        patience: Patience,
        window: int,
        refused: RefusedTracks,
        begun: Origin | None = None,
        short: int = SHORT_RANGE,
    ) -> None:
        self.track_id = known.track.track_id
        self._known: Known | None = known  # until it was asked for once
        self._resolver = resolver
        self._client = client
        self._patience = patience
        self._window = window
        self._short = short
        self._refused = refused
        # What the client was told; the rest may be told later.
        self._facts = None if begun is None else begun.facts(self.track_id)
        self.origin = begun
        self._next = 0  # position of the byte that comes next
        self._still = 0  # position at which the client began, or stood still last
        self._stop: int | None = None  # position behind the last byte that is wanted, or that there is
        self._reply: Reply | SpooledReply | None = None
        self._until: int | None = None  # position behind the last byte that `_reply` is good for
        self._is_short = True  # the range that was asked for last
        self._stood_still = False  # the client, since it began
        self._starts_over = False  # upstream ignores ranges: what is let go of is loaded from the first byte again
        self._ahead = memoryview(b"")  # come, but not yet handed out

    @property
    def facts(self) -> StreamFacts:
        if self._facts is None:
            raise RuntimeError("facts are known after start")
        return self._facts

    async def start(self, span: Span) -> None:
        self.go_to(span)
        await self.prepare()

    def go_to(self, span: Span) -> None:
        """The next `read` begins at the first byte of `span`."""
        self.release()
        self._stood_still = False
        self._next = self._still = span.first
        self._stop = _first(None if span.last is None else span.last + 1, self._length)

    async def prepare(self) -> None:
        """Has the next bytes come, so that `read` need not wait for them; it may be cancelled."""
        self._ahead = self._ahead or memoryview(await self._fetch())

    async def read(self) -> memoryview:
        await self.prepare()
        piece, rest = self._ahead[:_PIECE], self._ahead[_PIECE:]
        self._ahead = rest or memoryview(b"")  # an empty slice would keep what it was cut from
        return piece

    async def pour(self, put: Put) -> bool:
        reply = self._reply
        if self._ahead or self._is_short or self._until is None:
            return False
        if not isinstance(reply, Reply) or not reply.can_be_poured:
            return False
        if reply.left != self._until - self._next:  # there is more in it than belongs to the range
            return False
        try:
            await reply.pour(put)
        finally:
            self._next = self._until - reply.left
        if self._next == self._until:
            self._close()
        return True

    @property
    def _length(self) -> int | None:
        return None if self.origin is None else self.origin.length

    def stand_by(self) -> None:
        self._stood_still = True
        self._still = self._next - len(self._ahead)
        under_way = self._reply if isinstance(self._reply, Reply) and not self._reply.has_come else None
        if self._starts_over:
            if under_way is not None:
                self._spool(under_way)
        elif under_way is not None or not self._is_short:
            self.release()

    def _spool(self, reply: Reply) -> None:
        """Has the rest of `reply` come, what is at hand of it included, without holding it in memory."""
        reply.expect_little()
        if not self._client.spool.usable:
            reply.rest()
            return
        self._next -= len(self._ahead)
        wanted = None if self._until is None else self._until - self._next
        log.info("upstream has no ranges: the rest goes to the disk", track=self.track_id, byte=self._next)
        self._reply = self._client.spool.take(self._ahead, reply, wanted=wanted)
        self._ahead = memoryview(b"")

    def release(self) -> None:
        self._close()
        self._next -= len(self._ahead)
        self._is_short = True
        self._ahead = memoryview(b"")

    def _close(self) -> None:
        reply, self._reply = self._reply, None
        if reply is not None:
            reply.close()

    async def _fetch(self) -> bytes | memoryview:
        """The next bytes, `b""` when there are no more."""
        tries = _Tries(iter(self._patience.retries))
        while self._stop is None or self._next < self._stop:
            try:
                if self._reply is None:
                    await self._ask(tries)
                elif chunk := await self._take(self._reply):
                    return chunk
            except ProxyError as error:
                self._close()
                await self._before_next_try(error, tries)
        return b""

    async def _take(self, reply: Reply | SpooledReply) -> bytes | memoryview:
        """What has come of `reply`; lets go of it at its end."""
        chunk = await reply.read()
        if chunk:
            if self._until is not None and len(chunk) > self._until - self._next:
                chunk = chunk[: self._until - self._next]
            self._next += len(chunk)
            if self._next == self._until:
                self._close()
            return chunk
        self._close()
        if self._until is not None:
            raise UpstreamError("upstream sent less than it said")
        self._stop = self._next  # only now it is known where the file ends
        return b""

    async def _ask(self, tries: _Tries) -> None:
        """A request for the next window. Afterwards there is a reply, or it is known that nothing is left."""
        size = min(self._window, max(self._short, self._next - self._still))
        last = self._next + size - 1 if self._stop is None else min(self._next + size, self._stop) - 1
        stream = await self._where(tries)
        silence = self._patience.silence * tries.number
        once = self._stood_still and size <= self._short
        reply = self._reply = await self._client.open(stream, self._next, last, silence=silence, once=once)
        told = reply.told
        self._starts_over = told.starts_over
        self._is_short = size <= self._short and not self._starts_over
        self._learn(origin_of(stream, told))
        self._stop = _first(self._stop, self._length)
        if told.over:
            self._close()
            if self._stop is not None and self._next < self._stop and self._length is not None:
                raise UpstreamError("upstream denies bytes that it said it has")
            self._stop = self._next
        self._until = _first(self._stop, None if told.part is None else told.part.last + 1)
        self._refused.remove(self.track_id)

    async def _where(self, tries: _Tries) -> Stream:
        """A URL other than the one that was refused just now."""
        known, self._known = self._known, None
        stream = await self._resolver.resolve(self.track_id, known=known)
        if stream.url == tries.stale:
            stream = await self._resolver.resolve(self.track_id, fresh=True)
        tries.url, tries.stale = stream.url, None
        return stream

    def _learn(self, origin: Origin) -> None:
        """Takes in what an answer tells; raises OtherFileError if it is not of the file that was begun."""
        if self.origin is None:
            self.origin, self._facts = origin, origin.facts(self.track_id)
        elif origin.same_as(self.origin):
            self.origin = self.origin.followed_by(origin)
        else:
            raise OtherFileError("upstream has another file now: the body is not spliced")

    async def _before_next_try(self, error: ProxyError, tries: _Tries) -> None:
        """Waits as long as it makes sense; raises when there is no further try."""
        if isinstance(error, UpstreamError) and error.stale and not tries.renewed:
            tries.renewed, tries.stale = True, tries.url
            log.info("asking for a fresh URL", track=self.track_id, byte=self._next, cause=str(error))
            return
        delay = self._delay(error, tries)
        if delay is None:
            raise self._final(error) from error.__cause__
        log.info("taking upstream up again", track=self.track_id, byte=self._next, seconds=delay, cause=str(error))
        tries.number += 1
        await asyncio.sleep(delay)

    def _delay(self, error: ProxyError, tries: _Tries) -> float | None:
        """Seconds until the next try, None for no more."""
        if not is_transient(error, begun=self.origin is not None):
            return None
        wanted = error.retry_after if isinstance(error, UpstreamError) else None
        delay = next(tries.delays, None)
        if delay is None or (wanted or 0.0) > self._patience.longest_retry:
            return None
        return max(delay, wanted or 0.0)

    def _final(self, error: ProxyError) -> ProxyError:
        """What is told when nothing more is tried; what upstream will refuse again is remembered."""
        if not isinstance(error, UpstreamError) or not error.refused:
            return error
        told = self._refused.add(self.track_id, f"{error}{_REFUSED}" if error.stale else str(error))
        return UpstreamError(told, status=error.status, retry_after=error.retry_after)


def is_transient(error: ProxyError, *, begun: bool) -> bool:
    """Whether the same may succeed in a moment; `begun`: the listener hears the song already.

    A site that has no stream at present is worth another question only then: each counts, and before the first
    byte MPD stands still.
    """
    if isinstance(error, YouTubeStreamError):
        return begun and not error.permanent and error.retry_after is None
    return isinstance(error, UpstreamError) and error.transient


def _first(*ends: int | None) -> int | None:
    """The first of the positions that are known."""
    return min((end for end in ends if end is not None), default=None)
