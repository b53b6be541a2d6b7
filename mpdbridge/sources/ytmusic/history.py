"""What the user has played, as YouTube Music keeps it. Runs in the client's thread, with the login's session."""

from typing import Any
from urllib.parse import urlsplit

from mpdbridge.errors import SourceError
from mpdbridge.models import Track
from mpdbridge.sources.ytmusic import parse
from mpdbridge.urls import watch_url


def tell_played(music: Any, track_id: str) -> None:
    """Adds a play to the history. YouTube answers 204 to it even if it keeps nothing.

    Raises:
        SourceError: the track cannot be played, so that there is nothing to report to.
    """
    song = music.get_song(track_id)
    address = parse.playback_url(song)
    if address is None:
        reason = parse.why_not(song) or "there is no such video"
        raise SourceError(f"{watch_url(track_id)}: its plays are not counted: {reason}")
    parts = urlsplit(address)
    if parts.scheme != "https" or not (parts.hostname or "").endswith(".youtube.com"):  # it gets our signature
        raise SourceError(f"{watch_url(track_id)}: its plays are counted elsewhere than at YouTube")
    music.add_history_item(song).raise_for_status()  # a refusal in JSON nobody has looked at yet


def recently_played(music: Any) -> list[Track]:
    """What was played last, newest first, about 200 of them."""
    return [track for track in map(parse.track, music.get_history()) if track is not None]
