"""What is like a track, and how the user likes it. Runs in the client's thread."""

from typing import Any

from mpdbridge.errors import SourceError
from mpdbridge.models import Rating, Track
from mpdbridge.sources.ytmusic import parse
from mpdbridge.urls import watch_url

# ytmusicapi's LikeStatus.
_STATUS: dict[Rating, str] = {"like": "LIKE", "dislike": "DISLIKE", "unlike": "INDIFFERENT"}


def related(music: Any, track_id: str, limit: int) -> list[Track]:
    """The tracks of get_watch_playlist(radio=True), each once, without the one that it was asked for.

    Raises:
        SourceError: there is no radio of it, as for a video that is no music.
    """
    from ytmusicapi.exceptions import YTMusicServerError

    try:
        rows = music.get_watch_playlist(track_id, radio=True, limit=limit + 1)["tracks"]
    except YTMusicServerError as error:
        if "No content" in str(error):
            raise SourceError(f"YouTube Music has no radio of {watch_url(track_id)}") from error
        raise
    others = (
        row for row in rows if track_id not in (row.get("videoId"), (row.get("counterpart") or {}).get("videoId"))
    )
    tracks = {track.track_id: track for track in map(parse.track, others) if track is not None}
    return list(tracks.values())[:limit]


def rate(music: Any, track_id: str, rating: Rating) -> None:
    """Sets the rating; to set it again changes nothing."""
    music.rate_song(track_id, _STATUS[rating])
