"""StreamResolver: the stream of a track, from the TrackStore while it is fresh, else from its site, asked gently.

Nothing here starts a task: those who ask for the same track at the same time share one look-up (`flights`).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from mpdbridge.catalogue import demo_file
from mpdbridge.concurrency import Clock
from mpdbridge.config import ResolverSettings
from mpdbridge.errors import MpdBridgeError, StoreError, TrackNotFoundError, YouTubeStreamError
from mpdbridge.logs import Troubles, get_logger
from mpdbridge.models import Stream, Track
from mpdbridge.resolver.extractor import ExtractorWorker
from mpdbridge.resolver.flights import Flights
from mpdbridge.resolver.metadata import CONTENT_TYPES, Extracted
from mpdbridge.resolver.pacing import BackOff, HourlyBudget, site
from mpdbridge.store import AsyncStore, TrackStore
from mpdbridge.urls import expiry_of

_log = get_logger(__name__)
_DEAD_SECONDS = 24 * 3600.0
_LONGEST_MARGIN = 600.0  # a song that starts now should also end on this URL
_MARGIN_SHARE = 0.1  # of a URL's whole life, for sites that sign for minutes only
_KEPT_FOR_PLAYS = 0.2  # the share of the hourly budget that prefetching leaves alone
_FILLED = ("title", "artists", "album", "album_artist", "track_number", "date", "duration", "art_url")


@dataclass(frozen=True, slots=True)
class ResolverState:
    """How resolving goes, for `status` and `/health`.

    Attributes:
        backing_off_until: epoch seconds until which a site is left alone because it asked for it, or None.
        resolved_last_hour: questions asked of sites in the last 60 minutes, of `max_per_hour`.
        last_error: the last failure, one line, or None.
    """

    backing_off_until: float | None
    resolved_last_hour: int
    max_per_hour: int
    last_error: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """What the TrackStore has of one track.

    Attributes:
        stream: the one found last; perhaps it has expired.
        dead_reason: why there is none, if its site said that it is gone.
    """

    track: Track
    stream: Stream | None
    dead_reason: str | None


class StreamResolver:
    """Finds and remembers streams.

    Args:
        store: where tracks and their streams are kept.
        worker: yt-dlp.
        settings: how long, how many, how often.
        clock: wall time, epoch seconds.
        sleep: how to wait for a stream that becomes valid only in some seconds.
        resolved: is told the ids of tracks of which more is known than before.
    """

    def __init__(
        self,
        *,
        store: AsyncStore,
        worker: ExtractorWorker,
        settings: ResolverSettings,
        clock: Clock = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        resolved: Callable[[str], None] = lambda _track_id: None,
    ) -> None:
        self._store = store
        self._worker = worker
        self._settings = settings
        self._clock = clock
        self._sleep = sleep
        self._tell_resolved = resolved
        self._budget = HourlyBudget(settings.max_per_hour)
        self._back_off = BackOff()
        self._flights = Flights[Stream]()
        self._last_error: str | None = None
        self._tracks, self._sites, self._memory = Troubles(), Troubles(), Troubles()

    @property
    def state(self) -> ResolverState:
        """How resolving goes at present."""
        now = self._clock()
        return ResolverState(
            backing_off_until=self._back_off.until(now),
            resolved_last_hour=self._budget.used(now),
            max_per_hour=self._settings.max_per_hour,
            last_error=self._last_error,
        )

    async def look_up(self, track_id: str) -> Known:
        """What is known of a track. Raises TrackNotFoundError, or StoreError."""
        known = await self._store.run(_look_up, track_id)
        if known is None:
            raise TrackNotFoundError(f"{track_id}: no such track here: `mpdbridge sync` or `mpdbridge add` brings it")
        return known

    async def resolve(self, track_id: str, *, fresh: bool = False, known: Known | None = None) -> Stream:
        """A stream of the track that can be fetched now.

        With `fresh` a known stream will not do, for upstream has just refused it. `known` is what `look_up` told a
        moment ago: it is not looked up again.

        Raises:
            TrackNotFoundError: no such track is in the TrackStore.
            YouTubeStreamError: there is no stream, for good (remembered for a day) or at present.
        """
        stream = await self._stream(known or await self.look_up(track_id), fresh=fresh)
        early = (stream.available_at or 0) - self._clock()
        if early > 0:  # upstream refuses it before; the listener hears nothing of waiting, but a refusal
            await self._sleep(min(early, self._settings.timeout_seconds))
        return stream

    async def at_hand(self, known: Known) -> Stream | None:
        """A stream of the track that can be had without asking anyone; None when its site would have to be asked.

        Raises:
            YouTubeStreamError: there is no stream, for good or at present, and asking would tell nothing else.
        """
        stream = await self._had(known)
        if stream is None:
            for url in addresses(known.track)[:1]:
                self._check_leave(url, reserve=0.0)
        return stream

    async def prefetch(self, track_ids: Sequence[str]) -> None:
        """Resolve what will probably be played next; one that cannot be had is logged, never raised."""
        for track_id in track_ids:
            try:
                await self._stream(await self.look_up(track_id), reserve=_KEPT_FOR_PLAYS)
            except MpdBridgeError as error:
                _log.debug("not prefetched", track=track_id, reason=str(error))

    async def _stream(self, known: Known, *, fresh: bool = False, reserve: float = 0.0) -> Stream:
        stream = await self._had(known, fresh=fresh)
        return stream or await self._flights.share(known.track.track_id, lambda: self._resolved(known.track, reserve))

    async def _had(self, known: Known, *, fresh: bool = False) -> Stream | None:
        """What need not be asked for; raises YouTubeStreamError for a track that is gone."""
        if known.track.source == "demo":
            return await asyncio.to_thread(_demo_stream, known.track)
        if known.stream is not None and not fresh and self._usable(known.stream):
            return known.stream
        if known.dead_reason is not None:
            raise YouTubeStreamError(known.dead_reason, permanent=True)
        return None

    def _usable(self, stream: Stream) -> bool:
        expires_at = stream.expires_at or expiry_of(stream.url)
        if expires_at is None:
            return self._clock() < stream.resolved_at + self._settings.refresh_hours * 3600
        margin = min(_LONGEST_MARGIN, _MARGIN_SHARE * (expires_at - stream.resolved_at))
        return self._clock() < expires_at - margin

    async def _resolved(self, track: Track, reserve: float) -> Stream:
        started = self._clock()
        try:
            found = await self._extracted(track, reserve)
        except YouTubeStreamError as error:
            self._last_error = str(error)
            self._tell(track, error)
            if error.permanent:
                await self._remember(TrackStore.mark_dead, track.track_id, str(error), self._clock() + _DEAD_SECONDS)
            raise
        await self._remember(_save, track, found)
        self._tracks.ends(track.track_id)
        if was := self._sites.ends(_site(track)):
            _log.info("streams can be had again", site=_site(track), it_was=was)
        self._tell_resolved(track.track_id)
        _log.info(
            "stream resolved",
            track=track.track_id,
            format=found.stream.format_id,
            seconds=round(self._clock() - started, 2),
        )
        return found.stream

    def _tell(self, track: Track, error: YouTubeStreamError) -> None:
        """Once for each track, and what is the same for a whole site, such as no network, once for all its tracks.

        That a track is gone is left to those who ask for it.
        """
        reason = str(error).partition(": ")[2] or str(error)
        news = self._tracks.begins(track.track_id, reason)
        if news and not error.permanent:
            news = self._sites.begins(_site(track), reason)
        (_log.warning if news and not error.permanent else _log.debug)(
            "no stream", track=track.track_id, reason=str(error), permanent=error.permanent
        )

    async def _extracted(self, track: Track, reserve: float) -> Extracted:
        """What the first address that works gives; if none does, the first one's error says most."""
        first_error: YouTubeStreamError | None = None
        for url in addresses(track):
            self._check_leave(url, reserve=reserve)
            self._budget.take(self._clock())
            try:
                found = await self._worker.extract(url)
            except YouTubeStreamError as error:
                if error.retry_after is not None:
                    self._back_off.start(url, error.retry_after, str(error), now=self._clock())
                if not error.permanent:
                    raise
                first_error = first_error or error
            else:
                self._back_off.end(url)
                return found
        raise first_error or YouTubeStreamError(f"{track.track_id}: nobody told where it can be found", permanent=True)

    def _check_leave(self, url: str, *, reserve: float) -> None:
        """Raises YouTubeStreamError while the site of `url` shall not be asked."""
        now = self._clock()
        if rest := self._back_off.left(url, now=now):
            seconds, reason = rest
            raise YouTubeStreamError(f"{reason} (asking again in {seconds / 60:.0f} min)")
        if wait := self._budget.wait(now, reserve=reserve):
            raise YouTubeStreamError(
                f"{site(url)}: {self._settings.max_per_hour} questions an hour are asked (resolver.max_per_hour): "
                f"the next one in {wait / 60:.0f} min"
            )

    async def _remember(self, method: Callable[..., None], *args: object) -> None:
        """Write to the TrackStore; if that fails, the music plays on all the same."""
        try:
            await self._store.run(method, *args)
        except StoreError as error:
            (_log.warning if self._memory.begins("", str(error)) else _log.debug)("not remembered", reason=str(error))
        else:
            self._memory.ends("")


