"""What a YouTube link or id stands for. Pure: a string in, a value out; nothing is asked.

A watch link that also names a list means the video: people copy such links while a list plays. Mixes (`RD…`) are made
up anew for each listener and are no playlists; searches, and channels elsewhere than at YouTube Music, are not ours
either. Those give None.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from mpdbridge.urls import YOUTUBE_ID

_ALBUM = re.compile(r"MPREb_[A-Za-z0-9_-]+")
_ARTIST = re.compile(r"(?:MPLA)?(UC[A-Za-z0-9_-]{22})")
_HANDLE = re.compile(r"@[^/?#]{2,}")
_MUSIC = "music.youtube.com"
# PL: a user's, OLAK5uy_: an album's, RDCLAK5uy_: an editor's, UU and FL: a channel's uploads and favourites.
_PLAYLIST = re.compile(r"(?:PL|OLAK5uy_|RDCLAK5uy_|UU|FL)[A-Za-z0-9_-]{8,}|LM|SE|LL")
_HOSTS = {"youtube.com", "www.youtube.com", "m.youtube.com", _MUSIC, "www.youtube-nocookie.com"}
_VIDEO_FOLDERS = {"shorts", "live", "embed", "v", "watch"}


@dataclass(frozen=True, slots=True)
class VideoLink:
    """One song or video, by its 11-character id."""

    video_id: str


@dataclass(frozen=True, slots=True)
class PlaylistLink:
    """A playlist, by its id without `VL`."""

    playlist_id: str


@dataclass(frozen=True, slots=True)
class AlbumLink:
    """An album, by its browse id (`MPREb_…`)."""

    browse_id: str


@dataclass(frozen=True, slots=True)
class ArtistLink:
    """An artist at YouTube Music, by the id of his channel (`UC…`); stands for all his songs."""

    channel_id: str


@dataclass(frozen=True, slots=True)
class HandleLink:
    """An artist at YouTube Music by a name (`@…`) that YouTube has to be asked about."""

    handle: str


YouTubeLink = VideoLink | PlaylistLink | AlbumLink | ArtistLink | HandleLink


def parse_link(text: str) -> YouTubeLink | None:
    """What `text`, a link or a bare id, stands for at YouTube; None when it is neither."""
    text = text.strip()
    if not re.fullmatch(r"[!-~]+", text):
        return None
    if "/" not in text and "." not in text:
        return _of_id(text)
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = parts.hostname
    except ValueError:  # brackets that are no IPv6 address
        return None
    if parts.scheme not in ("http", "https"):
        return None
    folders = [part for part in parts.path.split("/") if part]
    if host == "youtu.be":
        return _video(folders[0]) if folders else None
    return _of_path(folders, parse_qs(parts.query), music=host == _MUSIC) if host in _HOSTS else None


def list_beside(text: str) -> PlaylistLink | AlbumLink | None:
    """The list that a link to a video also names, for where nothing but a list can be meant."""
    return _browse(parse_qs(urlsplit(text).query).get("list", [""])[0])


def _of_id(text: str) -> YouTubeLink | None:
    return _video(text) or _browse(text) or _artist(text) or _handle(text)


def _of_path(folders: list[str], query: dict[str, list[str]], *, music: bool) -> YouTubeLink | None:
    listed = _browse(query.get("list", [""])[0])
    match folders:
        case ["watch"]:
            return _video(query.get("v", [""])[0]) or listed
        case ["playlist"] | ["embed", "videoseries"]:
            return listed
        case ["browse", browse_id, *_]:
            return _browse(browse_id) or (_artist(browse_id) if music else None)
        case ["channel", name] | [name] if music:
            return _artist(name) or _handle(unquote(name))
        case [folder, video_id, *_] if folder in _VIDEO_FOLDERS:
            return _video(video_id)
    return None


def _video(text: str) -> VideoLink | None:
    return VideoLink(text) if YOUTUBE_ID.fullmatch(text) else None


def _artist(text: str) -> ArtistLink | None:
    found = _ARTIST.fullmatch(text)
    return ArtistLink(found[1]) if found else None


def _handle(text: str) -> HandleLink | None:
    return HandleLink(text) if _HANDLE.fullmatch(text) else None


def _browse(text: str) -> PlaylistLink | AlbumLink | None:
    if _ALBUM.fullmatch(text):
        return AlbumLink(text)
    playlist_id = text.removeprefix("VL")
    return PlaylistLink(playlist_id) if _PLAYLIST.fullmatch(playlist_id) else None
