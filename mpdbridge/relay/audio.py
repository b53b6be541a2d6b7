"""The audio of one track, from any position on, wherever it lives.

An `Audio` is read by one handler. `start` it at a position, then `read` until `b""`; both raise ProxyError when it
cannot go on, and every byte they gave until then is the file's, in place.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Protocol

from mpdbridge.errors import ProxyError
from mpdbridge.relay.head_file import HEAD_BYTES
from mpdbridge.relay.headed import HeadedAudio, RecordingAudio, is_outdated
from mpdbridge.relay.heads import HeadCache
from mpdbridge.relay.local import local_audio
from mpdbridge.relay.origin import Origin
from mpdbridge.relay.patience import Patience
from mpdbridge.relay.pipe import Put
from mpdbridge.relay.plan import Span, StreamFacts
from mpdbridge.relay.refused import RefusedTracks
from mpdbridge.relay.remote import SHORT_RANGE, RemoteAudio
from mpdbridge.relay.upstream import UpstreamClient
from mpdbridge.resolver import Known, StreamResolver


class Audio(Protocol):
    """See the module's docstring."""

    @property
    def facts(self) -> StreamFacts:
        """What is known of the file; complete after `start`."""

    async def start(self, span: Span) -> None:
        """Go to the first byte of `span`; returns when it is there. No byte after its last is ever fetched."""

    async def read(self) -> bytes | memoryview:
        """The next bytes, 64 KiB at most; none at the end."""

    async def pour(self, put: Put) -> bool:
        """Gives `put` what comes, as it comes, until it wants no more for now, or a range ends, or breaks off.

        That costs a fraction of `read`. False, at once, where it takes a `read` to go on.
        """

    def stand_by(self) -> None:
        """The client takes nothing at present: hold little memory for it. Not while `read` or `pour` is under way."""

    def release(self) -> None:
        """Hold nothing; the next `read` takes it up again at its byte. Not while `read` or `pour` is under way."""


class AudioOpener:
    """Opens the audio of tracks: from upstream, perhaps with a head from the disk, or from the embedded catalogue.

    Args:
        resolver: tells where a track is now.
        client: fetches it from there.
        patience: how long troubles are kept from the listener.
        window: the longest range to ask upstream for at once, in bytes.
        refused: what upstream refuses at present.
        heads: the first bytes of tracks, kept as they pass; None keeps none.
    """

    def __init__(
        self,
        *,
        resolver: StreamResolver,
        client: UpstreamClient,
        patience: Patience,
        window: int,
        refused: RefusedTracks,
        heads: HeadCache | None = None,
    ) -> None:
        self._resolver = resolver
        self._client = client
        self._patience = patience
        self._window = window
        self._refused = refused
        self._heads = heads

    @asynccontextmanager
    async def open(self, known: Known, span: Span) -> AsyncIterator[Audio]:
        """The audio of a track that was looked up just now, started. On leaving, nothing of it stays open.

        Raises:
            ProxyError: no byte can be had.
        """
        track_id = known.track.track_id
        if known.track.source == "demo":
            local = await local_audio(track_id, await self._resolver.resolve(track_id, known=known))
            await local.start(span)
            yield local
            return
        self._refused.check(track_id)
        headed = await self._headed(known, span)
        if headed is not None:
            async with headed.opened(span):
                yield headed
            return
        audio = self._recorded(self._remote(known))
        try:
            await audio.start(span)
            yield audio
        finally:
            audio.release()

    async def fetch_head(self, track_id: str) -> None:
        """Has the head of a track kept, if its stream is known already and there is no head of that yet.

        Raises:
            ProxyError, StoreError: it cannot be had.
        """
        if self._heads is None:
            return
        known = await self._resolver.look_up(track_id)
        if known.track.source == "demo":
            return
        self._refused.check(track_id)
        stream = await self._resolver.at_hand(known)
        head = await self._heads.get(track_id)
        if stream is None or (head is not None and head.begins(stream)):
            return
        patience = replace(self._patience, retries=())
        audio = self._recorded(self._remote(known, patience=patience, short=HEAD_BYTES))
        try:
            await audio.start(Span(0, HEAD_BYTES - 1))
            while await audio.read():
                pass
        finally:
            audio.release()

    async def _headed(self, known: Known, span: Span) -> HeadedAudio | None:
        """Audio with a head in which `span` begins, or which tells that it is outside of the file.

        Where the stream is known without asking anyone, the head is of that, and where it is known that there is none,
        that is raised instead: better no song than the beginning of one.
        """
        track_id = known.track.track_id
        head = None if self._heads is None else await self._heads.get(track_id)
        if self._heads is None or head is None or len(head.body) <= span.first < head.length:
            return None
        try:
            stream = await self._resolver.at_hand(known)
        except ProxyError as error:
            if is_outdated(error):
                self._heads.drop(track_id)
            raise
        if stream is not None and not head.begins(stream):
            self._heads.drop(track_id)
            return None
        return HeadedAudio(head, rest=self._remote(known, begun=head.origin), heads=self._heads)

    def _recorded(self, remote: RemoteAudio) -> Audio:
        return remote if self._heads is None else RecordingAudio(remote, heads=self._heads)

    def _remote(
        self,
        known: Known,
        *,
        begun: Origin | None = None,
        patience: Patience | None = None,
        short: int = SHORT_RANGE,
    ) -> RemoteAudio:
        return RemoteAudio(
            known,
            resolver=self._resolver,
            client=self._client,
            patience=patience or self._patience,
            window=self._window,
            refused=self._refused,
            begun=begun,
            short=short,
        )