def addresses(track: Track) -> tuple[str, ...]:
    """Where to look for a track's stream, best first.

    Many of YouTube Music's ids do not play on www.youtube.com, and Premium formats come only from music.youtube.com.
    """
    music, www = (f"https://{host}.youtube.com/watch?v={track.track_id}" for host in ("music", "www"))
    if track.source == "ytmusic":
        return music, www
    told = track.source_url
    if told is None:
        return ()
    return tuple(dict.fromkeys((told, music))) if site(told) == "youtube.com" else (told,)


def _site(track: Track) -> str:
    """Where a track's stream is looked for."""
    return next(map(site, addresses(track)), "")


def _look_up(store: TrackStore, track_id: str) -> Known | None:
    track = store.track(track_id)
    return None if track is None else Known(track, store.stream(track_id), store.dead_reason(track_id))


def _save(store: TrackStore, track: Track, found: Extracted) -> None:
    """Keep the stream, and of its page's metadata what the track's source did not tell."""
    told = {name: getattr(found.track, name) for name in _FILLED if not getattr(track, name)}
    store.save_stream(track.track_id, found.stream)
    store.upsert_tracks([replace(track, **told)])


def _demo_stream(track: Track) -> Stream:
    name = (track.source_url or "").removeprefix("demo:")
    try:
        file = demo_file(name)
        length = file.stat().st_size
    except (KeyError, OSError) as error:
        raise YouTubeStreamError(f"{name}: not in the demo catalogue: run `mpdbridge sync`", permanent=True) from error
    return Stream(
        url=file.as_uri(),
        resolved_at=0.0,
        content_type=CONTENT_TYPES[file.suffix[1:]],
        content_length=length,
        duration=track.duration,
    )
