"""The audio of one track, from any position on, wherever it lives.

An `Audio` is read by one handler. `start` it at a position, then `read` until `b""`; both raise ProxyError when it
cannot go on, and every byte they gave until then is the file's, in place.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from mpdbridge.models import Track
from mpdbridge.relay.local import local_audio
from mpdbridge.relay.patience import Patience
from mpdbridge.relay.plan import Span, StreamFacts
from mpdbridge.relay.refused import RefusedTracks
from mpdbridge.relay.remote import RemoteAudio
from mpdbridge.relay.upstream import UpstreamClient
from mpdbridge.resolver import StreamResolver


class Audio(Protocol):
    """See the module's docstring."""

    @property
    def facts(self) -> StreamFacts:
        """What is known of the file; complete after `start`."""

    async def start(self, span: Span) -> None:
        """Go to the first byte of `span`; returns when it is there. No byte after its last is ever fetched."""

    async def read(self) -> bytes:
        """The next bytes; `b""` at the end."""

    def release(self) -> None:
        """Keep nothing open; the next `read` takes it up again at its byte. Not while a `read` is under way."""


class AudioOpener:
    """Opens the audio of tracks: from upstream, or from the embedded catalogue.

    Args:
        resolver: tells where a track is now.
        client: fetches it from there.
        patience: how long troubles are kept from the listener.
        window: the longest range to ask upstream for at once, in bytes.
        refused: what upstream refuses at present.
    """

    def __init__(
        self,
        *,
        resolver: StreamResolver,
        client: UpstreamClient,
        patience: Patience,
        window: int,
        refused: RefusedTracks,
    ) -> None:
        self._resolver = resolver
        self._client = client
        self._patience = patience
        self._window = window
        self._refused = refused

    @asynccontextmanager
    async def open(self, track: Track, span: Span) -> AsyncIterator[Audio]:
        """The audio of `track`, started. On leaving, nothing of it stays open.

        Raises:
            ProxyError: TrackNotFoundError, YouTubeStreamError, RefusedError or UpstreamError; no byte can be had.
        """
        if track.source == "demo":
            local = await local_audio(track.track_id, await self._resolver.resolve(track.track_id))
            await local.start(span)
            yield local
            return
        self._refused.check(track.track_id)
        remote = self._remote(track.track_id)
        try:
            await remote.start(span)
            yield remote
        finally:
            remote.release()

    def _remote(self, track_id: str) -> RemoteAudio:
        return RemoteAudio(
            track_id,
            resolver=self._resolver,
            client=self._client,
            patience=self._patience,
            window=self._window,
            refused=self._refused,
        )
