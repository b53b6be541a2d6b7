"""A running bridge's side of the control channel: what each message makes it do, and what it answers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from mpdbridge.control.answering import answer
from mpdbridge.control.commands import Command, help_lines, parse
from mpdbridge.control.replies import Reply
from mpdbridge.control.tools import Tools
from mpdbridge.errors import MpdBridgeError
from mpdbridge.logs import get_logger
from mpdbridge.sync.events import SyncReport
from mpdbridge.text import counted, one_line

log = get_logger(__name__)

_SAME = ("unchanged", "kept", "failed")


class Controller:
    """Carries commands out: one after another, in the order they came; only those that ask nobody wait for none.

    Args:
        tools: what the verbs work with.
        sync: syncs once, now; None when that failed.
        why_not: why the last sync failed.
        status: how everything is, a line for each part.
    """

    def __init__(
        self,
        *,
        tools: Tools,
        sync: Callable[[], Awaitable[SyncReport | None]],
        why_not: Callable[[], str | None],
        status: Callable[[], Awaitable[Sequence[str]]],
    ) -> None:
        self._tools = tools
        self._sync = sync
        self._why_not = why_not
        self._status = status
        self._turn = asyncio.Lock()

    async def respond(self, line: str, private: bool) -> AsyncIterator[Sequence[str]]:  # noqa: FBT001  # a callback
        """The messages that answer `line`: for a person as they come, for a program the last reply in one piece."""
        last = Reply(())
        async for reply in self._replies(line):
            last = reply
            if not private:
                yield [one_line(each) for each in reply.lines]
        if private:
            yield last.messages()

    async def _replies(self, line: str) -> AsyncIterator[Reply]:
        try:
            command = parse(line)
            if command.verb == "sync":
                yield Reply(("Syncing …",))
            yield await self._carry_out(command)
        except MpdBridgeError as error:
            log.debug("command failed", command=line, reason=str(error))
            yield Reply((str(error),), failed=True)
        except Exception as error:  # an answer nobody has seen before is no reason to stop the music
            log.exception("command failed, which is a mistake in mpdbridge", command=line)
            yield Reply((f"{type(error).__name__}: this is a bug; the log of `mpdbridge watch` has more",), failed=True)

    async def _carry_out(self, command: Command) -> Reply:
        match command.verb:
            case "help":
                return Reply(tuple(help_lines()))
            case "status":
                return Reply(tuple(await self._status()))
            case "sync":
                return self._synced(await self._sync())
        async with self._turn:
            return await answer(self._tools, command)

    def _synced(self, report: SyncReport | None) -> Reply:
        if report is None:
            return Reply((f"The sync failed: {self._why_not()}",), failed=True)
        changed = sum(one.change not in _SAME for one in report.playlists)
        parts = [
            counted(len(report.playlists), "playlist") or "no playlists",
            f"{changed} changed",
            *([f"{report.count('failed')} failed"] if report.count("failed") else []),
            *(f"{one.source}: {one.reason}" for one in report.sources_failed),
        ]
        return Reply((f"Synced: {', '.join(parts)} ({report.seconds:.1f} s)",), report.to_json(), failed=report.failed)
