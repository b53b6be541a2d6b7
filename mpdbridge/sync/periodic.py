"""The sync of a running bridge: at once, then every so often. One that fails is told and tried again, for ever."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn

from mpdbridge.errors import MpdBridgeError
from mpdbridge.logs import Troubles, get_logger
from mpdbridge.sync.events import SyncReport

log = get_logger(__name__)
_GLANCE = 1.0  # seconds between two looks at whether MPD is back
_KEPT = ("failed", "kept")


class PeriodicSync:
    """Syncs while `run()` runs.

    Args:
        sync: syncs once.
        interval: seconds from the end of one sync to the start of the next.
        mpd_is_there: whether somebody holds a connection to MPD. When MPD comes back after a sync that could not reach
            it, the next one need not wait.
        tracks_changed: is called after a sync that brought new tracks or changed some.
    """

    def __init__(
        self,
        *,
        sync: Callable[[], Awaitable[SyncReport]],
        interval: float,
        mpd_is_there: Callable[[], bool],
        tracks_changed: Callable[[], None],
    ) -> None:
        self._sync = sync
        self._interval = interval
        self._mpd_is_there = mpd_is_there
        self._tracks_changed = tracks_changed
        self.last_error: str | None = None
        self.last: SyncReport | None = None
        self._syncing, self._ways, self._logins, self._sources, self._playlists = (Troubles() for _ in range(5))

    async def run(self) -> NoReturn:
        """Syncs until it is cancelled."""
        while True:
            report = await self.once()
            reached = report is not None and report.via == "mpd" and not report.failed
            await (asyncio.sleep(self._interval) if reached else self._until_mpd_is_back())

    async def once(self) -> SyncReport | None:
        """Syncs now, besides its turn; None when that failed (`last_error`)."""
        try:
            report = await self._sync()
        except MpdBridgeError as error:
            self.last_error = str(error)
            if self._syncing.begins("", str(error)):
                log.warning("sync failed", reason=str(error), next_in_minutes=self._interval / 60)
            return None
        except Exception as error:
            # A mistake of ours, perhaps over an answer nobody has seen before: no reason to stop the music.
            self.last_error = f"{type(error).__name__}: {error}"
            if self._syncing.begins("", self.last_error):
                log.exception("sync failed, which is a mistake in mpdbridge")
            return None
        self.last, self.last_error = report, None
        self._tell_troubles(report)
        _tell_changes(report)
        if report.tracks_changed:
            self._tracks_changed()
        return report

    def _tell_troubles(self, report: SyncReport) -> None:
        """What is wrong is told when it begins and when it ends, not at every sync."""
        if was := self._syncing.ends(""):
            log.info("syncs again", it_was=was)
        ways, _ = self._ways.are({warning: warning for warning in report.warnings})
        for warning in ways:
            log.warning("not all is as it should be in MPD", reason=warning)
        failed = report.sources_failed
        dead, over = self._logins.are({each.source: each.reason for each in failed if each.login_is_dead})
        for source, reason in dead.items():
            log.warning("login is dead", source=source, reason=reason)
        for source in over:
            log.info("login works again", source=source)
        troubles, over = self._sources.are({each.source: each.reason for each in failed if not each.login_is_dead})
        for source, reason in troubles.items():
            log.warning("source does not tell all it has", source=source, reason=reason)
        for source, was in over.items():
            log.info("source is well again", source=source, it_was=was)
        kept = {one.label: one.reason for one in report.playlists if one.change in _KEPT}
        troubles, over = self._playlists.are(kept)
        for playlist, reason in troubles.items():
            log.warning("playlist stays as it is", playlist=playlist, reason=reason)
        for playlist, was in over.items():
            log.info("playlist is kept up again", playlist=playlist, it_was=was)

    async def _until_mpd_is_back(self) -> None:
        """Waits for the next turn, or until MPD, which was away, is there again."""
        there = self._mpd_is_there()
        loop = asyncio.get_running_loop()
        next_turn = loop.time() + self._interval
        while (left := next_turn - loop.time()) > 0:
            await asyncio.sleep(min(left, _GLANCE))
            before, there = there, self._mpd_is_there()
            if there and not before:
                return


def _tell_changes(report: SyncReport) -> None:
    changed = [one for one in report.playlists if one.change not in {"unchanged", *_KEPT}]
    for one in changed:
        log.info("playlist changed", playlist=one.mpd_name, how=one.change, added=one.added, removed=one.removed)
    (log.info if changed or report.tracks_changed else log.debug)(
        "synced",
        playlists=len(report.playlists),
        unchanged=report.count("unchanged"),
        failed=report.count("failed"),
        tracks_changed=report.tracks_changed,
        via=report.via,
        seconds=round(report.seconds, 2),
    )
