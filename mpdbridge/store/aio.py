"""The TrackStore for code on the event loop, which SQLite must not block."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Concatenate, ParamSpec, Self, TypeVar

from mpdbridge.concurrency import Clock, OneThread
from mpdbridge.store.tracks import TrackStore

P = ParamSpec("P")
R = TypeVar("R")


class AsyncStore:
    """A TrackStore that works in one thread of its own: `await store.run(TrackStore.tracks, ids)`.

    Calls are carried out one after another, in order. A call that is cancelled is finished if it has begun.
    """

    def __init__(self, store: TrackStore, thread: OneThread) -> None:
        self._store = store
        self._thread = thread

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path | str, *, clock: Clock = time.time) -> AsyncIterator[Self]:
        """Open the database file, and close it at the end, when all that was asked is done.

        Raises:
            StoreError: the file cannot be opened.
        """
        store = await asyncio.to_thread(TrackStore, path, clock=clock)
        try:
            async with OneThread("store") as thread:
                yield cls(store, thread)
        finally:
            await asyncio.to_thread(store.close)

    async def run(self, method: Callable[Concatenate[TrackStore, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a method of TrackStore.

        Raises:
            StoreError: as the method does.
        """
        return await self._thread.run(method, self._store, *args, **kwargs)
