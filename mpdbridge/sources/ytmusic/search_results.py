"""From the rows of YTMusic.search to what is offered. Pure; a field that is missing counts as unknown."""

from mpdbridge.models import ResultKind, SearchResult
from mpdbridge.sources.youtube_links import parse_link
from mpdbridge.sources.ytmusic.fields import Row, names, text
from mpdbridge.sources.ytmusic.parse import track
from mpdbridge.urls import MUSIC, watch_url


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
    browse_id = text(row.get("browseId"))
    artists = ", ".join(names(row.get("artists"))) or None
    about = ", ".join(filter(None, (text(row.get("type")), text(row.get("year")))))
    return _listed("album", f"{MUSIC}/browse/{browse_id}", row.get("title"), artists, about)


def _artist_result(row: Row) -> SearchResult | None:
    # The best result of all names him as a song does: {"artists": [{"name": …, "id": …}]}.
    best: Row = next(iter(row.get("artists") or ()), {})
    name, channel = row.get("artist") or best.get("name"), row.get("browseId") or best.get("id")
    fans = text(row.get("subscribers"))
    return _listed("artist", f"{MUSIC}/channel/{channel}", name, None, f"{fans} subscribers" if fans else "")


def _playlist_result(row: Row) -> SearchResult | None:
    playlist_id = (text(row.get("browseId")) or text(row.get("playlistId")) or "").removeprefix("VL")
    author = row.get("author")
    made_by = text(author) or ", ".join(names(author)) or None
    count = row.get("itemCount")
    about = f"{count} songs" if count else ""
    return _listed("playlist", f"{MUSIC}/playlist?list={playlist_id}", row.get("title"), made_by, about)


def _listed(kind: ResultKind, link: str, title: object, artist: str | None, about: str) -> SearchResult | None:
    """A result that stands for several tracks, if its link is one that can be looked up."""
    name = text(title)
    return SearchResult(kind, link, name, artist, about) if name and parse_link(link) else None
