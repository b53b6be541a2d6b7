"""Gives every queue entry that plays through our relay its tags, whoever added it, and again when they get lost.

MPD counts the changes of its queue, and `plchanges VERSION` tells the entries changed since. Our own commands count as
changes too, and reading 10,000 entries again because we have tagged them would double the work. So the commands for one
window of the queue stand between two `status` in one command list, which nobody can get in between: when the first one
shows the version that we have read, nothing but our own commands has happened up to the second one's version, and we
have seen that too. In any other case we have not, and read again from where we know everything.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain
from typing import NoReturn

from mpdbridge.concurrency import both
from mpdbridge.errors import MpdRefusedError
from mpdbridge.logs import get_logger
from mpdbridge.mpd import wire
from mpdbridge.mpd.address import MpdAddress
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.lengths import length_commands
from mpdbridge.mpd.peer import MpdHost
from mpdbridge.mpd.seen import SeenSpan
from mpdbridge.mpd.tag_diff import OWNED, STREAM_NAME, diff, queue_entries
from mpdbridge.mpd.watcher import MpdWatcher, WatcherState, retry_delays
from mpdbridge.mpd.wire import Answer, Command
from mpdbridge.store import AsyncStore, TrackStore
from mpdbridge.urls import ProxyUrls

log = get_logger(__name__)

_WINDOW = 500  # entries; small enough that neither the event loop nor MPD is held for more than some 10 ms
_WIDE_WINDOW = 4 * _WINDOW  # behind one in which nothing has changed
_STATUS: Command = ("status",)
NEEDED = ("addtagid", "cleartagid")
"""The commands that it gives; not permitted, they would be missed only when there is something to tag."""


class QueueTagger:
    """Tags the queue of one MPD while `run()` runs.

    Args:
        address: the MPD whose queue it is.
        store: what is known of the tracks.
        urls: tell which entries are ours.
        durations: also tell MPD how long entries are before they are played.
        timeout: seconds that one command list may take.
        delays: waiting times before the next try, see `watcher.retry_delays`.
    """

    def __init__(
        self,
        *,
        address: MpdAddress,
        store: AsyncStore,
        urls: ProxyUrls,
        durations: bool = True,
        timeout: float = 10.0,
        delays: Callable[[WatcherState], Iterator[float]] = retry_delays,
    ) -> None:
        self._connection = MpdConnection(address, timeout)
        self._store = store
        self._urls = urls
        self._durations = durations
        self._watcher = MpdWatcher(
            connection=self._connection,
            subsystems=("playlist", "player") if durations else ("playlist",),
            catch_up=self._catch_up,
            tell=self._tell,
            delays=delays,
        )
        self._tell_others: Callable[[Collection[str]], None] = _nobody
        self._host = MpdHost()
        self._kept: frozenset[str] = frozenset()
        self._seen = 0
        self._store_changed = False
        self._unknown: set[str] = set()
        self._resolved: set[str] = set()
        self._sets_ranges = False
        self._owed: set[str] = set()  # ids of songs that take no range, since they play

    @property
    def address(self) -> MpdAddress:
        """The MPD that was tagged, or looked for, last."""
        return self._connection.address

    @property
    def state(self) -> WatcherState:
        """`attached` once every entry has been seen to; `refused` when MPD does not let us tag."""
        return self._watcher.state

    @property
    def reason(self) -> str:
        """Why it is not attached, in one line; empty otherwise."""
        return self._watcher.reason

    def serves(self, remote_ip: str) -> bool:
        """Whether a request from `remote_ip` comes from the host whose MPD is tagged here.

        Also while that MPD is away: one that restarts asks for its song before we are back. Never blocks.
        """
        return self.state != "refused" and self._host.includes(remote_ip)

    def store_changed(self) -> None:
        """To be called when tracks were added or changed: the whole queue is compared again."""
        self._store_changed = True
        self._watcher.wake()

    def resolved(self, track_id: str) -> None:
        """To be called when a track's stream was found: its entries are compared again, with what that has told."""
        self._resolved.add(track_id)
        self._watcher.wake()

    def tell_others(self, changed: Callable[[Collection[str]], None]) -> None:
        """Has `changed` called for each change of the queue, with the URIs of what changed and is none of ours.

        So nobody else has to read a queue again because we have tagged it. Entries may be told twice, and none is left
        out, except while we are not attached: then all of them are told afterwards.
        """
        self._tell_others = changed

    async def run(self) -> NoReturn:
        """Tags until it is cancelled."""
        self._host = await self._find_host()
        await self._watcher.run()

    async def _find_host(self) -> MpdHost:
        address = self.address
        return await MpdHost.find(address.host if address.socket is None else None)

    async def _catch_up(self, connection: MpdConnection, new: bool) -> None:  # noqa: FBT001  # a callback
        if new:
            await connection.require(*NEEDED)
            self._host = await self._find_host()
            self._kept = await _narrow(connection)
            self._sets_ranges = self._durations and await connection.permits("rangeid")
            self._owed.clear()
        if new or await self._has_news():
            self._seen = 0
            self._unknown.clear()
            self._resolved.clear()
        if self._resolved or self._owed:
            await self._look_again(connection)
        self._seen = await self._tag_changes(connection, self._seen)

    async def _has_news(self) -> bool:
        """Whether the store may know more of some entry: we were told, or another process has added what we missed."""
        told, self._store_changed = self._store_changed, False
        return told or bool(self._unknown and await self._store.run(TrackStore.tracks, self._unknown))

    async def _tag_changes(self, connection: MpdConnection, seen: int) -> int:
        """Tags what changed since version `seen`, window by window; returns the version up to which all was seen."""
        span = SeenSpan(seen)
        commands: list[Command] = []
        start, length, size = 0, 1, _WINDOW
        while commands or start < length:
            status, changes = await _read(connection, seen, range(start, start + size))
            version, length = int(status["playlist"]), int(status["playlistlength"])
            if version == seen:
                break
            span.saw(version)
            # While MPD works on one window, we prepare the next one.
            owed, commands = await both(
                _carry_out(connection, commands, span), self._commands(changes, _song_playing(status))
            )
            self._owed |= owed
            start += size
            size = _WINDOW if changes else _WIDE_WINDOW
        return span.seen

    async def _look_again(self, connection: MpdConnection) -> None:
        """Sees to the entries of tracks just resolved, and to songs that may have played to their end meanwhile."""
        resolved, self._resolved = self._resolved, set()
        owed, self._owed = self._owed, set()
        found = [("playlistfind", f"(file contains '/proxy/{track_id}')") for track_id in resolved]
        status, *answers = await connection.command_list([_STATUS, *found])
        answers += [await _entry(connection, song_id) for song_id in owed]
        commands = await self._commands(list(chain.from_iterable(answers)), _song_playing(dict(status)))
        self._owed |= await _carry_out(connection, commands, SeenSpan(0))

    async def _commands(self, changes: Answer, playing: str | None) -> list[Command]:
        """What the entries in `changes` lack, as commands: first all the tags, then ranges, which may be refused."""
        found = [(entry, self._urls.track_id(entry.uri)) for entry in queue_entries(changes)]
        self._tell_others([entry.uri for entry, track_id in found if track_id is None])
        ours = [(entry, track_id) for entry, track_id in found if track_id is not None]
        if not ours:
            return []
        ids = {track_id for _, track_id in ours}
        tracks = await self._store.run(TrackStore.tracks_as_streamed, ids)
        for track_id in ids - tracks.keys() - self._unknown:
            log.debug("unknown track in the queue", track=track_id)
            self._unknown.add(track_id)
        commands: list[Command] = []
        ranges: list[Command] = []
        for entry, track_id in ours:
            if track := tracks.get(track_id):
                commands += diff(entry, track, kept=self._kept)
                lengths = length_commands(entry, track) if self._sets_ranges else []
                if lengths and entry.song_id == playing:
                    self._owed.add(playing)
                else:
                    ranges += lengths
        return commands + ranges

    def _tell(self, before: WatcherState, state: WatcherState, reason: str) -> None:
        mpd = str(self.address)
        if state == "attached":
            log.info("tagging the queue" if before == "starting" else "tagging the queue again", mpd=mpd)
        elif state == "refused":
            log.warning("MPD does not let us tag the queue, which shows URLs then", mpd=mpd, reason=reason)
        else:
            log.warning("the queue is not tagged at present, trying again", mpd=mpd, reason=reason)


