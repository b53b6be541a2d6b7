"""The one decision everything hangs on: byte ranges or ICY titles, never both. Pure: facts in, plan out.

MPD drops every tag of a queue entry as soon as an answer has `icy-metaint`, and cannot seek in it. So titles go only
to who asks for them and has nobody that tags for it; a tagged MPD gets plain seekable bytes.
"""

import re
from dataclasses import dataclass
from typing import Literal

from mpdbridge.byterange import (
    ByteRange,
    RangeSpec,
    Unsatisfiable,
    content_range,
    if_range_holds,
    parse_range,
    parse_spec,
)
from mpdbridge.text import cut_utf8, one_line

IcyMode = Literal["auto", "always", "never"]

_MPD = re.compile(r"Music Player Daemon (\d+)\.(\d+)(?:\.(\d+))?")
_FIXED = (0, 23, 13)
_NAME_BYTES = 1000  # some clients refuse header lines over a few kilobytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFacts:
    """What of a request matters.

    Attributes:
        range: the `Range` header; `if_range`: the `If-Range` header.
        icy: it carries `Icy-MetaData: 1`.
        tagged: the queue tagger is attached to an MPD at the address that asks.
    """

    method: str = "GET"
    range: str | None = None
    if_range: str | None = None
    icy: bool = False
    user_agent: str = ""
    tagged: bool = False


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """What upstream told of a file. Two answers with equal facts are parts of the same file.

    Attributes:
        length: bytes of the whole file, None when upstream does not tell.
        content_type: without parameters.
        etag: quoted entity tag, None when there is nothing to make one of.
    """

    length: int | None
    content_type: str
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes to fetch: from `first` to `last`, both included; None is the file's last."""

    first: int
    last: int | None


@dataclass(frozen=True, slots=True)
class Full:
    """200 with the whole file; `sized`: with Content-Length, otherwise chunked."""

    sized: bool


@dataclass(frozen=True, slots=True)
class Partial:
    """206 with `part` of the file; an empty one is what lies behind the last byte."""

    part: ByteRange
    sized: bool


@dataclass(frozen=True, slots=True)
class Interleaved:
    """200 with the whole file and ICY titles in it, not seekable."""


@dataclass(frozen=True, slots=True)
class NotSatisfiable:
    """416: the range lies outside of the file of `length` bytes."""

    length: int


Plan = Full | Partial | Interleaved | NotSatisfiable


def plan_response(request: RequestFacts, stream: StreamFacts, icy_mode: IcyMode) -> Plan:
    """How `request` is answered with `stream`."""
    if _wants_titles(request, icy_mode):
        return Interleaved()
    sized = stream.length is not None and not hangs_on_cut_body(request.user_agent)
    asked = _range_header(request) if if_range_holds(request.if_range, stream.etag) else None
    match parse_range(asked, stream.length):
        case Unsatisfiable(length):
            # ffmpeg in MPD seeks to the very end of an m4a file. One that has not been told the length asks us for what
            # is there, and after a 416 it plays noise.
            if hangs_on_cut_body(request.user_agent) and parse_spec(asked) == RangeSpec(length, None):
                return Partial(ByteRange(length, length - 1), sized=False)
            return NotSatisfiable(length)
        case ByteRange() as part:
            return Partial(part, sized)
        case None:
            return Full(sized)


def opening(request: RequestFacts, icy_mode: IcyMode) -> Span:
    """What to ask upstream for first, before anything of the file is known.

    For nearly every request it is the very body that `plan_response` will want; see `restart`.
    """
    facts_only = Span(0, 0)
    if request.method != "GET":
        return facts_only
    spec = None if _wants_titles(request, icy_mode) else parse_spec(request.range)
    if spec is None:
        return Span(0, None)
    return facts_only if spec.first is None else Span(spec.first, spec.last)


def restart(plan: Plan, stream: StreamFacts, opened: Span) -> Span | None:
    """What to fetch instead when `opened` turns out not to be the body of `plan`; None when it is, or needs none."""
    if isinstance(plan, NotSatisfiable):
        return None
    end = None if stream.length is None else stream.length - 1
    body = Span(plan.part.first, plan.part.last) if isinstance(plan, Partial) else Span(0, end)
    last = opened.last if end is None or (opened.last is not None and opened.last < end) else end
    return None if body == Span(opened.first, last) else body


def status(plan: Plan) -> int:
    """The HTTP status of `plan`."""
    match plan:
        case Full() | Interleaved():
            return 200
        case Partial():
            return 206
        case NotSatisfiable():
            return 416


def headers(plan: Plan, stream: StreamFacts, *, name: str, metaint: int) -> dict[str, str]:
    """The response headers of `plan`; without Content-Length the body is chunked. `name`: `Artist - Title`."""
    if isinstance(plan, NotSatisfiable):
        return {"Accept-Ranges": "bytes", "Content-Range": content_range(None, plan.length)}
    common = {"Content-Type": stream.content_type}
    if isinstance(plan, Interleaved):
        # No Accept-Ranges, not even "none": MPD takes the mere header for a seekable stream.
        return {**common, "icy-name": cut_utf8(one_line(name), _NAME_BYTES), "icy-metaint": str(metaint)}
    if stream.length is not None:
        common["Accept-Ranges"] = "bytes"
    if stream.etag is not None:
        common["ETag"] = stream.etag
    size = stream.length
    if isinstance(plan, Partial):
        size = len(plan.part)
        if size:
            common["Content-Range"] = content_range(plan.part, stream.length)
    return {**common, "Content-Length": str(size)} if plan.sized else common


def is_mpd(user_agent: str) -> bool:
    """Whether MPD itself asks, of any version."""
    return user_agent.startswith("Music Player Daemon")


def hangs_on_cut_body(user_agent: str) -> bool:
    """Whether this is an MPD that hangs for good when a body ends before its Content-Length: any before 0.23.13.

    One that does not tell its version may be such.
    """
    if not is_mpd(user_agent):
        return False
    found = _MPD.match(user_agent)
    return found is None or tuple(int(part or 0) for part in found.groups()) < _FIXED


def _range_header(request: RequestFacts) -> str | None:
    # RFC 9110 14.2: Range is defined for GET alone.
    return request.range if request.method == "GET" else None


def _wants_titles(request: RequestFacts, icy_mode: IcyMode) -> bool:
    # ffmpeg and mpv send `bytes=0-` with every first request, beside Icy-MetaData: that is the whole, no seek.
    seeks = parse_spec(_range_header(request)) not in (None, RangeSpec(0, None))
    if icy_mode == "never" or not request.icy or seeks:
        return False
    # The tagger serves MPD alone: another player at the same address has nobody that tags for it.
    return icy_mode == "always" or not (request.tagged and is_mpd(request.user_agent))
