"""Whether two answers of upstream are parts of one file. Pure; what cannot be told apart is not spliced."""

from dataclasses import dataclass, replace

from mpdbridge.models import Stream
from mpdbridge.relay.plan import StreamFacts
from mpdbridge.relay.reply import Told

_UNKNOWN = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of the file behind an answer; None is "not told".

    Attributes:
        url: where it came from.
        format_id: yt-dlp's name of the encoding.
        length: bytes of the whole file.
        content_type: without parameters.
    """

    url: str
    format_id: str | None
    length: int | None
    content_type: str | None

    def same_as(self, other: "Origin") -> bool:
        """Whether bytes of the one may follow bytes of the other."""
        pairs = (
            (self.format_id, other.format_id),
            (self.length, other.length),
            (self.content_type, other.content_type),
        )
        if any(one != another for one, another in pairs if None not in (one, another)):
            return False
        # Where no lengths can be compared, only a name vouches for the file.
        vouching = pairs[:2]
        return self.url == other.url or any(one == another is not None for one, another in vouching)

    def followed_by(self, other: "Origin") -> "Origin":
        """Of the same file, with what only `other` told; `other` is where it is now."""
        return replace(
            other,
            format_id=other.format_id or self.format_id,
            length=self.length if other.length is None else other.length,
            content_type=other.content_type or self.content_type,
        )

    def facts(self, track_id: str) -> StreamFacts:
        """What a client is told of it."""
        etag = None if self.length is None else f'"{track_id}.{self.format_id or "0"}.{self.length}"'
        return StreamFacts(self.length, self.content_type or _UNKNOWN, etag)


def origin_of(stream: Stream, told: Told) -> Origin:
    """What an answer to a request for `stream` tells."""
    content_type = told.content_type or ""
    # A server that calls sound "video/mp4" or "text/plain" knows less than yt-dlp, which looked at its page.
    best = content_type if content_type.startswith("audio/") else stream.content_type or content_type
    return Origin(stream.url, stream.format_id, told.length, None if told.over else best or None)
