"""CUE sheets of one song, which MPD makes a song of its database. Pure: values in, text out, and back.

How MPD reads them (measured, 0.23 and 0.24): TITLE and PERFORMER before the TRACK line are Album and AlbumArtist,
behind it Title and Artist; `REM <Tag> "value"` is any tag, and adds one value more. The track has no INDEX of its own;
a bare TRACK line behind it takes one, and its time is where the song ends: that is the song's duration. The number of
the TRACK line cannot be left out, so 0 says that there is none.

A value cannot hold a `"`, and MPD cuts lines at 4 KiB: see `tag_diff.tag_value` for the length of what comes here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mpdbridge.text import one_line

_MARK = 'REM GENERATOR "mpdbridge"'
_FRAMES = 75  # in a second
_NO_NUMBER = "0"
_OPENING_QUOTE = re.compile(r'(?:(?<=[\s(\[{/-])|^)"(?=\S)')
_FILE = re.compile(r'^FILE "([^"\n]*)"', re.MULTILINE)
_QUOTED = re.compile(r'"([^"]*)"')
_TIME = re.compile(r"(\d+):(\d\d):(\d\d)$")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One song.

    Attributes:
        url: where its audio is; without a `"`.
        tags: its values by MPD's names of tags: Title, Artist, Album, AlbumArtist, Track, Date.
        seconds: where it ends, to 1/75 s; None when that is not known.
    """

    url: str
    tags: Mapping[str, Sequence[str]]
    seconds: float | None = None


def render(sheet: Sheet) -> str:
    """The text of the file, with a first line that tells who made it."""
    return "".join(f"{line}\n" for line in _lines(sheet))


def parse(text: str) -> Sheet | None:
    """The song of a sheet that `render` made, or None for any other text."""
    first, *lines = text.split("\n")
    if first != _MARK:
        return None
    url, seconds, in_track = "", None, False
    tags: dict[str, list[str]] = {}
    for line in lines:
        word, _, rest = line.strip().partition(" ")
        quoted = _QUOTED.search(rest)
        value = quoted[1] if quoted else ""
        match word:
            case "FILE":
                url = value
            case "TRACK":
                number, in_track = rest.partition(" ")[0], True
                if number not in ("", _NO_NUMBER):
                    tags["Track"] = [number]
            case "TITLE" | "PERFORMER" | "REM":
                tags.setdefault(_tag(word, rest, in_track=in_track), []).append(value)
            case "INDEX" if time := _TIME.search(rest):
                minutes, whole, frames = map(int, time.groups())
                seconds = minutes * 60 + whole + frames / _FRAMES
    return Sheet(url, tags, seconds) if url else None


def url_of(text: str) -> str | None:
    """Where the audio of a sheet is that `render` made, or None for any other text; much faster than `parse`."""
    found = _FILE.search(text) if text.startswith(f"{_MARK}\n") else None
    return found[1] if found else None


def sheet_value(value: str) -> str:
    """`value` as a sheet can hold it: one line, with typographic quotes for straight ones."""
    return _OPENING_QUOTE.sub("“", one_line(value)).replace('"', "”")


def _lines(sheet: Sheet) -> Iterator[str]:
    rest = {tag: list(filter(None, map(sheet_value, values))) for tag, values in sheet.tags.items()}
    number = "".join(rest.pop("Track", [])[:1]).split()
    yield _MARK
    for word, tag in (("TITLE", "Album"), ("PERFORMER", "AlbumArtist")):
        yield from (f'{word} "{value}"' for value in rest.pop(tag, ()))
    yield f'FILE "{sheet.url}" WAVE'
    yield f"  TRACK {number[0] if number else _NO_NUMBER} AUDIO"
    for word, tag in (("TITLE", "Title"), ("PERFORMER", "Artist")):
        first, *more = rest.pop(tag, []) or [""]
        if first:
            yield f'    {word} "{first}"'
        yield from (f'    REM {tag} "{value}"' for value in more)
    for tag, values in rest.items():
        yield from (f'    REM {tag} "{value}"' for value in values)
    if sheet.seconds and (frames := int(sheet.seconds * _FRAMES + 1e-6)):
        minutes, frames = divmod(frames, 60 * _FRAMES)
        yield "  TRACK"
        yield f"    INDEX 01 {minutes:02}:{frames // _FRAMES:02}:{frames % _FRAMES:02}"


def _tag(word: str, rest: str, *, in_track: bool) -> str:
    if word == "REM":
        return rest.partition(" ")[0]
    return {"TITLE": ("Album", "Title"), "PERFORMER": ("AlbumArtist", "Artist")}[word][in_track]
