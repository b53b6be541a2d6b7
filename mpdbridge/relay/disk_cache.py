"""DiskCache: small values by key, each in a file of its own, within a limit.

What is on disk is all there is to know: no index that could go wrong, and several bridges may share one folder. Files
are replaced whole, and a file that is not as it was written is removed when it is met, so nothing needs repair after a
kill -9 or a power cut. All work is done in one thread of its own, in order; what is kept or dropped is done behind the
caller's back. A cache that cannot write is a cache without values, never an error.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Self, TypeVar

from mpdbridge.concurrency import OneThread
from mpdbridge.files import replacing
from mpdbridge.logs import get_logger

log = get_logger(__name__)

V = TypeVar("V")

_UNFINISHED = ".part"
_ABANDONED = 3600.0  # seconds; nobody writes one file for so long


@dataclass(frozen=True, slots=True)
class CacheCount:
    """How many values there are, and how many bytes their files have."""

    count: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Codec(Generic[V]):
    """How values stand in their files.

    Attributes:
        what: the values' name, for the log.
        suffix: of their files' names.
        encode: a value's file; it has to tell by itself whether it is whole.
        decode: the value in a file, for the key it was found by; raises ValueError when it is not as it was written.
    """

    what: str
    suffix: str
    encode: Callable[[V], bytes]
    decode: Callable[[bytes, str], V]


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    size: int
    used: int  # when it was written or read last, in nanoseconds


class DiskCache(Generic[V]):
    """The values in `folder`, the least recently used of them removed beyond `limit` bytes; 0 keeps none.

    `async with` it. Keys are file names.
    """

    def __init__(self, *, codec: Codec[V], folder: Path, limit: int) -> None:
        self._codec = codec
        self._folder = folder
        self._limit = limit
        self._thread = OneThread(codec.what)
        self._told = False  # that it cannot be written

    async def __aenter__(self) -> Self:
        await self._thread.__aenter__()
        self._thread.run(self._open)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._thread.__aexit__(None)

    async def get(self, key: str) -> V | None:
        """The value, used just now; None when there is none, or none that is as it was written."""
        return await self._thread.run(self._read, key)

    def put(self, key: str, value: V) -> None:
        """Write `value` in place of what there was; nobody waits for it."""
        self._thread.run(self._write, key, value)

    def drop(self, key: str) -> None:
        """Forget a value; nobody waits for it."""
        self._thread.run(self._remove, self._path(key))

    async def count(self) -> CacheCount:
        """How much is kept."""
        return await self._thread.run(self._count)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}{self._codec.suffix}"

    def _open(self) -> None:
        """Hold a limit that was lowered, and clear away what a killed writer left."""
        self._trim(self._limit)
        for file in self._files(_UNFINISHED):
            if time.time() - file.used / 1e9 > _ABANDONED:
                self._remove(file.path)

    def _read(self, key: str) -> V | None:
        path = self._path(key)
        try:
            value = self._codec.decode(path.read_bytes(), key)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            log.info("removed from a cache", of=self._codec.what, key=key, reason=str(error))
            self._remove(path)
            return None
        with suppress(OSError):  # of a cache that may only be read, or removed by another bridge just now
            _touch(path)
        return value

    def _write(self, key: str, value: V) -> None:
        data = self._codec.encode(value)
        if len(data) > self._limit:
            return
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._trim(self._limit - len(data))
            # Not synced: after a power cut the value tells that it is not whole, and it is easily had again.
            with replacing(self._path(key), name=("", _UNFINISHED), synced=False) as file:
                file.write(data)
                file.flush()
                _touch(file.fileno())
        except OSError as error:
            if not self._told:
                log.warning("nothing is kept", of=self._codec.what, folder=str(self._folder), reason=error.strerror)
            self._told = True
        else:
            self._told = False

    def _remove(self, path: Path) -> None:
        with suppress(OSError):  # gone already, or not ours to remove; then it is met again
            path.unlink()

    def _count(self) -> CacheCount:
        sizes = [file.size for file in self._files(self._codec.suffix)]
        return CacheCount(len(sizes), sum(sizes))

    def _trim(self, limit: int) -> None:
        """Remove the least recently used until what is left has at most `limit` bytes."""
        files = sorted(self._files(self._codec.suffix), key=lambda file: file.used)
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


def _touch(file: Path | int) -> None:
    now = time.time_ns()  # finer than what the kernel notes by itself
    os.utime(file, ns=(now, now))
