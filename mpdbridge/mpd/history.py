"""Tells YouTube Music what is played, so that its history and its suggestions know (`watch.history`)."""

import asyncio
import json
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import NoReturn

from mpdbridge.concurrency import Clock, backoff, both
from mpdbridge.errors import LoginError, MpdBridgeError, SourceAwayError, SourceError, StoreError
from mpdbridge.logs import get_logger
from mpdbridge.models import Track
from mpdbridge.mpd.address import MpdAddress
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.play_clock import ENOUGH, Look, PlayClock
from mpdbridge.mpd.watcher import MpdWatcher, WatcherState, retry_delays
from mpdbridge.store import AsyncStore, TrackStore
from mpdbridge.urls import ProxyUrls

log = get_logger(__name__)

_SOURCE = "ytmusic"
_NOTE = "history"  # key of the note in which a restarted bridge finds what it has told, and what not yet
_DAY = 86400.0
_GOING_ON = 6 * 3600.0  # seconds for which a song that goes on at a later place is taken for the same play of it
_MOST = 200  # plays that wait to be told
_TRIES = 5  # of a play that YouTube Music does not take, though it answers; it holds up the others meanwhile
_SETTLES = 20.0  # seconds until the history shows what it was told
_NOT_KEPT = "YouTube Music does not keep what is played: is its history paused, or the login another account's?"


def telling_delays() -> Iterator[float]:
    """Seconds after which a play that could not be told is tried again."""
    return backoff(first=60, longest=1800)


@dataclass(frozen=True, slots=True)
class Play:
    """Somebody has listened to a track.

    Attributes:
        at: when that became clear, epoch seconds.
        elapsed: the position in the song at that time, seconds.
    """

    track_id: str
    at: float
    elapsed: float


