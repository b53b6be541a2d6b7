"""The bytes of one track, from any position on, whatever happens to the connections behind them.

An `Audio` is read by one handler. `start` it at a position, then `read` until `b""`; both raise ProxyError when it
cannot go on, and every byte they gave until then is the file's, in place.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from mpdbridge.errors import ProxyError
from mpdbridge.logs import get_logger
from mpdbridge.models import Stream, Track
from mpdbridge.relay.local import local_audio
from mpdbridge.relay.plan import Span, StreamFacts
from mpdbridge.relay.upstream import Reply, UpstreamClient, UpstreamError
from mpdbridge.resolver import StreamResolver

log = get_logger(__name__)

WINDOW = 10 * 1024 * 1024  # googlevideo serves closed ranges up to this size at full speed


@dataclass(frozen=True, slots=True)
class Patience:
    """How long upstream's troubles are kept from the listener.

    Attributes:
        first_byte: seconds a client is held for the first byte, resolving included; then 504. MPD would wait for ever,
            but answers none of its clients meanwhile.
        silence: seconds without a byte after which upstream is taken up anew.
        retries: seconds before each further try at the same byte; the count starts anew with every byte that comes.
    """

    first_byte: float = 45.0
    silence: float = 20.0
    retries: Sequence[float] = (1.0, 2.0, 4.0)


class Audio(Protocol):
    """See the module's docstring."""

    @property
    def facts(self) -> StreamFacts:
        """What is known of the file; complete after `start`."""

    async def start(self, span: Span) -> None:
        """Go to the first byte of `span`; returns when it is there. No byte after its last is ever fetched."""

    async def read(self) -> bytes:
        """The next bytes; `b""` at the end."""


class AudioOpener:
    """Opens the audio of tracks: from upstream, or from the embedded catalogue."""

    def __init__(self, *, resolver: StreamResolver, client: UpstreamClient, retries: Sequence[float]) -> None:
        self._resolver = resolver
        self._client = client
        self._retries = retries

    @asynccontextmanager
    async def open(self, track: Track, span: Span) -> AsyncIterator[Audio]:
        """The audio of `track`, started. On leaving, nothing of it stays open.

        Raises:
            ProxyError: TrackNotFoundError, YouTubeStreamError or UpstreamError; no byte of it can be had.
        """
        if track.source == "demo":
            local = await local_audio(track.track_id, await self._resolver.resolve(track.track_id))
            await local.start(span)
            yield local
            return
        remote = RemoteAudio(track.track_id, resolver=self._resolver, client=self._client, retries=self._retries)
        try:
            await remote.start(span)
            yield remote
        finally:
            remote.close()


class RemoteAudio:
    """Audio from upstream, in closed ranges, one connection at a time."""

    def __init__(
        self, track_id: str, *, resolver: StreamResolver, client: UpstreamClient, retries: Sequence[float]
    ) -> None:
        self._track_id = track_id
        self._resolver = resolver
        self._client = client
        self._retries = retries
        self._facts: StreamFacts | None = None
        self._reply: Reply | None = None
        self._next = 0  # position of the byte that comes next
        self._last: int | None = None
        self._ahead = b""  # read by `start`, not yet handed out

    @property
    def facts(self) -> StreamFacts:
        if self._facts is None:
            raise RuntimeError("facts are known after start")
        return self._facts

    async def start(self, span: Span) -> None:
        self.close()
        self._facts = None
        self._next, self._last = span.first, span.last
        self._ahead = await self._fetch()

    async def read(self) -> bytes:
        chunk, self._ahead = self._ahead, b""
        return chunk or await self._fetch()

    def close(self) -> None:
        """Let go of upstream."""
        reply, self._reply = self._reply, None
        if reply is not None:
            reply.close()

    async def _fetch(self) -> bytes:
        """The next bytes. A transfer that breaks is taken up again at the very byte it broke at."""
        delays = iter(self._retries)
        while self._facts is None or not self._ended():
            try:
                chunk = await self._fetch_once()
            except UpstreamError as error:
                self.close()
                delay = next(delays, None) if error.transient else None
                if delay is None:
                    raise
                log.info("taking upstream up again", track=self._track_id, byte=self._next, cause=str(error))
                await asyncio.sleep(delay)
            else:
                if chunk:
                    return chunk
        return b""

    async def _fetch_once(self) -> bytes:
        if self._reply is None:
            self._reply = await self._ask()
        told, chunk = self._reply.told, await self._reply.read()
        if chunk:
            wanted = len(chunk) if self._last is None else self._last + 1 - self._next
            chunk = chunk if len(chunk) <= wanted else chunk[:wanted]
            self._next += len(chunk)
            return chunk
        self.close()
        end = self.facts.length if told.part is None else told.part.last + 1
        if end is not None and self._next < end:
            raise UpstreamError("upstream sent less than it said")
        if told.part is None:
            self._last = self._next - 1  # only now it is known where the file ends
        return b""

    def _ended(self) -> bool:
        length = self.facts.length
        last = self._last if length is None else length - 1 if self._last is None else min(self._last, length - 1)
        return last is not None and self._next > last

    async def _ask(self) -> Reply:
        """A request for the next window, with a fresh URL if the known one is refused."""
        last = self._next + WINDOW - 1 if self._last is None else min(self._last, self._next + WINDOW - 1)
        stream = await self._resolver.resolve(self._track_id)
        try:
            reply = await self._client.open(stream, self._next, last)
        except UpstreamError as error:
            if not error.stale:
                raise
            log.info("asking for a fresh URL", track=self._track_id, byte=self._next, cause=str(error))
            stream = await self._resolver.resolve(self._track_id, fresh=True)
            reply = await self._client.open(stream, self._next, last)
        facts = _facts(self._track_id, stream, reply)
        if self._facts is not None and not reply.told.over and facts != self._facts:
            reply.close()
            raise ProxyError("upstream has another file now: the body is not spliced")
        self._facts = self._facts or facts
        return reply


def _facts(track_id: str, stream: Stream, reply: Reply) -> StreamFacts:
    length = reply.told.length
    etag = None if length is None else f'"{track_id}.{stream.format_id or "0"}.{length}"'
    told = reply.told.content_type or ""
    # A server that calls sound "video/mp4" or "text/plain" knows less than yt-dlp, which looked at its page.
    content_type = told if told.startswith("audio/") else stream.content_type or told or "application/octet-stream"
    return StreamFacts(length, content_type, etag)
