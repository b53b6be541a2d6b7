"""HeadCache: the first bytes of tracks, on disk, so that they start while their URL is still being looked for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import platformdirs

from mpdbridge.relay.disk_cache import Codec, DiskCache
from mpdbridge.relay.head_file import Head, decode, encode

_CODEC = Codec(what="heads of tracks", suffix=".head", encode=encode, decode=decode)


class HeadCache(DiskCache[Head]):
    """The heads in `folder`, within `limit` bytes, by track id; `async with` it."""

    def __init__(self, *, folder: Path, limit: int) -> None:
        super().__init__(codec=_CODEC, folder=folder, limit=limit)

    def keep(self, head: Head) -> None:
        """Write `head` in place of what there was; nobody waits for it."""
        self.put(head.track_id, head)


@asynccontextmanager
async def users_heads(*, megabytes: int) -> AsyncIterator[HeadCache | None]:
    """The cache in the user's cache folder, within `megabytes` MiB; 0: None, and what there was is removed."""
    folder = platformdirs.user_cache_path("mpdbridge") / "heads"
    async with HeadCache(folder=folder, limit=megabytes * 1024 * 1024) as heads:
        yield heads if megabytes else None
