"""The file that keeps the head of one track: a line of JSON, the bytes, and a checksum over both. Pure.

A file that was cut, or that lost a bit, is told from a whole one by its checksum alone.
"""

import json
import zlib
from dataclasses import dataclass

from mpdbridge.models import Stream
from mpdbridge.relay.origin import Origin
from mpdbridge.relay.plan import StreamFacts

HEAD_BYTES = 256 * 1024
_CHECKSUM_BYTES = 4


class DamagedHeadError(ValueError):
    """These bytes are not the file of a head, or not of this one."""


@dataclass(frozen=True, slots=True)
class Head:
    """The first bytes of a track, and what is known of the file that they begin.

    Attributes:
        origin: the whole file, its length included. The url is left out: it is a secret, and soon of no use.
        body: at least one byte, and at most as many as the file has.
    """

    track_id: str
    origin: Origin
    body: bytes

    @property
    def facts(self) -> StreamFacts:
        """What a client is told of the whole file."""
        return self.origin.facts(self.track_id)

    @property
    def length(self) -> int:
        """Bytes of the whole file."""
        return self.origin.length or 0

    def begins(self, stream: Stream) -> bool:
        """Whether `stream`, by what was told of it before it is fetched, leads to the file that this is the head of."""
        return Origin(stream.url, stream.format_id, stream.content_length, None).same_as(self.origin)


def encode(head: Head) -> bytes:
    """The file of `head`."""
    told = {
        "track": head.track_id,
        "format": head.origin.format_id,
        "length": head.origin.length,
        "type": head.origin.content_type,
    }
    payload = b"".join((json.dumps(told).encode(), b"\n", head.body))
    return payload + zlib.crc32(payload).to_bytes(_CHECKSUM_BYTES)


def decode(data: bytes, track_id: str) -> Head:
    """The head of `track_id` in its file `data`.

    Raises:
        DamagedHeadError: it is damaged, of another track (some file systems take Ab for aB), or of another format.
    """
    payload = memoryview(data)[:-_CHECKSUM_BYTES]
    if zlib.crc32(payload).to_bytes(_CHECKSUM_BYTES) != data[-_CHECKSUM_BYTES:]:
        raise DamagedHeadError("the checksum is wrong")
    line = data.find(b"\n", 0, len(payload))
    told = _fields(data[: max(line, 0)])
    match told:
        case {
            "track": str(known),
            "format": str() | None as format_id,
            "length": int(length),
            "type": str() | None as content_type,
        }:
            body = data[line + 1 : len(payload)]
            if known != track_id or not 0 < len(body) <= length:
                raise DamagedHeadError("it belongs to something else")
            return Head(track_id, Origin("", format_id, length, content_type), body)
        case _:
            raise DamagedHeadError("it does not say what it is")


def _fields(line: bytes) -> object:
    try:
        fields: object = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DamagedHeadError("its first line is no JSON") from error
    return fields
