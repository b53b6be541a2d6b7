"""Byte ranges as RFC 9110 section 14 has them. Pure: header values in, numbers out."""

import re
from dataclasses import dataclass

_RANGES = re.compile(r"\s*bytes\s*=(.*)", re.IGNORECASE | re.DOTALL)  # 14.1: range units are case-insensitive
_INT_RANGE = re.compile(r"([0-9]+)-([0-9]*)")
_SUFFIX_RANGE = re.compile(r"-([0-9]+)")
_CONTENT_RANGE = re.compile(r"\s*bytes\s+(?:([0-9]+)-([0-9]+)|\*)/([0-9]+|\*)\s*", re.IGNORECASE)
_FAR = 10**18  # no file is longer; also keeps int() away from thousands of digits


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Positions of the first and the last byte, both included, from 0."""

    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Unsatisfiable:
    """The range lies outside of a file of `length` bytes: 416."""

    length: int


@dataclass(frozen=True, slots=True)
class RangeSpec:
    """One range as it was asked for, before anyone looked at the file.

    Attributes:
        first: position of the first byte, or None for a suffix.
        last: position of the last byte, or None for "to the end"; of a suffix its length.
    """

    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class ContentRange:
    """What a server says it sends: `range` of `length` bytes; None where it wrote `*`."""

    range: ByteRange | None
    length: int | None


def parse_spec(header: str | None) -> RangeSpec | None:
    """The one range that a `Range` header asks for; None when the whole is to be served.

    That is so without a header, for another unit, for anything malformed (14.2: ignore it), and for several ranges,
    which a server need not honour (14.2) and no player asks for.
    """
    found = _RANGES.fullmatch(header or "")
    # RFC 9110 5.6.1: empty list elements do not count.
    wanted = [item.strip() for item in found[1].split(",") if item.strip()] if found else []
    if len(wanted) != 1:
        return None
    if suffix := _SUFFIX_RANGE.fullmatch(wanted[0]):
        return RangeSpec(None, _number(suffix[1]))
    if plain := _INT_RANGE.fullmatch(wanted[0]):
        first, last = _number(plain[1]), _number(plain[2]) if plain[2] else None
        # 14.1.1: a range that ends before it starts is invalid, not unsatisfiable.
        return RangeSpec(first, last) if last is None or first <= last else None
    return None


def parse_range(header: str | None, length: int | None) -> ByteRange | Unsatisfiable | None:
    """The bytes of a file of `length` bytes (None = unknown) that a `Range` header asks for; None = serve it whole."""
    spec = parse_spec(header)
    if spec is None or length is None:
        return None
    if spec.first is None:
        # 14.1.3: a suffix of no bytes is unsatisfiable; one longer than the file is the file.
        suffix = min(spec.last or 0, length)
        first, last = length - suffix, length - 1
        if length == 0 and spec.last:
            return None  # the end of nothing: satisfiable, but a 206 cannot say it
    else:
        first, last = spec.first, length - 1 if spec.last is None else min(spec.last, length - 1)
    return ByteRange(first, last) if first < length else Unsatisfiable(length)


def if_range_holds(if_range: str | None, etag: str | None) -> bool:
    """Whether a `Range` counts beside this `If-Range` (RFC 9110 13.1.5), for a file that has this ETag and no date.

    Entity tags are compared strongly; a date never holds, since we tell none.
    """
    return if_range is None or (etag is not None and not etag.startswith("W/") and if_range.strip() == etag)


def content_range(part: ByteRange | None, length: int | None) -> str:
    """The value of a `Content-Range` header (14.4); `part` None gives the `bytes */length` of a 416."""
    told = "*" if length is None else str(length)
    return f"bytes */{told}" if part is None else f"bytes {part.first}-{part.last}/{told}"


def parse_content_range(header: str | None) -> ContentRange | None:
    """What a `Content-Range` header tells, or None when there is none or it contradicts itself (14.4)."""
    found = _CONTENT_RANGE.fullmatch(header or "")
    if found is None:
        return None
    length = None if found[3] == "*" else _number(found[3])
    if found[1] is None:
        return ContentRange(None, length)
    part = ByteRange(_number(found[1]), _number(found[2]))
    if part.last < part.first or (length is not None and part.last >= length):
        return None
    return ContentRange(part, length)


def _number(digits: str) -> int:
    return int(digits) if len(digits) < 19 else _FAR
