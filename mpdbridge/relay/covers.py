"""Covers: the pictures of tracks, at once or not at all.

MPD answers nobody while it waits for a cover, so nobody waits long here. A picture that does not come in time is
fetched on behind the answer, for the next who asks. What cannot be had is not asked for again for a while. Tracks of
one album have one picture, which is kept once.
"""

import asyncio
import hashlib
import time
import zlib
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NoReturn

import platformdirs

from mpdbridge.concurrency import Clock
from mpdbridge.logs import get_logger
from mpdbridge.models import Track
from mpdbridge.relay.disk_cache import Codec, DiskCache
from mpdbridge.relay.local import demo_cover
from mpdbridge.relay.picture import NoPictureError, Picture, cover_from, kind_of
from mpdbridge.relay.thumbnails import ThumbnailClient, ThumbnailError

log = get_logger(__name__)

CoverCache = DiskCache[Picture]

_AT_ONCE = 4  # picture servers asked at the same time
_IN_MEMORY = 8  # covers; one is asked for many times in a row, in pieces and under three names
_FAILURES = 1000  # remembered at most
_GONE, _UNLUCKY = 3600.0, 60.0  # seconds for which a failure is remembered
_CHECKSUM_BYTES = 4


@dataclass(frozen=True, slots=True)
class _Flight:
    """A picture on its way; `done` gives None when there is none."""

    url: str
    track_id: str
    started: float
    done: "asyncio.Future[Picture | None]" = field(default_factory=asyncio.Future)


class Covers:
    """The cover of every track that has one, while `run()` runs.

    Args:
        client: fetches thumbnails.
        cache: covers on disk; None keeps none there.
        patience: seconds for which those who ask are held, from when the picture was asked for first.
        clock: in seconds, from any time on.
    """

    def __init__(
        self,
        *,
        client: ThumbnailClient,
        cache: CoverCache | None = None,
        patience: float,
        clock: Clock = time.monotonic,
    ) -> None:
        self._client = client
        self._cache = cache
        self._patience = patience
        self._clock = clock
        self._scaling = asyncio.Lock()  # of one picture at a time, since it takes memory
        self._wanted: asyncio.Queue[_Flight] = asyncio.Queue()
        self._flights: dict[str, _Flight] = {}
        self._recent: OrderedDict[str, Picture] = OrderedDict()
        self._failed: OrderedDict[str, float] = OrderedDict()  # until when

    async def run(self) -> NoReturn:
        """Fetches what is asked for, until it is cancelled."""
        free = asyncio.Semaphore(_AT_ONCE)
        async with asyncio.TaskGroup() as fetching:
            while True:
                flight = await self._wanted.get()
                fetching.create_task(self._land(flight, free))

    async def of(self, track: Track) -> Picture | None:
        """The cover of `track`; None when there is none, or none in time."""
        if track.source == "demo":
            return await demo_cover(track)
        if not track.art_url:
            return None
        if (picture := self._recent.get(track.art_url)) is not None:
            self._recent.move_to_end(track.art_url)
            return picture
        if self._failed.get(track.art_url, 0.0) > self._clock():
            return None
        flight = self._flight(track.art_url, track.track_id)
        try:
            async with asyncio.timeout(max(0.0, flight.started + self._patience - self._clock())):
                return await asyncio.shield(flight.done)
        except TimeoutError:
            log.info("cover not there in time", track=track.track_id)
            return None

    def _flight(self, url: str, track_id: str) -> _Flight:
        flight = self._flights.get(url)
        if flight is None:
            flight = self._flights[url] = _Flight(url, track_id, self._clock())
            self._wanted.put_nowait(flight)
        return flight

    async def _land(self, flight: _Flight, free: asyncio.Semaphore) -> None:
        url, picture = flight.url, None
        try:
            async with free:
                picture = await self._picture(url)
        except ThumbnailError as error:
            log.info("no cover", track=flight.track_id, reason=str(error))
            self._failed[url] = self._clock() + (_GONE if error.lasting else _UNLUCKY)
            self._failed.move_to_end(url)
            _cut(self._failed, _FAILURES)
        else:
            self._recent[url] = picture
            _cut(self._recent, _IN_MEMORY)
        del self._flights[url]
        flight.done.set_result(picture)

    async def _picture(self, url: str) -> Picture:
        key = hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        if self._cache is not None and (kept := await self._cache.get(key)) is not None:
            return kept
        thumbnail = await self._client.fetch(url)
        try:
            async with self._scaling:
                picture = await asyncio.to_thread(cover_from, thumbnail)
        except NoPictureError as error:
            raise ThumbnailError(str(error), lasting=True) from error
        if self._cache is not None:
            self._cache.put(key, picture)
        return picture


@asynccontextmanager
async def users_covers(*, megabytes: int) -> AsyncIterator[CoverCache | None]:
    """The cache in the user's cache folder, within `megabytes` MiB; 0: None, and what there was is removed."""
    folder = platformdirs.user_cache_path("mpdbridge") / "covers"
    async with CoverCache(codec=CODEC, folder=folder, limit=megabytes * 1024 * 1024) as covers:
        yield covers if megabytes else None


def _encode(picture: Picture) -> bytes:
    return picture.body + zlib.crc32(picture.body).to_bytes(_CHECKSUM_BYTES)


def _decode(data: bytes, _key: str) -> Picture:
    body = data[:-_CHECKSUM_BYTES]
    if zlib.crc32(body).to_bytes(_CHECKSUM_BYTES) != data[-_CHECKSUM_BYTES:]:
        raise NoPictureError("the checksum is wrong")
    return Picture(kind_of(body), body)


def _cut(remembered: "OrderedDict[str, Picture] | OrderedDict[str, float]", most: int) -> None:
    while len(remembered) > most:
        remembered.popitem(last=False)


CODEC = Codec(what="covers", suffix=".cover", encode=_encode, decode=_decode)
