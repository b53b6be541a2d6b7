"""The control channel: any client of MPD sends `mpdbridge` a message, and hears the answer on `mpdbridge-reply`.

A command may take seconds, and MPD cuts a connection that is not in `idle` for so long: one connection listens, and
each answer is sent over one of its own. A program that wants a whole answer for itself has it sent to a channel that
only it knows: `@mpdbridge-reply-<token> COMMAND`.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import NoReturn

from mpdbridge.concurrency import backoff, both
from mpdbridge.errors import MpdBridgeError, MpdRefusedError
from mpdbridge.logs import get_logger
from mpdbridge.mpd.address import MpdAddress
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.watcher import MpdWatcher, WatcherState, retry_delays
from mpdbridge.mpd.wire import ACK_EXIST
from mpdbridge.mpd.wire import Answer as Pairs
from mpdbridge.text import cut_utf8

log = get_logger(__name__)

COMMANDS = "mpdbridge"
REPLIES = "mpdbridge-reply"
NEEDED = ("subscribe", "readmessages", "sendmessage")
"""The commands that it gives."""
_PRIVATE = re.compile(rf"@({REPLIES}-[A-Za-z0-9]{{1,64}}) (.*)")
_TAKEN = f"another client, mostly another bridge, hears channel {COMMANDS}; this bridge will when that has ended"
_AT_ONCE = 16  # commands
_WAITING = 64  # more of them; as many as MPD itself keeps for a client
_MESSAGE_BYTES = 3900  # escaped they may double, and a command line of MPD has 8,191

Respond = Callable[[str, bool], AsyncIterator[Sequence[str]]]
"""Given a command, and whether a program asks; yields messages as they come, and raises nothing."""


def listening_delays(state: WatcherState) -> Iterator[float]:
    """Seconds between the tries to listen."""
    return backoff(first=5, longest=60) if state == "refused" else retry_delays(state)


class ControlChannel:
    """Answers commands while `run()` runs; of several bridges on one MPD the first, so that each is obeyed once.

    Args:
        address: the MPD whose clients are listened to.
        respond: carries a command out. Commands run at the same time; their order is its business.
        timeout: seconds that one exchange with MPD may take.
        delays: waiting times before the next try; who else may listen can end at any time, and MPD does not tell.
    """

    def __init__(
        self,
        *,
        address: MpdAddress,
        respond: Respond,
        timeout: float = 10.0,
        delays: Callable[[WatcherState], Iterator[float]] = listening_delays,
    ) -> None:
        self._connection = MpdConnection(address, timeout)
        self._respond = respond
        self._timeout = timeout
        self._watcher = MpdWatcher(
            connection=self._connection,
            subsystems=("message",),
            catch_up=self._listen,
            tell=self._tell,
            delays=delays,
        )
        self._heard: asyncio.Queue[str] = asyncio.Queue(_WAITING)
        self._free = asyncio.Semaphore(_AT_ONCE)

    @property
    def facts(self) -> dict[str, object]:
        """For /health: the state is `attached` when commands are heard."""
        return self._watcher.facts

    async def run(self) -> None:
        """Answers until it is cancelled."""
        await both(self._watcher.run(), self._work())

    async def _listen(self, connection: MpdConnection, new: bool) -> None:  # noqa: FBT001  # a callback
        if new:
            await connection.require(*NEEDED)
            taken, _ = await connection.command_list([("channels",), ("subscribe", COMMANDS)])
            if ("channel", COMMANDS) in taken:
                raise MpdRefusedError(_TAKEN, code=ACK_EXIST)
        heard = messages(await connection.command("readmessages"), COMMANDS)
        room = _WAITING - self._heard.qsize()
        for message in heard[:room]:
            self._heard.put_nowait(message)
        if heard[room:]:
            log.warning("too many commands at once on the control channel", left_out=len(heard[room:]))

    async def _work(self) -> NoReturn:
        async with asyncio.TaskGroup() as tasks:
            while True:
                await self._free.acquire()
                tasks.create_task(self._carry_out(await self._heard.get()))

    async def _carry_out(self, message: str) -> None:
        private = _PRIVATE.fullmatch(message)
        channel, command = private.groups() if private else (REPLIES, message)
        try:
            async for answer in self._respond(command, private is not None):
                await self._send(channel, answer)
        finally:
            self._free.release()

    async def _send(self, channel: str, answer: Sequence[str]) -> None:
        lines = [("sendmessage", channel, cut_utf8(line, _MESSAGE_BYTES)) for line in answer if line]
        try:
            async with MpdConnection(self._connection.address, self._timeout) as connection:
                await connection.command_list(lines)
        except MpdBridgeError as error:  # mostly nobody is subscribed, which is fine: what was asked for is done
            log.debug("nobody hears the answer", channel=channel, reason=str(error))

    def _tell(self, before: WatcherState, state: WatcherState, reason: str) -> None:
        if state == "attached":
            log.info("listening to commands", mpd=str(self._connection.address), channel=COMMANDS)
        elif state == "refused":
            log.warning("not listening to commands", mpd=str(self._connection.address), reason=reason)
        elif before == "attached":
            log.debug("not listening to commands at present", reason=reason)


def messages(answer: Pairs, channel: str) -> list[str]:
    """The messages to `channel` in an answer of `readmessages`, in order."""
    found = []
    current = ""
    for key, value in answer:
        if key == "channel":
            current = value
        elif key == "message" and current == channel:
            found.append(value)
    return found
