"""What passes between the bridge and its worker process: one JSON object per line.

To the worker: first its options, then jobs `{"job": 7, "do": "extract" | "list" | "about", "url": …}`.
From it: `{"ready": "<yt-dlp's version>"}` once, `{"log": …}` at any time, and for each job one
`{"job": 7, "value": …}`, `{"job": 7, "failure": …}` (yt-dlp's, see `failures`) or `{"job": 7, "refusal": …}` (ours).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from mpdbridge.models import Stream, Track
from mpdbridge.resolver.failures import Failure
from mpdbridge.resolver.metadata import Extracted, Listing
from mpdbridge.resolver.toolchain import Toolchain

Message = Mapping[str, Any]


def line(message: Message) -> bytes:
    """`message` as one line; ASCII, so that even half an emoji passes."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def message(text: bytes) -> dict[str, Any]:
    """The message in one line.

    Raises:
        ValueError: it is none.
    """
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError("not a message")  # noqa: TRY004  # of one kind with json's own error
    return value


def value_of(result: Extracted | Listing | Toolchain) -> dict[str, Any]:
    """`result` in JSON's types."""
    return asdict(result)


def to_extracted(value: Message) -> Extracted:
    """The opposite of `value_of`."""
    return Extracted(stream=Stream(**value["stream"]), track=_track(value["track"]))


def to_listing(value: Message) -> Listing:
    """The opposite of `value_of`."""
    return Listing(
        title=value["title"],
        playlist_id=value["playlist_id"],
        entries=tuple(_track(entry) for entry in value["entries"]),
        unavailable=tuple(value["unavailable"]),
    )


def to_failure(value: Message) -> Failure:
    """The failure that the worker tells of."""
    return Failure(kind=str(value["kind"]), message=str(value["message"]), status=value.get("status"))


def _track(value: Message) -> Track:
    return Track(**{**value, "artists": tuple(value["artists"])})
