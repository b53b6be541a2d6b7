"""Has the songs that MPD plays next resolved before it asks for them: while it waits for an answer, all of it waits."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import NoReturn

from mpdbridge.concurrency import both
from mpdbridge.mpd.address import MpdAddress
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.queue import upcoming
from mpdbridge.mpd.watcher import MpdWatcher, WatcherState, retry_delays
from mpdbridge.urls import ProxyUrls


class Prefetcher:
    """Tells the resolver what is next, each time that changes, while `run()` runs.

    It logs nothing: that MPD is away is the tagger's to say, and a track that cannot be resolved the resolver's.

    Args:
        address: the MPD that plays.
        urls: tell which songs are ours.
        resolver_prefetch: is given the ids of the next tracks, the next one first; never twice at a time.
        count: how many songs ahead.
        timeout: seconds that one command may take.
        delays: waiting times before the next try, see `watcher.retry_delays`.
    """

    def __init__(
        self,
        *,
        address: MpdAddress,
        urls: ProxyUrls,
        resolver_prefetch: Callable[[Sequence[str]], Awaitable[None]],
        count: int,
        timeout: float = 10.0,
        delays: Callable[[WatcherState], Iterator[float]] = retry_delays,
    ) -> None:
        self._urls = urls
        self._prefetch = resolver_prefetch
        self._count = count
        self._watcher = MpdWatcher(
            connection=MpdConnection(address, timeout),
            subsystems=("player", "playlist", "options"),
            catch_up=self._look,
            tell=lambda *_: None,
            delays=delays,
        )
        self._next: list[str] = []
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Prefetches until it is cancelled."""
        # Resolving takes seconds, and MPD cuts a connection that is not in `idle` for so long.
        await both(self._watcher.run(), self._resolve())

    async def _look(self, connection: MpdConnection, _new: bool) -> None:  # noqa: FBT001  # a callback
        ids = await upcoming(connection, self._urls, self._count)
        if ids != self._next:
            self._next = ids
            self._changed.set()

    async def _resolve(self) -> NoReturn:
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._next:
                await self._prefetch(self._next)
