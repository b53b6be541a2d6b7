"""M3U playlists as MPD reads them from its playlist directory. Pure: values in, text out, and back.

MPD takes `#EXTINF:<whole seconds>,<name>` before a URI; a fraction makes it ignore the line, and a negative number
means that the length is not known. Every value is made one line first, so a title can add neither line nor URI.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mpdbridge.text import one_line

_EXTINF = re.compile(r"#EXTINF:\s*(-?\d*)[^,]*,(.*)")
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class M3UEntry:
    """One song of a playlist file.

    Attributes:
        uri: absolute, with its scheme.
        title: `Artist - Title`; may be empty.
        duration: seconds, or None when unknown; a file holds whole seconds only.
    """

    uri: str
    title: str = ""
    duration: float | None = None


def render(entries: Iterable[M3UEntry]) -> str:
    """The playlist file: `#EXTM3U`, then two lines for each entry, each ended by a newline."""
    return "".join(["#EXTM3U\n", *(_lines(entry) for entry in entries)])


def _lines(entry: M3UEntry) -> str:
    seconds = max(1, round(entry.duration)) if entry.duration else -1  # 0 would be a song of no length
    return f"#EXTINF:{seconds},{one_line(entry.title)}\n{one_line(entry.uri)}\n"


def parse(text: str) -> list[M3UEntry]:
    """The entries of a playlist file, simple or extended; comments and empty lines are skipped."""
    entries: list[M3UEntry] = []
    title, duration = "", None
    for line in _LINE_END.split(text.removeprefix("\ufeff")):
        if found := _EXTINF.fullmatch(line):
            seconds = int(found[1]) if found[1].strip("-") else 0
            title, duration = found[2].strip(), float(seconds) if seconds > 0 else None
        elif (uri := line.strip()) and not uri.startswith("#"):  # MPD strips a line before it looks for a comment, too
            entries.append(M3UEntry(uri=uri, title=title, duration=duration))
            title, duration = "", None
    return entries
