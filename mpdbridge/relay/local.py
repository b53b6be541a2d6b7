"""The embedded demo music: its audio and its covers, the only local files that the relay ever serves."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from mpdbridge.catalogue import demo_file, demo_playlists
from mpdbridge.errors import ProxyError
from mpdbridge.models import Stream, Track
from mpdbridge.relay.picture import Picture, kind_of
from mpdbridge.relay.pipe import Put
from mpdbridge.relay.plan import Span, StreamFacts

_CHUNK = 64 * 1024
_UNKNOWN = "application/octet-stream"


class LocalAudio:
    """An `Audio` (see `audio`) in memory: the pieces of the catalogue are a few hundred kilobytes each."""

    def __init__(self, body: bytes, facts: StreamFacts) -> None:
        self._body = self._rest = memoryview(body)
        self._facts = facts

    @property
    def facts(self) -> StreamFacts:
        return self._facts

    async def start(self, span: Span) -> None:
        self._rest = self._body[span.first : None if span.last is None else span.last + 1]

    async def read(self) -> bytes:
        chunk, self._rest = self._rest[:_CHUNK], self._rest[_CHUNK:]
        return bytes(chunk)

    async def pour(self, put: Put) -> bool:  # noqa: ARG002  # an Audio takes it
        """There is nothing to wait for."""
        return False

    def stand_by(self) -> None:
        """It is all in memory."""

    def release(self) -> None:
        """Nothing is open."""


async def local_audio(track_id: str, stream: Stream) -> LocalAudio:
    """What the `file:` URL of a demo track leads to.

    Raises:
        ProxyError: that is no file of the catalogue, or it cannot be read.
    """
    return await asyncio.to_thread(_read, track_id, stream)


async def demo_cover(track: Track) -> Picture | None:
    """The picture of a demo track; None when the catalogue has none (any more)."""
    return await asyncio.to_thread(_cover, track.track_id)


def _read(track_id: str, stream: Stream) -> LocalAudio:
    parts = urlsplit(stream.url)
    path = Path(url2pathname(parts.path))
    try:
        known = parts.scheme == "file" and demo_file(path.name) == path
        body = path.read_bytes() if known else None
    except (KeyError, OSError) as error:
        raise ProxyError(f"{path.name} of the embedded demo music cannot be read") from error
    if body is None:
        raise ProxyError("a demo track plays only files of the embedded demo music")
    return LocalAudio(body, StreamFacts(len(body), stream.content_type or _UNKNOWN, f'"{track_id}.demo.{len(body)}"'))


def _cover(track_id: str) -> Picture | None:
    tracks = (track for playlist in demo_playlists() for track in playlist.tracks)
    file = next((demo_file(track.cover) for track in tracks if track.track_id == track_id), None)
    try:
        body = file.read_bytes() if file else None
    except OSError:
        return None
    return None if body is None else Picture(kind_of(body), body)
