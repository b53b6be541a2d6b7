"""Signs of life for the service manager, given only while the bridge really works."""

import asyncio
import http.client
from collections.abc import Awaitable, Callable, Mapping
from typing import NoReturn

from mpdbridge.logs import Troubles, get_logger
from mpdbridge.service.manager import ServiceManager

log = get_logger(__name__)

_UNWATCHED = 30.0  # seconds between two beats for a manager without a watchdog
_GLANCES = 10  # from one beat to the next


class Heartbeat:
    """Beats while `run()` runs, twice as often as the manager wants; a status line that changes is told in between.

    That the event loop turns is seen by its beating at all; `works` is there for everything else.

    Args:
        manager: is told.
        works: raises when the bridge does not do its work, and takes seconds at most.
        status: how it is, in one line.
    """

    def __init__(
        self, *, manager: ServiceManager, works: Callable[[], Awaitable[object]], status: Callable[[], str]
    ) -> None:
        self._manager = manager
        self._works = works
        self._status = status
        self._glance = (_UNWATCHED if manager.watchdog is None else manager.watchdog / 2) / _GLANCES
        self._troubles = Troubles()

    async def run(self) -> NoReturn:
        """Beats until it is cancelled."""
        while True:
            if await self._is_well():
                await self._beat()
            await asyncio.sleep(self._glance)  # a disk may have been busy for a moment

    async def _beat(self) -> None:
        self._manager.alive(told := self._status())
        for _ in range(_GLANCES - 1):
            await asyncio.sleep(self._glance)
            if (status := self._status()) != told:
                self._manager.status(told := status)

    async def _is_well(self) -> bool:
        try:
            await self._works()
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = str(error) or type(error).__name__
            if self._troubles.begins("", reason):
                log.warning("our own relay does not answer", reason=reason, restart=self._manager.watchdog is not None)
            return False
        if self._troubles.ends(""):
            log.info("our own relay answers again")
        return True


def status_line(facts: Mapping[str, Mapping[str, object]]) -> str:
    """One line for `systemctl status`, from what /health tells of the rooms beside the relay."""
    mpd, sync = facts["mpd"], facts["sync"]
    last = sync.get("last")
    playlists = f"{last['playlists']} playlists synced" if isinstance(last, Mapping) else "nothing synced yet"
    error = f"; last trouble: {sync['error']}" if sync.get("error") else ""
    tags = "tagging" if mpd["tagger"] == "attached" else f"{mpd['tagger']}:"
    return f"{tags} MPD at {mpd['address']}, {playlists}{error}"
