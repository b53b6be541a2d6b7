"""From ytmusicapi's rows to our models. Pure; a field that is missing, None or of another type counts as unknown."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from mpdbridge.models import Playlist, PlaylistRef, ResultKind, SearchResult, Track
from mpdbridge.sources.youtube_links import parse_link

SOURCE = "ytmusic"
MUSIC = "https://music.youtube.com"
LIKED = "LM"  # the id of "Liked Music"; its count is no measure: it tells of all, and shows about 5,000
UPLOADS = "MLPT"  # the id of what the user has uploaded

Row = Mapping[str, Any]

# Google's picture server cuts any size from the same picture: `…=w60-h60-l90-rj` and `…=w544-h544-l90-rj`.
_SIZED = re.compile(r"(?<=googleusercontent\.com/)(.+)=w\d+-h\d+")
_ART_SIZE = r"\1=w544-h544"
_TOP_SONGS = 5
# Official audio; official and anybody's music videos. (Others are no music, or have no counterpart.)
_VIDEO_TYPES = {"MUSIC_VIDEO_TYPE_ATV": False, "MUSIC_VIDEO_TYPE_OMV": True, "MUSIC_VIDEO_TYPE_UGC": True}


def library_ref(row: Row) -> PlaylistRef:
    """A row of get_library_playlists."""
    playlist_id = str(row["playlistId"])
    announced = None if playlist_id == LIKED else _number(row.get("count"))
    return PlaylistRef(SOURCE, playlist_id, _text(row.get("title")) or "", announced)


def album_ref(row: Row) -> PlaylistRef:
    """A row of get_library_albums."""
    return PlaylistRef(SOURCE, str(row["browseId"]), _album_title(row))


def playlist(answer: Row, ref: PlaylistRef, *, deleted: int = 0, broke_off: bool = False) -> Playlist:
    """An answer of get_playlist; `ref` tells what the answer itself does not.

    Args:
        answer: of ytmusicapi.
        ref: what was asked for.
        deleted: rows of deleted uploads, which ytmusicapi leaves out and the announced number counts.
        broke_off: the last page promised another one, which did not come.
    """
    # The list behind an album, or an artist's songs, has no head; ytmusicapi counts what came instead.
    told = None if ref.playlist_id.startswith("OLAK5uy_") else _number(answer.get("trackCount"))
    announced = None if ref.playlist_id == LIKED else told
    found = PlaylistRef(
        SOURCE,
        ref.playlist_id,
        _text(answer.get("title")) or ref.name,
        ref.announced if announced is None else announced,
    )
    playlist = _sorted(found, [(row, track(row)) for row in answer["tracks"]])
    unavailable = playlist.unavailable + ("(deleted)",) * deleted
    came = len(playlist.tracks) + len(unavailable)
    lacking = broke_off and (told is None or came < told)
    return replace(
        playlist, unavailable=unavailable, lacking=f"its pages broke off after {came} tracks" if lacking else ""
    )


def uploads(rows: Iterable[Row], ref: PlaylistRef, *, broke_off: bool = False) -> Playlist:
    """An answer of get_library_upload_songs."""
    playlist = _sorted(ref, [(row, track(row)) for row in rows])
    lacking = f"its pages broke off after {len(playlist.tracks)} tracks" if broke_off else ""
    return replace(playlist, lacking=lacking)


def artist(answer: Row, songs: Row | None, ref: PlaylistRef, *, deleted: int = 0, broke_off: bool = False) -> Playlist:
    """An answer of get_artist, and of get_playlist for the list of all his songs, if he has one.

    Without it there are the top songs; an artist's page shows five of them.
    """
    name = _text(answer.get("name")) or ref.name
    top = {"tracks": answer["songs"].get("results") or []} if songs is None else songs
    found = playlist({"tracks": top["tracks"]}, replace(ref, announced=None), deleted=deleted, broke_off=broke_off)
    lacking = found.lacking
    if songs is None and len(top["tracks"]) >= _TOP_SONGS:
        lacking = "YouTube Music shows only the artist's top songs at present"
    return replace(found, ref=PlaylistRef(SOURCE, ref.playlist_id, name), lacking=lacking)


def album(answer: Row, ref: PlaylistRef, album_id: str | None = None) -> Playlist:
    """An answer of get_album: its rows lack what the head says once for all of them.

    Its number of tracks is left out: an album comes in one piece, and some count tracks that nobody is shown.
    """
    found = PlaylistRef(SOURCE, ref.playlist_id, ref.name or _album_title(answer))
    artists = ", ".join(_names(answer.get("artists"))) or None
    rows = [
        {**row, "year": answer.get("year"), "thumbnails": row.get("thumbnails") or answer.get("thumbnails")}
        for row in answer["tracks"]
    ]
    tracks = [(row, track(row, album_artist=artists, album_id=album_id)) for row in rows]
    return _sorted(found, tracks)


def track(row: Row, *, album_artist: str | None = None, album_id: str | None = None) -> Track | None:
    """A row of a playlist, an album, or a watch list; None when nobody can play it."""
    video_id = _text(row.get("videoId"))
    if video_id is None or row.get("isAvailable") is False:
        return None
    seconds = _number(row.get("duration_seconds"))
    return Track(
        track_id=video_id,
        title=_text(row.get("title")) or "",
        artists=_names(row.get("artists")),
        album=_album_name(row.get("album")),
        album_artist=album_artist,
        track_number=_number(row.get("trackNumber")),
        date=_text(row.get("year")),
        duration=_clock_time(row.get("length")) if seconds is None else float(seconds),
        art_url=_best_picture(row.get("thumbnails") or row.get("thumbnail")),
        source=SOURCE,
        source_url=watch_url(video_id),
        album_id=album_id or _album_id(row.get("album")),
        video=_VIDEO_TYPES.get(str(row.get("videoType"))),
    )


def counterpart(rows: Iterable[Row], video_id: str) -> Track | None:
    """The other version (audio or video) of this id, as a watch list that begins with one of them tells; or None."""
    for row in rows:
        other = row.get("counterpart")
        ids = (row.get("videoId"), other and other.get("videoId"))
        if other and video_id in ids:
            return track(other if ids[0] == video_id else row)
    return None


def watched(rows: Iterable[Row], video_id: str) -> Track | None:
    """The track of this id in a watch list: a row, or the other version (audio or video) that a row names.

    None when the list begins with something else, as it does for a video that cannot be played.
    """
    for row in rows:
        for version in (row, row.get("counterpart")):
            if version and version.get("videoId") == video_id:
                return track(version)
    return None


def song(answer: Row) -> Track | None:
    """The track that get_song tells of (`videoDetails`), or None when it tells of none."""
    details: Row = answer.get("videoDetails") or {}
    author = (_text(details.get("author")) or "").removesuffix(" - Topic")  # the name of an artist's own channel
    row = {
        "videoId": details.get("videoId"),
        "title": details.get("title"),
        "artists": [{"name": author}] if author else None,
        "duration_seconds": _number(details.get("lengthSeconds")),
        "thumbnails": (details.get("thumbnail") or {}).get("thumbnails"),
    }
    return track(row)


def why_not(answer: Row) -> str | None:
    """YouTube's own words for why get_song's video does not play, or None."""
    status: Row = answer.get("playabilityStatus") or {}
    return _text(status.get("reason")) or _text(status.get("status"))


def search_result(row: Row) -> SearchResult | None:
    """One row of YTMusic.search; None for what is not offered (podcasts, profiles) or cannot be had."""
    match row.get("resultType"):
        case "song" | "video" as kind:
            return _song_result(row, kind)
        case "album":
            return _album_result(row)
        case "artist":
            return _artist_result(row)
        case "playlist":
            return _playlist_result(row)
    return None


def _song_result(row: Row, kind: ResultKind) -> SearchResult | None:
    found = track(row)
    if found is None or not found.title:
        return None
    return SearchResult(kind, watch_url(found.track_id), found.title, found.artist, found.album or "", found)


def _album_result(row: Row) -> SearchResult | None:
    browse_id = _text(row.get("browseId"))
    artists = ", ".join(_names(row.get("artists"))) or None
    about = ", ".join(filter(None, (_text(row.get("type")), _text(row.get("year")))))
    return _listed("album", f"{MUSIC}/browse/{browse_id}", row.get("title"), artists, about)


def _artist_result(row: Row) -> SearchResult | None:
    # The best result of all names him as a song does: {"artists": [{"name": …, "id": …}]}.
    best: Row = next(iter(row.get("artists") or ()), {})
    name, channel = row.get("artist") or best.get("name"), row.get("browseId") or best.get("id")
    fans = _text(row.get("subscribers"))
    return _listed("artist", f"{MUSIC}/channel/{channel}", name, None, f"{fans} subscribers" if fans else "")


def _playlist_result(row: Row) -> SearchResult | None:
    playlist_id = (_text(row.get("browseId")) or _text(row.get("playlistId")) or "").removeprefix("VL")
    author = row.get("author")
    made_by = _text(author) or ", ".join(_names(author)) or None
    count = row.get("itemCount")
    about = f"{count} songs" if count else ""
    return _listed("playlist", f"{MUSIC}/playlist?list={playlist_id}", row.get("title"), made_by, about)


def _listed(kind: ResultKind, link: str, title: object, artist: str | None, about: str) -> SearchResult | None:
    """A result that stands for several tracks, if its link is one that can be looked up."""
    name = _text(title)
    return SearchResult(kind, link, name, artist, about) if name and parse_link(link) else None


def watch_url(video_id: str) -> str:
    return f"{MUSIC}/watch?v={video_id}"


def _sorted(ref: PlaylistRef, rows: Iterable[tuple[Row, Track | None]]) -> Playlist:
    tracks: list[Track] = []
    unavailable: list[str] = []
    for row, found in rows:
        if found is None:
            artists = ", ".join(_names(row.get("artists")))
            title = _text(row.get("title")) or "(no title)"
            unavailable.append(f"{artists} - {title}" if artists else title)
        else:
            tracks.append(found)
    return Playlist(ref, tuple(tracks), tuple(unavailable))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _number(value: object) -> int | None:
    """Counts come as numbers, or as `1,234` and `1.234`."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    digits = re.sub(r"[\s.,'\u202f]", "", str(value))
    return int(digits) if digits.isdecimal() else None


def _clock_time(value: object) -> float | None:
    """Seconds of `3:34` or `1:02:03`."""
    if not isinstance(value, str) or not re.fullmatch(r"\d+(:\d\d){1,2}", value):
        return None
    seconds = 0
    for part in value.split(":"):
        seconds = 60 * seconds + int(part)
    return float(seconds)


def _names(artists: object) -> tuple[str, ...]:
    """All artists' names, verbatim; rows of some kinds have None instead of a list."""
    found = artists if isinstance(artists, list) else []
    return tuple(name for name in (_text(artist.get("name")) for artist in found) if name is not None)


def _album_name(value: object) -> str | None:
    """`{"name": …, "id": …}` in playlists, the bare name in albums."""
    return _text(value.get("name") if isinstance(value, dict) else value)


def _album_id(value: object) -> str | None:
    """The id that get_album takes; those of uploaded albums are of another kind."""
    found = _text(value.get("id")) if isinstance(value, dict) else None
    return found if found is not None and found.startswith("MPREb_") else None


def _album_title(row: Row) -> str:
    """`Artist - Album`; all of a library's albums called "Greatest Hits" would be one otherwise, numbered."""
    return " - ".join(filter(None, (", ".join(_names(row.get("artists"))), _text(row.get("title")))))


def _best_picture(pictures: object) -> str | None:
    found = [p for p in pictures if _text(p.get("url"))] if isinstance(pictures, list) else []
    if not found:
        return None
    best = max(found, key=lambda picture: (picture.get("width") or 0) * (picture.get("height") or 0))
    return _SIZED.sub(_ART_SIZE, best["url"])
