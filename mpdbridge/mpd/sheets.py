"""The library folder on disk: what stands in it, and how sheets get there and go. All of this blocks.

A sheet is written beside its place and renamed, so MPD never reads half of one, however this process ends. It is not
synced to the disk: that takes a minute for 10,000 of them. What a power cut leaves empty, the next run writes again,
since it reads every sheet anyway.
"""

import errno
import os
import re
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from mpdbridge.concurrency import Clock
from mpdbridge.errors import MpdBridgeError
from mpdbridge.files import replacing
from mpdbridge.store import LibraryFolder
from mpdbridge.urls import TRACK_ID

_TEMPORARY = (".mpdbridge-", ".tmp")  # MPD has no decoder for such a file
_SHEET = re.compile(rf"\[({TRACK_ID.pattern})\]\.cue\Z")
_LARGEST = 1 << 16  # bytes; ours are far smaller
_FILE_MODE, _FOLDER_MODE = 0o644, 0o755  # MPD usually runs as a user of its own


class SheetError(MpdBridgeError):
    """The library folder cannot be read or written."""


@dataclass(frozen=True, slots=True)
class SheetFile:
    """A file that may be a sheet of ours, by its name.

    Attributes:
        text: what is in it; without the zeros that a power cut leaves.
        mtime: in whole seconds, as MPD compares it.
    """

    track_id: str
    place: str
    text: str
    mtime: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """What stands below the library folder; all paths are relative to it.

    Attributes:
        files: all of them, links included.
        sheets: those that may be ours, by place.
    """

    files: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    sheets: dict[str, SheetFile] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Write:
    """What is to be written.

    Attributes:
        after: mtime of the sheet that MPD may have read; the new one's is later by a second at least.
    """

    track_id: str
    place: str
    text: str
    after: int = 0


class SheetDirectory:
    """One library folder.

    Args:
        where: the folder; it need not exist, but the music directory has to.
        clock: for the mtimes of sheets.
    """

    def __init__(self, where: LibraryFolder, *, clock: Clock = time.time) -> None:
        self._music = Path(where.music_directory)
        self._root = self._music / where.folder
        self._clock = clock

    def is_there(self) -> bool:
        """Whether there is a music directory, as far as this user can see."""
        try:
            return self._music.is_dir()
        except OSError:
            return False

    def is_bare(self) -> bool:
        """Whether there is nothing in the music directory, as in a mount point without its disk."""
        try:
            return self.is_there() and not any(self._music.iterdir())
        except OSError:  # it is not for this user to list; the folder in it may be
            return False

    def look(self) -> Shelf:
        """Everything below the folder. Links to other folders are not followed.

        Raises:
            SheetError: it cannot be read, or there is no music directory.
        """
        shelf = Shelf()
        try:
            self._music.stat()
            if self._root.is_symlink() and not self._root.exists():
                raise SheetError(f"{self._root}: leads nowhere: is its disk mounted?")
            with suppress(FileNotFoundError):
                self._walk(shelf, "")
        except OSError as error:
            raise self._error(error) from error
        return shelf

    def write(self, writes: Iterable[Write]) -> tuple[dict[str, int], str]:
        """Writes sheets, as far as that goes: the mtime of each by its track, and what ended it (mostly empty)."""
        done: dict[str, int] = {}
        try:
            for one in writes:
                done[one.track_id] = self._write(one)
        except OSError as error:
            return done, str(self._error(error))
        return done, ""

    def remove(self, places: Iterable[str]) -> None:
        """Removes sheets, and the folders that are empty then.

        Raises:
            SheetError: this user may not.
        """
        try:
            for place in places:
                path = self._root / place
                path.unlink(missing_ok=True)
                self._remove_empty(path.parent)
        except OSError as error:
            raise self._error(error) from error

    def _walk(self, shelf: Shelf, folder: str) -> None:
        for entry in sorted(os.scandir(self._root / folder), key=lambda entry: entry.name):
            place = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir(follow_symlinks=False):
                shelf.folders.append(place)
                self._walk(shelf, place)
            elif _is_temporary(entry.name):
                Path(entry.path).unlink(missing_ok=True)  # a killed run's
            else:
                shelf.files.append(place)
                if (found := _SHEET.search(entry.name)) and entry.is_file(follow_symlinks=False):
                    shelf.sheets[place] = SheetFile(found[1], place, *_read(entry.path))

    def _write(self, one: Write) -> int:
        path = self._root / one.place
        self._make_folder(path.parent)
        mtime = max(int(self._clock()), one.after + 1)
        with replacing(path, mode=_FILE_MODE, name=_TEMPORARY, synced=False) as file:
            file.write(one.text.encode("utf-8", "replace"))
            file.flush()
            os.utime(file.fileno(), (mtime, mtime))
        return mtime

    def _make_folder(self, folder: Path) -> None:
        if folder.is_dir():
            return
        self._make_folder(folder.parent)
        folder.mkdir()
        folder.chmod(_FOLDER_MODE)

    def _remove_empty(self, folder: Path) -> None:
        """Removes `folder` and those around it, up to the library folder itself, while they are empty."""
        while folder != self._music:
            try:
                folder.rmdir()
            except OSError:  # not empty; or gone, or not for us to remove: nothing is lost by that
                return
            folder = folder.parent

    def _error(self, error: OSError) -> SheetError:
        where = Path(error.filename or self._root)
        if _is_temporary(where.name):
            where = where.parent  # a name that nobody knows, and another one each time
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return SheetError(f"{self._root}: the disk is full: free some space")
        if error.errno == errno.EROFS:
            return SheetError(f"{where}: on a read-only file system: mount it writable")
        if error.errno in (errno.EACCES, errno.EPERM):
            return SheetError(f"{where}: not writable: give this user the right to write in {self._music}")
        if error.errno == errno.ENOENT and not self._music.exists():
            return SheetError(f"{self._music}: there is no such folder: set mpd.music_directory")
        return SheetError(f"{where}: {error.strerror or error}")


def _read(path: str) -> tuple[str, int]:
    """Text and mtime. There may be 10,000 of them, and a file object takes twice as long."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        content, facts = os.read(descriptor, _LARGEST), os.fstat(descriptor)
    finally:
        os.close(descriptor)
    return content.strip(b"\0").decode("utf-8", "replace"), int(facts.st_mtime)


def _is_temporary(name: str) -> bool:
    start, end = _TEMPORARY
    return name.startswith(start) and name.endswith(end)


def by_track(shelf: Shelf) -> Mapping[str, list[SheetFile]]:
    """The sheets that may be ours, by track."""
    found: dict[str, list[SheetFile]] = {}
    for sheet in shelf.sheets.values():
        found.setdefault(sheet.track_id, []).append(sheet)
    return found