class Historian:
    """Follows one MPD, and tells plays, while `run()` runs.

    Args:
        address: the MPD that plays.
        store: knows the tracks, and keeps what was not told yet over a restart.
        urls: tell which songs are ours.
        tell_played: tells a play of this track id; raises SourceError.
        recently_played: what YouTube Music has kept, newest first; raises SourceError.
        timeout: seconds that one command may take.
        delays: waiting times before MPD is tried again, see `watcher.retry_delays`.
        telling_delays: waiting times before YouTube Music is.
        settles: seconds after which a play can be seen in the history.
        enough: seconds of a song that make a play.
        clock: wall time.
    """

    def __init__(
        self,
        *,
        address: MpdAddress,
        store: AsyncStore,
        urls: ProxyUrls,
        tell_played: Callable[[str], Awaitable[None]],
        recently_played: Callable[[], Awaitable[Sequence[Track]]],
        timeout: float = 10.0,
        delays: Callable[[WatcherState], Iterator[float]] = retry_delays,
        telling_delays: Callable[[], Iterator[float]] = telling_delays,
        settles: float = _SETTLES,
        enough: float = ENOUGH,
        clock: Clock = time.time,
    ) -> None:
        self._store = store
        self._urls = urls
        self._tell_played = tell_played
        self._recently_played = recently_played
        self._watcher = MpdWatcher(
            connection=MpdConnection(address, timeout),
            subsystems=("player",),
            catch_up=self._catch_up,
            tell=lambda *_: None,  # that MPD is away is the tagger's to say
            delays=delays,
        )
        self._telling_delays = telling_delays
        self._settles = settles
        self._clock = clock
        self._plays = PlayClock(enough)
        self._last: Play | None = None
        self._waiting: deque[Play] = deque(maxlen=_MOST)
        self._under_way: Play | None = None
        self._news = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._told = 0
        self._check_at = 0.0
        self._problem = ""

    @property
    def facts(self) -> dict[str, object]:
        """For /health: how many plays were told since the start, how many wait, and what is wrong with it."""
        return {
            **self._watcher.facts,
            "told": self._told,
            "waiting": len(self._waiting),
            "problem": self._problem,
        }

    async def run(self) -> None:
        """Follows and tells until it is cancelled."""
        await self._remember()
        await both(self._watcher.run(), self._tell())

    async def _catch_up(self, connection: MpdConnection, new: bool) -> None:  # noqa: FBT001  # a callback
        status, song = await connection.command_list([("status",), ("currentsong",)])
        look = await self._seen(dict(status), dict(song))
        if self._plays.see(look):
            self._last = Play(look.track_id or "", self._clock(), look.elapsed)
            self._waiting.append(self._last)
            self._news.set()
            await self._note()
        elif new and self._was_told(look):
            self._plays.skip()
        if self._timer is not None:
            self._timer.cancel()
        if (wait := self._plays.next_look) is not None:
            self._timer = asyncio.get_running_loop().call_later(wait, self._watcher.wake)

    async def _seen(self, status: dict[str, str], song: dict[str, str]) -> Look:
        now = asyncio.get_running_loop().time()
        track_id = self._urls.track_id(song.get("file", ""))
        track = await self._store.run(TrackStore.track, track_id) if track_id and status["state"] != "stop" else None
        if track is None or track.source != _SOURCE:
            return Look(now)
        return Look(
            at=now,
            track_id=track.track_id,
            song_id=status.get("songid", ""),
            playing=status["state"] == "play",
            elapsed=float(status.get("elapsed", 0)),
            duration=float(status.get("duration", 0)) or track.duration,
        )

    def _was_told(self, look: Look) -> bool:
        """Whether this goes on with a play that was told before the bridge, or MPD, was started again."""
        last = self._last
        if last is None or look.track_id != last.track_id:
            return False
        return look.elapsed >= last.elapsed and self._clock() - last.at < _GOING_ON

    async def _tell(self) -> NoReturn:
        delays, tries = self._telling_delays(), 0
        while True:
            while not self._waiting:
                self._news.clear()
                await self._news.wait()
            play = self._waiting[0]
            try:
                await self._tell_once(play)
            except SourceError as error:
                tries += not isinstance(error, LoginError | SourceAwayError)
                self._in_trouble(str(error))
                if tries < _TRIES and self._clock() - play.at < _DAY:
                    await asyncio.sleep(next(delays))
                    continue
                log.warning("a play is not told", track=play.track_id, reason=str(error))
                await self._done(play)
            else:
                self._told += 1
                log.debug("a play was told", track=play.track_id)
                if self._problem != _NOT_KEPT:
                    self._in_trouble("")
                await self._done(play)
                await self._check(play)
            delays, tries = self._telling_delays(), 0

    async def _tell_once(self, play: Play) -> None:
        """Whoever ends the bridge meanwhile cannot know whether it was told: then it is not told a second time."""
        self._under_way = play
        await self._note()
        try:
            await self._tell_played(play.track_id)
        except SourceError:
            self._under_way = None
            await self._note()
            raise

    async def _done(self, play: Play) -> None:
        if play in self._waiting:  # when very many wait, the oldest have to go
            self._waiting.remove(play)
        await self._note()

    async def _check(self, play: Play) -> None:
        """YouTube takes plays and keeps none when a history is paused, or a login has died: looks once in a while."""
        if self._clock() < self._check_at:
            return
        await asyncio.sleep(self._settles)
        try:
            recent = await self._recently_played()
            track = await self._store.run(TrackStore.track, play.track_id)
        except MpdBridgeError as error:
            self._check_at = self._clock() + _DAY / 24
            self._in_trouble(str(error))
            return
        kept = any(_same(each, track) for each in recent)
        self._check_at = self._clock() + (_DAY if kept else _DAY / 24)
        self._in_trouble("" if kept else _NOT_KEPT)

    def _in_trouble(self, problem: str) -> None:
        """Tells when it begins and when it ends, not every time."""
        if problem and problem != self._problem:
            log.warning("the history of plays lacks some", reason=problem)
        elif self._problem and not problem:
            log.info("the history of plays is told again")
        self._problem = problem

    async def _note(self) -> None:
        waiting = [asdict(play) for play in self._waiting if play is not self._under_way]
        note = json.dumps({"last": self._last and asdict(self._last), "waiting": waiting})
        try:
            await self._store.run(TrackStore.set_note, _NOTE, note)
        except StoreError as error:  # as when the disk is full; the music shall not end of it
            log.debug("plays are told, but not noted", reason=str(error))

    async def _remember(self) -> None:
        kept = await self._store.run(TrackStore.note, _NOTE)
        note = json.loads(kept or "{}")
        self._last = Play(**note["last"]) if note.get("last") else None
        waiting = (Play(**play) for play in note.get("waiting", ()))
        self._waiting.extend(play for play in waiting if self._clock() - play.at < _DAY)


def _same(one: Track, other: Track | None) -> bool:
    """Whether two tracks are one, or the song and the video of it."""
    return other is not None and (one.track_id == other.track_id or one.title.casefold() == other.title.casefold())
