"""The TrackStore for code on the event loop, which SQLite must not block."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Concatenate, ParamSpec, Self, TypeVar

from mpdbridge.store.tracks import TrackStore

P = ParamSpec("P")
R = TypeVar("R")


class AsyncStore:
    """A TrackStore that works in one thread of its own: `await store.run(TrackStore.tracks, ids)`.

    Calls are carried out one after another, in order. A cancelled call is still finished, its result dropped.
    """

    def __init__(self, store: TrackStore) -> None:
        self._store = store
        self._thread: ThreadPoolExecutor | None = None

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path | str) -> AsyncIterator[Self]:
        """Open the database file in that thread too, and close it at the end.

        Raises:
            StoreError: the file cannot be opened.
        """
        store = await asyncio.to_thread(TrackStore, path)
        try:
            async with cls(store) as opened:
                yield opened
        finally:
            await asyncio.to_thread(store.close)

    async def __aenter__(self) -> Self:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._thread is not None:
            thread, self._thread = self._thread, None
            try:  # whatever was asked before is done before the owner closes the file
                await asyncio.get_running_loop().run_in_executor(thread, _nothing)
            finally:
                thread.shutdown(wait=False)

    async def run(self, method: Callable[Concatenate[TrackStore, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a method of TrackStore.

        Raises:
            StoreError: as the method does.
        """
        if self._thread is None:
            raise RuntimeError("AsyncStore is used outside its `async with`")
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, lambda: method(self._store, *args, **kwargs)
        )


def _nothing() -> None:
    """Its turn in the thread means that all before it is done."""
