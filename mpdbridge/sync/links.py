"""The links that playlists hold: to the relay, which last; or, for the fallback without a relay, direct ones."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
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
        entries: in the order of the tracks; without those that are gone for good.
        linkless: why tracks have no direct link, one line each.
    """

    entries: tuple[M3UEntry, ...]
    linkless: tuple[str, ...] = ()


class Links(Protocol):
    """Turns tracks into playlist entries."""

    async def entries(self, playlist: Playlist) -> Linked:
        """The entries of `playlist`."""


class ProxyLinks:
    """Links to our relay: nothing has to be resolved for them.

    Args:
        urls: of the relay.
        songs: URIs in MPD's database, by track, of those that are songs there (library mode).
    """

    def __init__(self, urls: ProxyUrls, songs: Mapping[str, str] | None = None) -> None:
        self._urls = urls
        self._songs = songs or {}

    async def entries(self, playlist: Playlist) -> Linked:
        return Linked(tuple(map(self._entry, playlist.tracks)))

    def _entry(self, track: Track) -> M3UEntry:
        entry = proxied(self._urls, track)
        return replace(entry, uri=self._songs.get(track.track_id, entry.uri))


def proxied(urls: ProxyUrls, track: Track) -> M3UEntry:
    return M3UEntry(uri=urls.of(track), title=track.label, duration=track.duration)


class DirectLinks:
    """Links to the streams themselves, which a site signs for some hours. One at a time, and slowly.

    A track whose stream is not to be had at present keeps its place by its link to the relay: a site that fails, or has
    had enough of us, makes no playlist shorter. When none of them has a stream, there are no entries.

    In a dry run no site is asked, and each track is taken to have a stream.
    """

    def __init__(
        self,
        *,
        resolver: StreamResolver,
        urls: ProxyUrls,
        listener: Listener,
        dry_run: bool = False,
        pace: float = PACE_SECONDS,
        clock: Clock = time.time,
    ) -> None:
        self._resolver = resolver
        self._urls = urls
        self._clock = clock
        self._listener = listener
        self._dry_run = dry_run
        self._pace = pace

    async def entries(self, playlist: Playlist) -> Linked:
        entries: list[M3UEntry] = []
        linkless: list[str] = []
        total = len(playlist.tracks)
        for done, track in enumerate(playlist.tracks, 1):
            try:
                entries.append(await self._entry(track))
            except (TrackNotFoundError, YouTubeStreamError) as error:
                linkless.append(f"{track.label}: {error}")
                if isinstance(error, YouTubeStreamError) and not error.permanent:
                    entries.append(proxied(self._urls, track))
            if not self._dry_run:
                self._listener(StreamsResolved(playlist.ref.name, done=done, total=total, failed=len(linkless)))
        return Linked(tuple(entries) if len(linkless) < total else (), tuple(linkless))

    async def _entry(self, track: Track) -> M3UEntry:
        if track.source == "demo":  # a file of ours
            raise YouTubeStreamError("the demo music plays only through the relay: start `mpdbridge watch`")
        if self._dry_run:
            return proxied(self._urls, track)
        asked_at = self._clock()
        stream = await self._resolver.resolve(track.track_id)
        if stream.resolved_at >= asked_at:  # not from the TrackStore: a site was asked
            await asyncio.sleep(self._pace)
        return M3UEntry(uri=stream.url, title=track.label, duration=stream.duration or track.duration)
