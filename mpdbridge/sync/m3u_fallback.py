"""The fallback: playlist files in MPD's playlist directory, for an MPD that cannot be reached or takes no commands.

A file is replaced whole (written beside it, fsync, rename), so MPD and a full disk see the old one or the new one.
"""

import asyncio
import errno
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ParamSpec, TypeVar

from mpdbridge import m3u
from mpdbridge.errors import MpdBridgeError
from mpdbridge.files import replacing
from mpdbridge.m3u import M3UEntry
from mpdbridge.sync.events import Change, Via

P = ParamSpec("P")
R = TypeVar("R")
_SUFFIX = ".m3u"
_TEMPORARY = (".mpdbridge-", ".tmp")  # without the suffix MPD does not take it for a playlist
_MODE = 0o644  # MPD usually runs as a user of its own


class M3UDirectory:
    """MPD's playlist directory as a Destination."""

    via: Via = "m3u"

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.longest: int | None = None  # a file takes any number of entries
        self.doubted: int | None = None

    async def running_since(self) -> None:
        return None

    async def clear_leftovers(self) -> None:
        await self._file_work(self._clear_leftovers)

    async def names(self) -> set[str]:
        return await self._file_work(self._names)

    async def read(self, name: str) -> list[str]:
        return await self._file_work(self._read, name)

    async def publish(self, name: str, entries: Sequence[M3UEntry], *, new: bool = False) -> Change:
        content = m3u.render(entries).encode("utf-8", "replace")
        return await self._file_work(self._write, self._path(name), content, new=new)

    async def rename(self, old: str, new: str) -> None:
        await self._file_work(self._rename, self._path(old), self._path(new))

    async def remove(self, name: str) -> None:
        await self._file_work(self._path(name).unlink, missing_ok=True)

    def _path(self, name: str) -> Path:
        return self.directory / f"{name}{_SUFFIX}"

    async def _file_work(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await asyncio.to_thread(work, *args, **kwargs)
        except OSError as error:
            raise MpdBridgeError(f"{self.directory}: {explain(error)}") from error

    def _clear_leftovers(self) -> None:
        start, end = _TEMPORARY
        for file in self.directory.glob(f"{start}*{end}"):
            file.unlink(missing_ok=True)

    def _names(self) -> set[str]:
        return {
            entry.name.removesuffix(_SUFFIX) for entry in os.scandir(self.directory) if entry.name.endswith(_SUFFIX)
        }

    def _read(self, name: str) -> list[str]:
        return [entry.uri for entry in m3u.parse(self._path(name).read_text("utf-8", "replace"))]

    def _write(self, path: Path, content: bytes, *, new: bool) -> Change:
        if new:
            _must_be_free(path)
        if path.exists() and path.read_bytes() == content:
            return "unchanged"
        with replacing(path, mode=_MODE, name=_TEMPORARY) as file:
            file.write(content)
        self._settle()
        return "written-m3u"

    def _rename(self, old: Path, new: Path) -> None:
        _must_be_free(new)
        old.rename(new)
        self._settle()

    def _settle(self) -> None:
        """Makes renames last over a power cut: they are kept in the directory itself."""
        descriptor = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _must_be_free(path: Path) -> None:
    if path.exists():
        raise FileExistsError(errno.EEXIST, "there is a playlist of this name already", str(path))


def explain(error: OSError) -> str:
    """What a user can do about `error`, as one line."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full; the old playlist stays: free some space"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "not writable: give this user the right to write there, or set mpd.playlist_directory"
    if error.errno == errno.ENOENT:
        return "there is no such folder: set mpd.playlist_directory to the one that mpd.conf names"
    return error.strerror or str(error)
