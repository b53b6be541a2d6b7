"""Gives the place of a pasted link to the tracks behind it: in the queue, whichever client has put it there.

How long a link stays depends on what MPD does. While it plays, a link that is started makes it stand still for everyone
until the page has come, so a YouTube video gives way at once, before anything is known of it but its id. While MPD is
stopped nothing is lost by waiting a moment: a client that has just added the link may be about to start it by the song
id that it was told, and the title can still get into the URL.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from mpdbridge.concurrency import both
from mpdbridge.errors import MpdRefusedError
from mpdbridge.logs import get_logger
from mpdbridge.models import Track
from mpdbridge.mpd.address import MpdAddress
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.library_songs import LibrarySongs
from mpdbridge.mpd.lookups import Failed, Found, Lookups, link_retries
from mpdbridge.mpd.queue import queue_uris
from mpdbridge.mpd.replacing import replace_entry
from mpdbridge.mpd.tag_diff import queue_entries
from mpdbridge.mpd.watcher import MpdWatcher, WatcherState, retry_delays
from mpdbridge.mpd.wire import ACK_NO_EXIST, Answer
from mpdbridge.mpd.wish import Player, Seen, Wish, standing_for
from mpdbridge.resolver.failures import shown
from mpdbridge.store import AsyncStore, TrackStore
from mpdbridge.urls import ProxyUrls

log = get_logger(__name__)

_WINDOW = 2000  # entries that are read at a time
_BATCH = 50  # links that give way in one go; then whatever is more urgent has its turn
_GRACE = 0.3  # seconds that a link stays as it is while MPD is stopped
_JUST = 1.0  # seconds for which a link counts as just added
_MEANT = 20.0  # seconds after which nobody wants any more that a link begins to play
_TOLD = 20  # failures that /health lists
_NEEDED = ("addid", "deleteid", "playid", "prioid", "stop")


class Links(Protocol):
    """What the replacer has to know of links; see `sources.queue_links.QueueLinks`."""

    def may_be_ours(self, uri: str) -> bool: ...
    def is_quick(self, link: str) -> bool: ...
    def video(self, link: str) -> Track | None: ...
    async def look_up(self, link: str) -> Sequence[Track] | None: ...


@dataclass(slots=True)
class _Waiting:
    """A link in the queue.

    Attributes:
        since: loop time at which it was seen first.
        new: it was added while we watched.
        looked: it was there at the last look.
        stand: see `wish.standing_for`.
        wished_at: loop time at which it was first asked to play.
    """

    song_id: str
    link: str
    position: int
    since: float
    new: bool
    looked: bool = False
    stand: str | None = None
    wished_at: float = 0.0

    def seen(self, *, new: bool) -> Seen:
        return Seen(self.song_id, self.link, self.position, new, self.stand)


class LinkReplacer:
    """Replaces the links in the queue of one MPD while `run()` runs.

    Args:
        address: the MPD whose queue it is.
        store: remembers the tracks.
        urls: of the relay that plays them.
        links: which links are meant, and what is behind them.
        tracks_changed: is called when more is known of tracks that are in the queue already.
        songs: library mode's, to which links give way rather than to other links.
        durations: also tell MPD how long a track is before it is played.
        timeout: seconds that one command list may take.
        delays: waiting times before MPD is tried again, see `watcher.retry_delays`.
        retries: waiting times before a link that gave nothing is, see `lookups.link_retries`.
    """

    def __init__(
        self,
        *,
        address: MpdAddress,
        store: AsyncStore,
        urls: ProxyUrls,
        links: Links,
        tracks_changed: Callable[[], None],
        songs: LibrarySongs | None = None,
        durations: bool = True,
        timeout: float = 10.0,
        delays: Callable[[WatcherState], Iterator[float]] = retry_delays,
        retries: Callable[[], Iterator[float]] = link_retries,
    ) -> None:
        self._store = store
        self._urls = urls
        self._links = links
        self._tracks_changed = tracks_changed
        self._songs = songs
        self._durations = durations
        self._watcher = MpdWatcher(
            connection=MpdConnection(address, timeout),
            subsystems=("player",),
            catch_up=self._catch_up,
            tell=self._tell,
            delays=delays,
        )
        self._lookups = Lookups(look_up=self._look_up, quick=links.is_quick, changed=self._watcher.wake, delays=retries)
        self._seen = 0
        self._player = Player("stop")
        self._waiting: dict[str, _Waiting] = {}
        self._early: dict[str, str] = {}  # song ids of entries that were put there before their link was looked up
        self._replaced = 0

    @property
    def facts(self) -> dict[str, object]:
        """For /health: how many links gave way since the start, and why others in the queue did not."""
        answers = ((each.link, self._lookups.answer(each.link)) for each in list(self._waiting.values())[:_TOLD])
        failed = {shown(link): answer.reason for link, answer in answers if isinstance(answer, Failed)}
        return {**self._watcher.facts, "replaced": self._replaced, "failed": failed}

    async def run(self) -> None:
        """Replaces until it is cancelled."""
        await both(self._watcher.run(), self._lookups.run())

    def queue_changed(self, uris: Iterable[str]) -> None:
        """To be called for each change of the queue, with the URIs that changed; it is read only if that matters."""
        if self._waiting or any(map(self._is_link, uris)):
            self._watcher.wake()

    def _is_link(self, uri: str) -> bool:
        return self._links.may_be_ours(uri) and not self._lookups.is_foreign(uri)

    async def _look_up(self, link: str) -> Sequence[Track] | None:
        tracks = await self._links.look_up(link)
        return tracks and await self._store.run(TrackStore.remember, tracks)

    async def _catch_up(self, connection: MpdConnection, new: bool) -> None:  # noqa: FBT001  # a callback
        if new:
            await connection.require(*_NEEDED)
            await connection.command("tagtypes", "clear")  # what is read here needs no tags
            self._seen, self._waiting, self._early = 0, {}, {}
        await self._look(connection, first=new)
        await self._settle(connection)
        await self._make_way(connection)
        self._lookups.keep({each.link for each in self._waiting.values()} | set(self._early.values()))

    async def _look(self, connection: MpdConnection, *, first: bool) -> None:
        """Reads what changed in the queue, and where MPD stands."""
        untitled = await self._store.run(TrackStore.untitled) if first else {}
        player, changes = await _read(connection, self._seen, 0)
        version, start = player.version, _WINDOW
        fresh = self._note(changes, untitled, new=not first)
        while start < player.length:
            _, changes = await _read(connection, self._seen, start)
            fresh += self._note(changes, untitled, new=not first)
            start += _WINDOW
        await self._forget_gone(connection)
        self._seen = version  # what changed while we read is read again
        await self._begin(fresh)
        self._observe(player, self._player if not first else player)

    def _note(self, changes: Answer, untitled: Mapping[str, str], *, new: bool) -> list[str]:
        """Keeps in mind which entries are links; returns the links of those that were not there before."""
        fresh = []
        for entry in queue_entries(changes):
            song_id, link, position = entry.song_id, entry.uri, int(entry.tags["Pos"][0])
            if song_id in self._waiting:
                self._waiting[song_id].position = position
            elif self._is_link(link):
                self._waiting[song_id] = _Waiting(song_id, link, position, since=_now(), new=new)
                fresh.append(link)
            elif page := untitled.get(self._urls.track_id(link) or ""):
                self._early[song_id] = page  # we were ended before its link was looked up
                fresh.append(page)
        return fresh

    async def _forget_gone(self, connection: MpdConnection) -> None:
        """Links that gave nothing may have left the queue since; of others that is seen when they are replaced."""
        failed = [each for each in self._waiting.values() if isinstance(self._lookups.answer(each.link), Failed)]
        for each in failed[:_TOLD]:
            try:
                await connection.command("playlistid", each.song_id)
            except MpdRefusedError:
                del self._waiting[each.song_id]

    async def _begin(self, links: Sequence[str]) -> None:
        """Has new links looked up, except those whose track we know by name."""
        if not links:
            return
        asyncio.get_running_loop().call_later(_GRACE, self._watcher.wake)
        videos = {link: video.track_id for link in links if (video := self._links.video(link))}
        known = await self._store.run(TrackStore.tracks_as_streamed, set(videos.values()))
        for link in dict.fromkeys(links):
            track = known.get(videos.get(link, ""))
            if track is not None and track.title:
                self._lookups.know(link, (track,))
            else:
                self._lookups.ask(link)

    def _observe(self, player: Player, before: Player) -> None:
        """Finds out which links somebody wants to hear."""
        for each in self._waiting.values():
            wished, entry = each.stand is not None, each.seen(new=each.new and not each.looked)
            each.stand, each.looked = standing_for(entry, before, player), True
            if not wished:
                each.wished_at = _now()
        self._player = player

    async def _settle(self, connection: MpdConnection) -> None:
        """Does with the answers what is more than making way."""
        self._waiting = {key: each for key, each in self._waiting.items() if not self._lookups.is_foreign(each.link)}
        answers = [(song_id, self._lookups.answer(link)) for song_id, link in self._early.items()]
        for song_id, answer in answers:
            if isinstance(answer, Failed):
                await self._put_back(connection, song_id, self._early.pop(song_id))
        for song_id, answer in answers:
            if isinstance(answer, Found):
                del self._early[song_id]
                self._tracks_changed()

    async def _put_back(self, connection: MpdConnection, song_id: str, link: str) -> None:
        """The link gets its place back: it stands for nothing, as far as we know."""
        status = dict(await connection.command("status"))
        if status.get("songid") == song_id and "audio" in status:
            return  # it plays, whatever it is called
        try:
            (back,) = await replace_entry(connection, song_id, [link])
        except MpdRefusedError:
            return  # somebody has removed it
        self._replaced -= 1
        self._waiting[back] = _Waiting(back, link, -1, since=_now(), new=False)
        if video := self._links.video(link):
            await self._store.run(TrackStore.forget_untitled, video.track_id)

    async def _make_way(self, connection: MpdConnection) -> None:
        """Replaces the links whose time has come, the most urgent first."""
        done = 0
        for each in sorted(self._waiting.values(), key=self._urgency):
            tracks = self._tracks_for(each)
            if not tracks:
                continue
            if done == _BATCH:
                self._watcher.wake()
                break
            await self._replace(connection, each, tracks)
            done += 1

    def _urgency(self, each: _Waiting) -> tuple[bool, int]:
        ahead = each.position - (self._player.position or 0)
        return each.stand is None, ahead if ahead >= 0 else self._player.length - ahead

    def _tracks_for(self, each: _Waiting) -> Sequence[Track]:
        """What takes the place of a link now; nothing when it has to wait, or stays."""
        answer = self._lookups.answer(each.link)
        if isinstance(answer, Failed):
            if answer.retry_at <= _now():
                self._lookups.ask(each.link)
            return ()
        if each.stand is None and self._player.state == "stop" and _now() < each.since + _GRACE:
            return ()
        if isinstance(answer, Found):
            return answer.tracks
        video = self._links.video(each.link)
        return () if video is None else (video,)

    async def _replace(self, connection: MpdConnection, each: _Waiting, tracks: Sequence[Track]) -> None:
        early = self._lookups.answer(each.link) is None
        if early:
            await self._store.run(TrackStore.upsert_tracks, tracks)
        uris = await queue_uris(connection, self._urls, tracks, self._songs)
        try:
            new = await replace_entry(
                connection, each.song_id, uris, tracks=tracks, wish=self._wish(each), durations=self._durations
            )
        except MpdRefusedError as error:
            if error.code == ACK_NO_EXIST:
                del self._waiting[each.song_id]
            else:
                self._lookups.fail(each.link, str(error))
            return
        del self._waiting[each.song_id]
        self._replaced += 1
        if early:
            self._early[new[0]] = each.link
        log.info("a link in the queue gave way", link=shown(each.link), tracks=len(tracks))

    def _wish(self, each: _Waiting) -> Wish | None:
        """What is known of it, unless nobody can want that any more."""
        now = _now()
        if each.stand is not None and now > each.wished_at + _MEANT:
            return None
        return Wish(each.seen(new=each.new and now < each.since + _JUST), self._player)

    def _tell(self, _before: WatcherState, state: WatcherState, reason: str) -> None:
        if state == "refused":  # that MPD is away is the tagger's to say
            log.warning("MPD does not let us replace links in the queue", reason=reason)


async def _read(connection: MpdConnection, seen: int, start: int) -> tuple[Player, Answer]:
    """Where MPD stands, and those of `_WINDOW` entries from position `start` on that changed since version `seen`."""
    window = f"{start}:{start + _WINDOW}"
    status, changes = await connection.command_list([("status",), ("plchanges", str(seen), window)])
    return Player.of(dict(status)), changes


def _now() -> float:
    return asyncio.get_running_loop().time()
