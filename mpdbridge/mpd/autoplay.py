"""Endless radio: appends tracks like those in the queue before it ends.

It is for queues of ours only: the song that plays and all that are left to play come from YouTube Music through our
relay. Whoever puts anything else behind them, or lets MPD repeat, wants to hear just that.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

from mpdbridge.concurrency import backoff, both
from mpdbridge.errors import MpdRefusedError, SourceAwayError, SourceError
from mpdbridge.logs import get_logger
from mpdbridge.models import Track
from mpdbridge.mpd.address import MpdAddress
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.library_songs import LibrarySongs
from mpdbridge.mpd.queue import add_to_queue, entries_at
from mpdbridge.mpd.suggestions import Heard, left_to_play
from mpdbridge.mpd.tag_diff import QueueEntry, queue_entries
from mpdbridge.mpd.watcher import MpdWatcher, WatcherState, retry_delays
from mpdbridge.store import AsyncStore, TrackStore
from mpdbridge.urls import ProxyUrls

log = get_logger(__name__)

Related = Callable[[str, int], Awaitable[list[Track]]]
"""About so many tracks that are like the one of this id; raises SourceError."""

_AT_A_TIME = 10  # tracks; what is left of an answer is for the next time, if the queue still ends with these
_FEW, _MANY = 50, 200  # tracks that are asked for: a page, and its continuations
_SOURCE = "ytmusic"
_NOTHING_NEW = "YouTube Music suggests nothing that is not in the queue, or was not heard before"


def question_delays() -> Iterator[float]:
    """Seconds after which YouTube Music is asked again when it has nothing new."""
    return backoff(first=30, longest=1800)


@dataclass(frozen=True, slots=True)
class _Question:
    """What is like these?

    Attributes:
        seeds: the ids of the last song, and of the current one unless it is the same.
        queue: tracks that are in the queue already.
        tail: the song id of its last entry.
    """

    seeds: tuple[str, ...]
    queue: tuple[Track, ...]
    tail: str


class Autoplay:
    """Keeps the queue of one MPD from ending while `run()` runs.

    Args:
        address: the MPD that plays.
        store: knows the tracks of the queue, and is told of the new ones.
        urls: tell which entries are ours.
        related: what a track's radio plays.
        below: with fewer songs left to play than this, more are appended.
        songs: library mode's, which are appended in place of links.
        timeout: seconds that one command list may take.
        delays: waiting times before MPD is tried again, see `watcher.retry_delays`.
        question_delays: waiting times before YouTube Music is.
    """

    def __init__(
        self,
        *,
        address: MpdAddress,
        store: AsyncStore,
        urls: ProxyUrls,
        related: Related,
        below: int,
        songs: LibrarySongs | None = None,
        timeout: float = 10.0,
        delays: Callable[[WatcherState], Iterator[float]] = retry_delays,
        question_delays: Callable[[], Iterator[float]] = question_delays,
    ) -> None:
        self._store = store
        self._urls = urls
        self._related = related
        self._below = below
        self._songs = songs
        self._watcher = MpdWatcher(
            connection=MpdConnection(address, timeout),
            subsystems=("player", "playlist", "options"),
            catch_up=self._catch_up,
            tell=self._tell,
            delays=delays,
        )
        self._question_delays = question_delays
        self._delays = question_delays()
        self._quiet_until = 0.0  # loop time
        self._quiet_behind: str | None = None  # the song id of the queue's end that this is for; None: any
        self._asking: asyncio.Queue[_Question] = asyncio.Queue(maxsize=1)
        self._under_way = False
        self._reserve: list[Track] = []
        self._tail = ""  # the song id of the queue's end that the reserve goes on from
        self._heard = Heard()
        self._current = ""  # its song id
        self._appended = 0
        self._problem = ""

    @property
    def facts(self) -> dict[str, object]:
        """For /health: how many tracks were appended since the start, and why there are none at present."""
        return {**self._watcher.facts, "appended": self._appended, "problem": self._problem}

    async def run(self) -> None:
        """Appends until it is cancelled."""
        await both(self._watcher.run(), self._ask())

    async def _catch_up(self, connection: MpdConnection, new: bool) -> None:  # noqa: FBT001  # a callback
        if new:
            await connection.require("addid", "addtagid")
            await connection.command("tagtypes", "clear")  # what is read here needs no tags
            self._tail = self._current = ""  # an MPD that was restarted gives the same song ids to other entries
            if self._quiet_behind is not None:
                self._quiet_behind = ""
        answer, song = await connection.command_list([("status",), ("currentsong",)])
        await self._hear(queue_entries(song))
        status = dict(answer)
        deciding = left_to_play(status, self._below)
        if deciding is None or self._under_way:
            return
        deciders = await entries_at(connection, deciding)
        if not deciders or self._is_quiet(deciders[-1]):
            return
        tracks = await self._tracks(deciders)
        if all(track is not None and track.source == _SOURCE for track in tracks):
            await self._extend(connection, (deciders[-1], *queue_entries(song)), int(status["playlistlength"]))

    async def _hear(self, current: Sequence[QueueEntry]) -> None:
        """Whatever was played is not suggested any more, also when it has left the queue, as in consume mode."""
        if current and current[0].song_id != self._current:
            self._current = current[0].song_id
            self._heard.remember(track for track in await self._tracks(current) if track)

    def _is_quiet(self, last: QueueEntry) -> bool:
        return _now() < self._quiet_until and self._quiet_behind in (None, last.song_id)

    async def _extend(self, connection: MpdConnection, seeds: Sequence[QueueEntry], length: int) -> None:
        """Appends something new, or sees to it that it is asked for; `seeds` are the last song and the current one."""
        queue = [track for track in await self._tracks(await entries_at(connection, range(length))) if track]
        last = seeds[0].song_id
        fresh = self._heard.new(self._reserve, queue) if last == self._tail else []
        if fresh:
            await self._append(connection, fresh[:_AT_A_TIME])
            self._reserve = fresh[_AT_A_TIME:]
        else:
            ids = dict.fromkeys(self._urls.track_id(seed.uri) for seed in seeds)
            self._under_way = True
            self._asking.put_nowait(_Question(tuple(filter(None, ids)), tuple(queue), last))

    async def _append(self, connection: MpdConnection, tracks: Sequence[Track]) -> None:
        await self._store.run(TrackStore.upsert_tracks, tracks)
        try:
            added = await add_to_queue(connection, self._urls, tracks, songs=self._songs)
        except MpdRefusedError as error:  # the queue is full
            self._pause(str(error))
            return
        self._heard.remember(tracks)
        self._tail = added[-1].song_id
        self._appended += len(tracks)
        self._problem, self._delays = "", self._question_delays()
        log.info("appended what is like the queue", tracks=len(tracks))

    async def _ask(self) -> NoReturn:
        # An answer takes seconds now and then, and MPD cuts a connection that is not in `idle` for so long.
        while True:
            question = await self._asking.get()
            try:
                self._reserve, self._tail = await self._something_new(question), question.tail
                if not self._reserve:
                    self._pause(_NOTHING_NEW, behind=question.tail)
            except SourceAwayError as error:
                self._pause(str(error))
            except SourceError as error:
                self._pause(str(error), behind=question.tail)
            self._under_way = False
            self._watcher.wake()

    async def _something_new(self, question: _Question) -> list[Track]:
        """What the radio of the last song plays; if all of that is known, more of it, or that of the current song."""
        last, *current = question.seeds
        for seed, count in ((last, _FEW), (last, _MANY), *((seed, _FEW) for seed in current)):
            fresh = self._heard.new(await self._related(seed, count), question.queue)
            if fresh:
                return fresh
        return []

    def _pause(self, problem: str, *, behind: str | None = None) -> None:
        """Asks nothing for a while: at all, or as long as the queue ends with this song."""
        if problem != self._problem:
            log.warning("nothing to append to the queue", reason=problem)
        if behind != self._quiet_behind:
            self._quiet_behind, self._delays = behind, self._question_delays()
        self._problem, delay = problem, next(self._delays)
        self._quiet_until = _now() + delay
        asyncio.get_running_loop().call_later(delay, self._watcher.wake)

    async def _tracks(self, entries: Sequence[QueueEntry]) -> list[Track | None]:
        """What each entry plays; None when it is none of ours."""
        ids = [self._urls.track_id(entry.uri) for entry in entries]
        known = await self._store.run(TrackStore.tracks, {track_id for track_id in ids if track_id})
        return [known.get(track_id or "") for track_id in ids]

    def _tell(self, _before: WatcherState, state: WatcherState, reason: str) -> None:
        if state == "refused":  # that MPD is away is the tagger's to say
            log.warning("MPD does not let us append to the queue", reason=reason)


def _now() -> float:
    return asyncio.get_running_loop().time()
