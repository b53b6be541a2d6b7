"""The file that keeps the head of one track: a line of JSON, the bytes, and a checksum over both. Pure.

A file that was cut, or that lost a bit, is told from a whole one by its checksum alone.
"""

import json
import zlib
from dataclasses import dataclass

from mpdbridge.relay.plan import StreamFacts

HEAD_BYTES = 256 * 1024
_CHECKSUM_BYTES = 4


class DamagedHeadError(ValueError):
    """These bytes are not the file of a head, or not of this one."""


@dataclass(frozen=True, slots=True)
class Head:
    """The first bytes of a track, and what is known of the file that they begin.

    Attributes:
        facts: of the whole file; its length and its etag are known.
        body: at least one byte, and at most as many as the file has.
    """

    track_id: str
    facts: StreamFacts
    body: bytes

    @property
    def length(self) -> int:
        """Bytes of the whole file."""
        return self.facts.length or 0

    @property
    def whole(self) -> bool:
        """Whether the file has no more bytes than these."""
        return len(self.body) == self.facts.length


def encode(head: Head) -> bytes:
    """The file of `head`."""
    told = {
        "track": head.track_id,
        "length": head.facts.length,
        "type": head.facts.content_type,
        "etag": head.facts.etag,
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
        case {"track": str(known), "length": int(length), "type": str(content_type), "etag": str(etag)}:
            body = data[line + 1 : len(payload)]
            if known != track_id or not 0 < len(body) <= length:
                raise DamagedHeadError("it belongs to something else")
            return Head(track_id, StreamFacts(length, content_type, etag), body)
        case _:
            raise DamagedHeadError("it does not say what it is")


def _fields(line: bytes) -> object:
    try:
        fields: object = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DamagedHeadError("its first line is no JSON") from error
    return fields
