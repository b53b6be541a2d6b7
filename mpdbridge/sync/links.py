"""The links that playlists hold: to the relay, which last; or, for the fallback without a relay, direct ones."""

import asyncio
import time
from dataclasses import dataclass
from typing import Protocol

from mpdbridge.concurrency import Clock
from mpdbridge.errors import TrackNotFoundError, YouTubeStreamError
from mpdbridge.m3u import M3UEntry
from mpdbridge.models import Playlist, Track
from mpdbridge.resolver import StreamResolver
from mpdbridge.sync.events import Listener, StreamsResolved
from mpdbridge.urls import ProxyUrls

PACE_SECONDS = 1.0  # between two resolutions nobody waits for; sites take a burst of them for a robot


@dataclass(frozen=True, slots=True)
class Linked:
    """A playlist's entries.

    Attributes:
        entries: in the order of the tracks.
        left_out: why tracks are missing, one line each.
    """

    entries: tuple[M3UEntry, ...]
    left_out: tuple[str, ...] = ()


class Links(Protocol):
    """Turns tracks into playlist entries."""

    async def entries(self, playlist: Playlist) -> Linked:
        """The entries of `playlist`."""


class ProxyLinks:
    """Links to our relay: nothing has to be resolved for them."""

    def __init__(self, urls: ProxyUrls) -> None:
        self._urls = urls

    async def entries(self, playlist: Playlist) -> Linked:
        return Linked(tuple(proxied(self._urls, track) for track in playlist.tracks))


def proxied(urls: ProxyUrls, track: Track) -> M3UEntry:
    return M3UEntry(uri=urls.of(track), title=track.label, duration=track.duration)


class DirectLinks:
    """Links to the streams themselves, which a site signs for some hours. One at a time, and slowly."""

    def __init__(
        self, *, resolver: StreamResolver, listener: Listener, pace: float = PACE_SECONDS, clock: Clock = time.time
    ) -> None:
        self._resolver = resolver
        self._clock = clock
        self._listener = listener
        self._pace = pace

    async def entries(self, playlist: Playlist) -> Linked:
        entries: list[M3UEntry] = []
        left_out: list[str] = []
        total = len(playlist.tracks)
        for done, track in enumerate(playlist.tracks, 1):
            try:
                entries.append(await self._entry(track))
            except (TrackNotFoundError, YouTubeStreamError) as error:
                left_out.append(f"{track.label}: {error}")
            self._listener(StreamsResolved(playlist.ref.name, done=done, total=total, failed=len(left_out)))
        return Linked(tuple(entries), tuple(left_out))

    async def _entry(self, track: Track) -> M3UEntry:
        asked_at = self._clock()
        stream = await self._resolver.resolve(track.track_id)
        if stream.resolved_at >= asked_at:  # not from the TrackStore: a site was asked
            await asyncio.sleep(self._pace)
        if not stream.url.startswith(("http://", "https://")):
            raise YouTubeStreamError("the demo music plays only through the relay: start `mpdbridge watch`")
        return M3UEntry(uri=stream.url, title=track.label, duration=stream.duration or track.duration)
