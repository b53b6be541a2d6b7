"""HeadCache: the first bytes of tracks, on disk, so that they start while their URL is still being looked for.

What is on disk is all there is to know: no index that could go wrong, and several bridges may share one folder. Files
are replaced whole, and a file that is not as it was written is removed when it is met, so nothing needs repair after a
kill -9 or a power cut. All work is done in one thread of its own, in order; what is kept or dropped is done behind the
caller's back. A cache that cannot write is a cache without heads, never an error.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

import platformdirs

from mpdbridge.logs import get_logger
from mpdbridge.relay.head_file import DamagedHeadError, Head, decode, encode

log = get_logger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

_SUFFIX, _UNFINISHED = ".head", ".part"
_ABANDONED = 3600.0  # seconds; nobody writes one file for so long


@dataclass(frozen=True, slots=True)
class HeadCount:
    """How many heads there are, and how many bytes their files have."""

    count: int
    bytes: int


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    size: int
    used: int  # when it was played or prefetched last, in nanoseconds


class HeadCache:
    """The heads in `folder`, the least recently used of them removed beyond `limit` bytes; 0 keeps none.

    `async with` it.
    """

    def __init__(self, *, folder: Path, limit: int) -> None:
        self._folder = folder
        self._limit = limit
        self._thread: ThreadPoolExecutor | None = None
        self._told = False  # that it cannot be written

    async def __aenter__(self) -> Self:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="heads")
        self._soon(self._open)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread is not None:
            try:
                await self._soon(_nothing)  # its turn means that all before it is done
            finally:
                self._thread.shutdown(wait=False)
                self._thread = None

    async def get(self, track_id: str) -> Head | None:
        """The head of a track, used just now; None when there is none, or none that is as it was written."""
        return await self._soon(self._read, track_id)

    def keep(self, head: Head) -> None:
        """Write `head` in place of what there was; nobody waits for it."""
        self._soon(self._write, head)

    def drop(self, track_id: str) -> None:
        """Forget what was kept of a track; nobody waits for it."""
        self._soon(self._remove, self._path(track_id))

    async def count(self) -> HeadCount:
        """How much is kept."""
        return await self._soon(self._count)

    def _soon(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> "asyncio.Future[R]":
        if self._thread is None:
            raise RuntimeError("HeadCache is used outside its `async with`")
        return asyncio.get_running_loop().run_in_executor(self._thread, lambda: work(*args, **kwargs))

    def _path(self, track_id: str) -> Path:
        return self._folder / f"{track_id}{_SUFFIX}"

    def _open(self) -> None:
        """Hold a limit that was lowered, and clear away what a killed writer left."""
        self._trim(self._limit)
        for file in self._files(_UNFINISHED):
            if time.time() - file.used / 1e9 > _ABANDONED:
                self._remove(file.path)

    def _read(self, track_id: str) -> Head | None:
        path = self._path(track_id)
        try:
            head = decode(path.read_bytes(), track_id)
        except FileNotFoundError:
            return None
        except (OSError, DamagedHeadError) as error:
            log.info("head of a track removed", track=track_id, reason=str(error))
            self._remove(path)
            return None
        with suppress(OSError):  # of a cache that may only be read, or removed by another bridge just now
            _touch(path)
        return head

    def _write(self, head: Head) -> None:
        data = encode(head)
        if len(data) > self._limit:
            return
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._trim(self._limit - len(data))
            _replace(self._path(head.track_id), data)
        except OSError as error:
            if not self._told:
                log.warning("heads of tracks are not kept", folder=str(self._folder), reason=error.strerror)
            self._told = True
        else:
            self._told = False

    def _remove(self, path: Path) -> None:
        with suppress(OSError):  # gone already, or not ours to remove; then it is met again
            path.unlink()

    def _count(self) -> HeadCount:
        sizes = [file.size for file in self._files(_SUFFIX)]
        return HeadCount(len(sizes), sum(sizes))

    def _trim(self, limit: int) -> None:
        """Remove the least recently used until what is left has at most `limit` bytes."""
        files = sorted(self._files(_SUFFIX), key=lambda file: file.used)
        total = sum(file.size for file in files)
        for file in files:
            if total <= limit:
                break
            self._remove(file.path)
            total -= file.size

    def _files(self, suffix: str) -> Iterator[_File]:
        with suppress(FileNotFoundError, NotADirectoryError, PermissionError), os.scandir(self._folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):  # another bridge has removed it meanwhile
                    if entry.name.endswith(suffix):
                        stat = entry.stat(follow_symlinks=False)
                        yield _File(Path(entry.path), stat.st_size, stat.st_mtime_ns)


@asynccontextmanager
async def users_heads(*, megabytes: int) -> AsyncIterator[HeadCache | None]:
    """The cache in the user's cache folder, within `megabytes` MiB; 0: None, and what there was is removed."""
    folder = platformdirs.user_cache_path("mpdbridge") / "heads"
    async with HeadCache(folder=folder, limit=megabytes * 1024 * 1024) as heads:
        yield heads if megabytes else None


def _replace(path: Path, data: bytes) -> None:
    """Write a file under another name and put it in place: whoever reads finds the old one or the new one.

    It is not synced to the disk: after a power cut its checksum tells, and a head is easily had again.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=_UNFINISHED)  # 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        _touch(Path(name))
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _touch(path: Path) -> None:
    now = time.time_ns()  # finer than what the kernel notes by itself
    os.utime(path, ns=(now, now))


def _nothing() -> None:
    """Does what it says."""
