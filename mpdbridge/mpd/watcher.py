"""The shape of everything that follows MPD: stay connected, catch up, wait for an event, catch up again, for ever.

One connection does both. MPD collects events for a connection that is not in `idle` and tells them at the next one, so
nothing is missed between the two. The state changes only in this file.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Literal, NoReturn

from mpdbridge.concurrency import backoff
from mpdbridge.errors import MpdBridgeError, MpdRefusedError
from mpdbridge.mpd.connection import MpdConnection

WatcherState = Literal["starting", "attached", "reconnecting", "refused"]
"""`starting` until the first connection works out or fails; `refused` when MPD answers, but not what is needed."""

CatchUp = Callable[[MpdConnection, bool], Awaitable[None]]
"""Called with the connection, and whether it is a new one, of which nothing is known yet."""


def retry_delays(state: WatcherState) -> Iterator[float]:
    """Seconds between the tries: a lost MPD is mostly a restarted one; a refusal lasts until somebody edits a file."""
    return backoff(first=60, longest=600) if state == "refused" else backoff(first=0.25)


class MpdWatcher:
    """Calls `catch_up` once per connection and after every event, and connects again whenever that is needed.

    Args:
        connection: to the MPD to follow; nobody else uses it.
        subsystems: those of MPD's `idle` whose events count.
        catch_up: does the work. What it raises of MpdBridgeError ends the connection and is tried again later.
        tell: is called with the old state, the new one and the reason, once for each change of state.
        delays: waiting times in a state, see `retry_delays`.
    """

    def __init__(
        self,
        *,
        connection: MpdConnection,
        subsystems: tuple[str, ...],
        catch_up: CatchUp,
        tell: Callable[[WatcherState, WatcherState, str], None],
        delays: Callable[[WatcherState], Iterator[float]] = retry_delays,
    ) -> None:
        self._subsystems = subsystems
        self._catch_up = catch_up
        self._tell = tell
        self._delays = delays
        self._delay = delays("starting")
        self._connection = connection
        self._state: WatcherState = "starting"
        self._reason = ""
        self._awake = False

    @property
    def state(self) -> WatcherState:
        return self._state

    @property
    def reason(self) -> str:
        """Why it is not `attached`; empty otherwise."""
        return self._reason

    @property
    def facts(self) -> dict[str, object]:
        """The state and its reason, for /health."""
        return {"state": self._state, "reason": self._reason}

    def wake(self) -> None:
        """Has `catch_up` called soon, as if MPD had told an event."""
        self._awake = True
        self._connection.noidle()

    async def run(self) -> NoReturn:
        """Follows MPD until it is cancelled."""
        while True:
            try:
                async with self._connection as connection:
                    await self._follow(connection)
            except MpdRefusedError as error:
                self._enter("refused", str(error))
            except MpdBridgeError as error:
                self._enter("reconnecting", str(error))
            await asyncio.sleep(next(self._delay))

    async def _follow(self, connection: MpdConnection) -> NoReturn:
        new = True
        while True:
            self._awake = False
            await self._catch_up(connection, new)
            self._enter("attached", "")
            new = False
            if not self._awake:
                await connection.idle(*self._subsystems)

    def _enter(self, state: WatcherState, reason: str) -> None:
        before, self._state, self._reason = self._state, state, reason
        if state != before:
            self._delay = self._delays(state)
            self._tell(before, state, reason)
