"""What is asked of ytmusicapi for each kind of playlist and track. All of it runs in the client's thread."""

from collections.abc import Callable
from typing import Any

from mpdbridge.errors import SourceError
from mpdbridge.models import Playlist, PlaylistRef, Track
from mpdbridge.sources.ytmusic import pages, parse
from mpdbridge.sources.ytmusic.client import SHAPE_ERRORS
from mpdbridge.sources.ytmusic.fields import Row
from mpdbridge.urls import watch_url

CHANNEL = "UC"  # begins a channel's id


def playlist(ref: PlaylistRef) -> Callable[[Any], Playlist]:
    """The call that fetches `ref`: a playlist, an album, an artist's songs, or the uploads."""

    def ask(music: Any) -> Playlist:
        playlist_id = ref.playlist_id
        if playlist_id == parse.UPLOADS:
            return _uploads(music, ref)
        if playlist_id.startswith(CHANNEL):
            return _artist(music, ref)
        browse_id: str | None = playlist_id if playlist_id.startswith(parse.ALBUM) else None
        if playlist_id.startswith(parse.ALBUM_LIST):  # an album as a playlist: the album itself tells more
            browse_id = music.get_album_browse_id(playlist_id)
        if browse_id:
            return parse.album(music.get_album(browse_id), ref, browse_id)
        answer, deleted, broke_off = _paged(music, playlist_id)
        return parse.playlist(answer, ref, deleted=deleted, broke_off=broke_off)

    return ask


def channel(handle: str) -> Callable[[Any], str]:
    """The call that tells the id of the channel that has this handle (`@…`)."""

    def ask(music: Any) -> str:
        found = pages.resolve_url(music, f"https://www.youtube.com/{handle}")
        if found is None or not found.startswith(CHANNEL):
            raise SourceError(
                f"YouTube Music knows no artist {handle!r}: open the artist there, and take the link of that page"
            )
        return found

    return ask


def video(video_id: str) -> Callable[[Any], Track]:
    """The call that tells one track's facts: of the watch list, which knows artists and album, else of the player."""

    def ask(music: Any) -> Track:
        from ytmusicapi.exceptions import YTMusicError

        try:
            found = parse.watched(_watch_list(music, video_id), video_id)
        except (YTMusicError, *SHAPE_ERRORS):
            found = None  # whatever is wrong with it, the player knows the reason
        if found is not None:
            return found
        answer = music.get_song(video_id)
        track = parse.song(answer)
        if track is None:
            raise SourceError(f"{watch_url(video_id)}: {parse.why_not(answer) or 'there is no such video'}")
        return track

    return ask


def counterpart(video_id: str) -> Callable[[Any], Track | None]:
    """The call that tells the other version of a track, audio or video, or None when it has none."""
    return lambda music: parse.counterpart(_watch_list(music, video_id), video_id)


def _watch_list(music: Any, video_id: str) -> list[Row]:
    from ytmusicapi.exceptions import YTMusicServerError

    try:
        tracks: list[Row] = music.get_watch_playlist(video_id, limit=1)["tracks"]
    except YTMusicServerError as error:
        if "No content" not in str(error):
            raise
        return []  # a video that is no music has none
    return tracks


def _paged(music: Any, playlist_id: str) -> tuple[Row, int, bool]:
    """An answer of get_playlist, how many deleted rows it had, and whether its pages broke off."""
    with pages.watched(music) as seen:
        answer = music.get_playlist(playlist_id, limit=None)
    return answer, max(0, seen.rows - len(answer["tracks"])), seen.broke_off


def _uploads(music: Any, ref: PlaylistRef) -> Playlist:
    with pages.watched(music) as seen:
        rows = music.get_library_upload_songs(limit=None)
    return parse.uploads(rows, ref, broke_off=seen.broke_off)


def _artist(music: Any, ref: PlaylistRef) -> Playlist:
    """The songs of an artist, as YouTube Music lists them behind his name, the most played first."""
    with pages.watched(music) as seen:
        try:
            answer = music.get_artist(ref.playlist_id)
        except SHAPE_ERRORS as error:
            if pages.is_artist(seen.first):
                raise
            raise SourceError(f"channel {ref.playlist_id}: is no artist at YouTube Music") from error
    songs_id = answer["songs"].get("browseId")
    if songs_id is not None:
        songs, deleted, broke_off = _paged(music, songs_id)
        return parse.artist(answer, songs, ref, deleted=deleted, broke_off=broke_off)
    found = parse.artist(answer, None, ref)
    if not found.tracks:
        raise SourceError(f"YouTube Music shows no songs of {found.ref.name or ref.playlist_id} at present")
    return found
