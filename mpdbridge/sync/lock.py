"""One sync at a time: `mpdbridge sync` beside a running `watch` waits for its turn, or both would write the lists."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from mpdbridge.errors import StoreError

_PATIENCE = 0.1  # seconds between two tries


@asynccontextmanager
async def sync_lock(database: Path, waits: Callable[[], None]) -> AsyncIterator[None]:
    """Holds the lock that stands beside the TrackStore's file; the system frees it however its holder ends.

    Args:
        database: the TrackStore's file.
        waits: is called once if somebody else holds it.

    Raises:
        StoreError: the lock file cannot be opened.
    """
    path = database.with_name(f"{database.name}.sync-lock")
    try:
        descriptor = await asyncio.to_thread(os.open, path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}: give this user the right to write there") from error
    try:
        if not _locked(descriptor):
            waits()
            while not _locked(descriptor):  # noqa: ASYNC110  # another process tells no event
                await asyncio.sleep(_PATIENCE)
        yield
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
