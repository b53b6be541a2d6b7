"""From ytmusicapi's rows to our models. Pure; a field that is missing, None or of another type counts as unknown."""

from collections.abc import Iterable
from dataclasses import replace

from mpdbridge.models import Playlist, PlaylistRef, Track
from mpdbridge.sources.ytmusic.fields import Row, best_picture, clock_time, names, number, text
from mpdbridge.urls import watch_url

SOURCE = "ytmusic"
ALBUM = "MPREb_"  # begins an album's browse id
ALBUM_LIST = "OLAK5uy_"  # begins the id of an album's playlist
LIKED = "LM"  # the id of "Liked Music"; its count is no measure: it tells of all, and shows about 5,000
UPLOADS = "MLPT"  # the id of what the user has uploaded

_TOP_SONGS = 5
# Official audio; official and anybody's music videos. (Others are no music, or have no counterpart.)
_VIDEO_TYPES = {"MUSIC_VIDEO_TYPE_ATV": False, "MUSIC_VIDEO_TYPE_OMV": True, "MUSIC_VIDEO_TYPE_UGC": True}


def library_ref(row: Row) -> PlaylistRef:
    """A row of get_library_playlists."""
    playlist_id = str(row["playlistId"])
    announced = None if playlist_id == LIKED else number(row.get("count"))
    return PlaylistRef(SOURCE, playlist_id, text(row.get("title")) or "", announced)


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
    told = None if ref.playlist_id.startswith(ALBUM_LIST) else number(answer.get("trackCount"))
    announced = None if ref.playlist_id == LIKED else told
    found = PlaylistRef(
        SOURCE,
        ref.playlist_id,
        text(answer.get("title")) or ref.name,
        ref.announced if announced is None else announced,
    )
    playlist = _sorted(found, [(row, track(row)) for row in answer["tracks"]])
    unavailable = playlist.unavailable + ("(deleted)",) * deleted
    came = len(playlist.tracks) + len(unavailable)
    lacking = broke_off and came != told  # some tell of less than they have
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
    name = text(answer.get("name")) or ref.name
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
    artists = ", ".join(names(answer.get("artists"))) or None
    rows = [
        {**row, "year": answer.get("year"), "thumbnails": row.get("thumbnails") or answer.get("thumbnails")}
        for row in answer["tracks"]
    ]
    tracks = [(row, track(row, album_artist=artists, album_id=album_id)) for row in rows]
    return _sorted(found, tracks)


def track(row: Row, *, album_artist: str | None = None, album_id: str | None = None) -> Track | None:
    """A row of a playlist, an album, or a watch list; None when nobody can play it."""
    video_id = text(row.get("videoId"))
    if video_id is None or row.get("isAvailable") is False:
        return None
    seconds = number(row.get("duration_seconds"))
    return Track(
        track_id=video_id,
        title=text(row.get("title")) or "",
        artists=names(row.get("artists")),
        album=_album_name(row.get("album")),
        album_artist=album_artist,
        track_number=number(row.get("trackNumber")),
        date=text(row.get("year")),
        duration=clock_time(row.get("length")) if seconds is None else float(seconds),
        art_url=best_picture(row.get("thumbnails") or row.get("thumbnail")),
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
    author = (text(details.get("author")) or "").removesuffix(" - Topic")  # the name of an artist's own channel
    row = {
        "videoId": details.get("videoId"),
        "title": details.get("title"),
        "artists": [{"name": author}] if author else None,
        "duration_seconds": number(details.get("lengthSeconds")),
        "thumbnails": (details.get("thumbnail") or {}).get("thumbnails"),
    }
    return track(row)


def playback_url(answer: Row) -> str | None:
    """Where a play of get_song's video is to be told, or None when it has none."""
    tracking: Row = answer.get("playbackTracking") or {}
    return text((tracking.get("videostatsPlaybackUrl") or {}).get("baseUrl"))


def why_not(answer: Row) -> str | None:
    """YouTube's own words for why get_song's video does not play, or None."""
    status: Row = answer.get("playabilityStatus") or {}
    return text(status.get("reason")) or text(status.get("status"))


def _sorted(ref: PlaylistRef, rows: Iterable[tuple[Row, Track | None]]) -> Playlist:
    tracks: list[Track] = []
    unavailable: list[str] = []
    for row, found in rows:
        if found is None:
            artists = ", ".join(names(row.get("artists")))
            title = text(row.get("title")) or "(no title)"
            unavailable.append(f"{artists} - {title}" if artists else title)
        else:
            tracks.append(found)
    return Playlist(ref, tuple(tracks), tuple(unavailable))


def _album_name(value: object) -> str | None:
    """`{"name": …, "id": …}` in playlists, the bare name in albums."""
    return text(value.get("name") if isinstance(value, dict) else value)


def _album_id(value: object) -> str | None:
    """The id that get_album takes; those of uploaded albums are of another kind."""
    found = text(value.get("id")) if isinstance(value, dict) else None
    return found if found is not None and found.startswith(ALBUM) else None


def _album_title(row: Row) -> str:
    """`Artist - Album`; all of a library's albums called "Greatest Hits" would be one otherwise, numbered."""
    return " - ".join(filter(None, (", ".join(names(row.get("artists"))), text(row.get("title")))))
