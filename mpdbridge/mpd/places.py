"""Where in the library folder the sheet of each track stands: `<Artist>/<Album>/<Title> [<id>].cue`. Pure.

A place is chosen once, and then kept whatever becomes of the tags: stickers, playlists and queue entries hang on it. So
names are legal on every file system that a music directory may be on (as NAS, USB disk or phone), and two folders whose
names differ only in case are one folder.
"""

import itertools
import unicodedata
from collections.abc import Iterable

from mpdbridge.models import Track
from mpdbridge.text import cut_utf8, one_line
from mpdbridge.urls import sheet_name

UNKNOWN_ARTIST = "Unknown artist"
UNKNOWN_ALBUM = "Unknown album"

_NAME_BYTES = 160  # of 255; a path of three stays far below every limit, and of 143 UTF-16 characters on some disks
_LOOK_ALIKES = str.maketrans({
    "/": "∕", "\\": "＼", ":": "：", "*": "＊", "?": "？", '"': "＂", "<": "＜", ">": "＞", "|": "｜",
})  # fmt: skip
_ENDS = " ."  # stripped by Windows file systems at the end, and a leading dot hides a file


def legal_part(text: str, otherwise: str) -> str:
    """`text` as the name of a file or folder; `otherwise` when nothing is left of it."""
    name = unicodedata.normalize("NFC", one_line(text)).translate(_LOOK_ALIKES).strip(_ENDS)
    return cut_utf8(name, _NAME_BYTES).rstrip(_ENDS) or otherwise


class Places:
    """Chooses places; the same for the same tracks in the same order.

    Args:
        files: every file below the library folder, whosoever it is, as a path relative to it.
        folders: every folder below it.
    """

    def __init__(self, files: Iterable[str], folders: Iterable[str]) -> None:
        self._files = {_key(file) for file in files}
        self._folders = {_key(folder): folder for folder in folders}

    def choose(self, track: Track) -> str:
        """The place for a track that has none; nothing stands there, and nothing else is given it."""
        artist = legal_part(track.album_artist or next(iter(track.artists), ""), UNKNOWN_ARTIST)
        folder = self._folder(self._folder("", artist), legal_part(track.album or "", UNKNOWN_ALBUM))
        title = legal_part(track.title, track.track_id)
        for name in _numbered(title):
            place = f"{folder}/{sheet_name(name, track.track_id)}"
            if self.can_have(place):
                self._files.add(_key(place))
                return place
        raise AssertionError("there is always a next number")

    def can_have(self, place: str) -> bool:
        """Whether a file can be put there: nothing stands there, and no file where a folder has to be."""
        key, *around = (_key(path) for path in (place, *folders_of(place)))
        return (
            key not in self._files and key not in self._folders and not any(folder in self._files for folder in around)
        )

    def _folder(self, parent: str, name: str) -> str:
        """The folder `name` in `parent`, as it is spelled there already; another one when a file has that name."""
        for candidate in _numbered(name):
            path = f"{parent}/{candidate}" if parent else candidate
            if _key(path) not in self._files:
                return self._folders.setdefault(_key(path), path)
        raise AssertionError("there is always a next number")


def folders_of(place: str) -> Iterable[str]:
    """The folders around `place`, the innermost first."""
    while folder := place.rpartition("/")[0]:
        yield folder
        place = folder


def _numbered(name: str) -> Iterable[str]:
    yield name
    yield from (f"{name} ({number})" for number in itertools.count(2))


def _key(path: str) -> str:
    """What paths have in common that some file system takes for one."""
    return unicodedata.normalize("NFC", path).casefold()
