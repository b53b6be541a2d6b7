"""How a Track and a Stream stand in a row of `tracks`. Pure."""

import json
import sqlite3

from mpdbridge.models import Stream, Track

TRACK_COLUMNS = (
    "video_id",
    "title",
    "artist",
    "artists",
    "album",
    "album_artist",
    "track_number",
    "date",
    "duration",
    "art_url",
    "source",
    "source_url",
    "album_id",
)
TRACK_LIST = ", ".join(f"tracks.{name}" for name in TRACK_COLUMNS)
STREAM_COLUMNS = (
    "stream_url",
    "updated_at",
    "expires_at",
    "available_at",
    "content_type",
    "content_length",
    "stream_duration",
    "format_id",
    "headers",
)
Value = str | float | None


def storable(text: str | None) -> str | None:
    """`text` without lone surrogates, which JSON can carry and UTF-8, so SQLite, cannot."""
    return text if text is None or text.isascii() else text.encode("utf-8", "replace").decode()


def track_values(track: Track) -> tuple[Value, ...]:
    """The values of TRACK_COLUMNS for `track`."""
    artists = tuple(name for name in track.artists if name)
    return (
        track.track_id,
        storable(track.title),
        storable(", ".join(artists)) or None,
        storable(json.dumps(artists, ensure_ascii=False)) if len(artists) > 1 else None,
        storable(track.album),
        storable(track.album_artist),
        track.track_number,
        storable(track.date),
        track.duration,
        storable(track.art_url),
        track.source,
        storable(track.source_url),
        storable(track.album_id),
    )


def track_of(row: sqlite3.Row) -> Track:
    """The Track in `row`; a row of only the five original columns is one too."""
    artist, several = row["artist"], row["artists"]
    artists = () if artist is None else (artist,)
    # Unless somebody who knows only the five columns has changed `artist`.
    if several and ", ".join(listed := json.loads(several)) == artist:
        artists = tuple(listed)
    return Track(
        track_id=row["video_id"],
        title=row["title"] or "",
        artists=artists,
        album=row["album"],
        album_artist=row["album_artist"],
        track_number=row["track_number"],
        date=row["date"],
        duration=row["duration"],
        art_url=row["art_url"],
        source=row["source"],
        source_url=row["source_url"],
        album_id=row["album_id"],
    )


def stream_values(stream: Stream) -> tuple[Value, ...]:
    """The values of STREAM_COLUMNS for `stream`."""
    return (
        stream.url,
        stream.resolved_at,
        stream.expires_at,
        stream.available_at,
        stream.content_type,
        stream.content_length,
        stream.duration,
        stream.format_id,
        json.dumps(dict(stream.headers)) if stream.headers else None,
    )


def stream_of(row: sqlite3.Row) -> Stream | None:
    """The Stream in `row`, or None when the track was never resolved."""
    if not row["stream_url"]:
        return None
    return Stream(
        url=row["stream_url"],
        resolved_at=row["updated_at"],
        expires_at=row["expires_at"],
        available_at=row["available_at"],
        content_type=row["content_type"],
        content_length=row["content_length"],
        duration=row["stream_duration"],
        format_id=row["format_id"],
        headers=json.loads(row["headers"] or "{}"),
    )