def _nobody(_uris: Collection[str]) -> None:
    """Wants to know nothing."""


async def _narrow(connection: MpdConnection) -> frozenset[str]:
    """Has MPD report on this connection no other tags than we compare; returns which of them it keeps at all."""
    reported = {value for _, value in await connection.command("tagtypes")}
    kept = [tag for tag in (*OWNED, STREAM_NAME) if tag in reported]
    await connection.command_list([("tagtypes", "clear"), *([("tagtypes", "enable", *kept)] if kept else [])])
    return frozenset(kept)


def _song_playing(status: Mapping[str, str]) -> str | None:
    """The id of the song that plays, paused or not: MPD lets nobody set a range of that; None when stopped."""
    return None if status["state"] == "stop" else status.get("songid")


async def _read(connection: MpdConnection, seen: int, window: range) -> tuple[dict[str, str], Answer]:
    """MPD's status, and those entries of `window` (positions) that changed since the queue's version `seen`."""
    plchanges = ("plchanges", str(seen), f"{window.start}:{window.stop}")
    status, changes = await connection.command_list([_STATUS, plchanges])
    return dict(status), changes


async def _entry(connection: MpdConnection, song_id: str) -> Answer:
    """One entry of the queue; nothing when it has left it."""
    try:
        return await connection.command("playlistid", song_id)
    except MpdRefusedError as error:
        if error.code != wire.ACK_NO_EXIST:
            raise
        return []


async def _carry_out(connection: MpdConnection, commands: Sequence[Command], span: SeenSpan) -> set[str]:
    """Sends `commands` and notes in `span` what came of them; returns the ids of songs that take no range any more.

    Those have begun to play meanwhile. MPD stops at the refusal, so what stands behind it is sent again.

    When an entry has left the queue meanwhile, MPD does not carry out the commands for those behind it, either. But
    they have moved up, which makes them changed ones, and there is an event for us: the next pass reads and tags them.
    """
    if not commands:
        return set()
    answers: list[Answer] = []
    batches = list(wire.batches([_STATUS, *commands, _STATUS]))
    try:
        for batch in batches:
            answers += await connection.send(batch)
    except MpdRefusedError as error:
        span.lost_track()
        if error.code == wire.ACK_NO_EXIST:
            return set()
        if (error.command, error.code) != ("rangeid", wire.ACK_PERMISSION):
            raise
        refused = len(answers) + error.index - 1  # the first answer is that of `status`
        return {commands[refused][1]} | await _carry_out(connection, commands[refused + 1 :], span)
    if len(batches) > 1:
        span.lost_track()
    else:
        span.did(int(dict(answers[0])["playlist"]), int(dict(answers[-1])["playlist"]))
    return set()
