"""Fields of ytmusicapi's rows, one by one. Pure; what is missing, None or of another type counts as unknown."""

import re
from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]

# Google's picture server cuts any size from the same picture: `…=w60-h60-l90-rj` and `…=w544-h544-l90-rj`.
_SIZED = re.compile(r"(?<=googleusercontent\.com/)(.+)=w\d+-h\d+")
_ART_SIZE = r"\1=w544-h544"


def text(value: object) -> str | None:
    """Text that says something."""
    return value if isinstance(value, str) and value.strip() else None


def number(value: object) -> int | None:
    """Counts come as numbers, or as `1,234` and `1.234`."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    digits = re.sub(r"[\s.,'\u202f]", "", str(value))
    return int(digits) if digits.isdecimal() else None


def clock_time(value: object) -> float | None:
    """Seconds of `3:34` or `1:02:03`."""
    if not isinstance(value, str) or not re.fullmatch(r"\d+(:\d\d){1,2}", value):
        return None
    seconds = 0
    for part in value.split(":"):
        seconds = 60 * seconds + int(part)
    return float(seconds)


def names(artists: object) -> tuple[str, ...]:
    """All artists' names, verbatim; rows of some kinds have None instead of a list."""
    found = artists if isinstance(artists, list) else []
    return tuple(name for name in (text(artist.get("name")) for artist in found) if name is not None)


def best_picture(pictures: object) -> str | None:
    """The URL of the largest, in the size of a cover."""
    found = [p for p in pictures if text(p.get("url"))] if isinstance(pictures, list) else []
    if not found:
        return None
    best = max(found, key=lambda picture: (picture.get("width") or 0) * (picture.get("height") or 0))
    return _SIZED.sub(_ART_SIZE, best["url"])
