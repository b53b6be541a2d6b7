"""How a line of the log looks: for a person, for the journal, or as JSON. Pure: an event in, a line out."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from mpdbridge.logs.journal import with_level
from mpdbridge.text import one_line

_BARE = re.compile(r"[^\s\"'=\[\]{}]+")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # a traceback keeps its line breaks
_COLOURS = {"warning": "33", "error": "31", "critical": "1;31", "debug": "2"}


def console_line(event: Mapping[str, object], *, colours: bool) -> str:
    """`[2026-11-22 16:45:46] info playlist updated playlist="YT: Demo" added=3`; a traceback follows below."""
    when = datetime.fromtimestamp(_seconds(event["timestamp"])).astimezone()
    level = str(event["level"])
    shown = f"\x1b[{_COLOURS[level]}m{level}\x1b[0m" if colours and level in _COLOURS else level
    return f"[{when:%Y-%m-%d %H:%M:%S}] {shown} {_told(event)}"


def journal_line(event: Mapping[str, object]) -> str:
    """`<6>playlist updated playlist="YT: Demo" added=3`."""
    return with_level(_told(event), str(event["level"]))


def json_line(event: Mapping[str, object]) -> str:
    """The event as one JSON object, its time as ISO 8601 in UTC."""
    when = datetime.fromtimestamp(_seconds(event["timestamp"]), UTC).isoformat(timespec="milliseconds")
    return json.dumps({**event, "timestamp": when.replace("+00:00", "Z")}, ensure_ascii=False)


def _told(event: Mapping[str, object]) -> str:
    """What happened and its pairs; a traceback follows below."""
    # The event says enough without the name of its logger.
    fields = {key: value for key, value in event.items() if key not in {"timestamp", "level", "logger"}}
    text, trace = one_line(str(fields.pop("event"))), fields.pop("exception", None)
    line = " ".join([text, *(f"{one_line(key)}={_bare_or_quoted(value)}" for key, value in fields.items())])
    return f"{line}\n{_CONTROLS.sub(' ', str(trace))}" if trace else line


def _seconds(timestamp: object) -> float:
    return float(timestamp) if isinstance(timestamp, int | float) else 0.0


def _bare_or_quoted(value: object) -> str:
    if isinstance(value, str):
        text = one_line(value)  # a title may hold an escape sequence for the terminal
        return text if _BARE.fullmatch(text) else json.dumps(text, ensure_ascii=False)
    return one_line(json.dumps(value, ensure_ascii=False))
