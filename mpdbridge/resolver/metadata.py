"""From yt-dlp's info dictionaries to our values. Pure, and the only place that knows their keys.

The keys are those documented in yt-dlp's `extractor/common.py` (class InfoExtractor).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from mpdbridge.errors import YouTubeStreamError
from mpdbridge.models import Stream, Track
from mpdbridge.resolver.failures import shown
from mpdbridge.urls import YOUTUBE_ID, expiry_of, stable_track_id

Info = Mapping[str, Any]

# Containers as yt-dlp's `ext` names them. An mp4 or webm with a picture track is played for its sound all the same.
CONTENT_TYPES = {
    "aac": "audio/aac",
    "aiff": "audio/aiff",
    "flac": "audio/flac",
    "m4a": "audio/mp4",
    "m4b": "audio/mp4",
    "mka": "audio/x-matroska",
    "mp3": "audio/mpeg",
    "mp4": "audio/mp4",
    "oga": "audio/ogg",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "wav": "audio/wav",
    "weba": "audio/webm",
    "webm": "audio/webm",
}
UNSUITED = "unsuited"
"""A key of our own in yt-dlp's dictionary: the format stands in for one that suits, of which there is none."""
_WITHOUT_IDS = ("generic", "html5")  # their ids are mere file names, the same on many sites
_LISTS = re.compile("(Playlist|Tab|Album|Set|Channel|User|Collection)$")  # names of extractors that give lists
_GONE = re.compile(r"\[(Private|Deleted|Unavailable) video\]")


@dataclass(frozen=True, slots=True)
class Extracted:
    """One playable thing: where its audio is, and what its page tells of it."""

    stream: Stream
    track: Track


@dataclass(frozen=True, slots=True)
class Listing:
    """What stands behind a link, in order.

    Attributes:
        playlist_id: the site's id of the list, or None when the link was a single piece.
        unavailable: what is listed but cannot be played, as `Artist - Title (reason)`.
    """

    title: str
    playlist_id: str | None
    entries: tuple[Track, ...]
    unavailable: tuple[str, ...] = ()


def extracted(info: Info, *, now: float, cookie: str | None = None) -> Extracted:
    """The stream that yt-dlp chose at `now` (epoch seconds), and the track it belongs to.

    Raises:
        YouTubeStreamError: there is no stream that can be fetched as one file over HTTP.
    """
    if reason := _unplayable(info):
        raise YouTubeStreamError(f"{shown(_page(info))}: {reason}", permanent=True)
    url = str(info.get("url") or "")
    if info.get(UNSUITED) or not _is_direct(info) or urlsplit(url).scheme not in ("http", "https"):
        # Not for good: another setting, or a newer yt-dlp, which sees more of the formats there are, may help.
        raise YouTubeStreamError(f"{shown(_page(info))}: no format there is one that resolver.format asks for")
    headers = {str(key): str(value) for key, value in (info.get("http_headers") or {}).items()}
    stream = Stream(
        url=url,
        resolved_at=now,
        expires_at=expiry_of(url),
        content_type=_content_type(info, url),
        content_length=_whole(info.get("filesize")) or _whole(_query(url, "clen")),
        duration=_seconds(_query(url, "dur")) or _seconds(info.get("duration")),
        format_id=info.get("format_id"),
        headers={**headers, "Cookie": cookie} if cookie else headers,
        available_at=_seconds(info.get("available_at")),
    )
    return Extracted(stream, track_of(info))


def listing(info: Info) -> Listing:
    """A playlist's entries, or the one piece that `info` describes, as a list of one."""
    if info.get("_type") not in ("playlist", "multi_video"):
        return _single(info)
    page = _page(info)
    tracks: list[Track] = []
    unavailable: list[str] = []
    for entry in info.get("entries") or ():
        reason = _unlisted(entry)
        if reason:
            unavailable.append(f"{track_of(entry).label} ({reason})")
        elif entry:
            tracks.append(track_of(entry, page=page))
    title = str(info.get("title") or _file_name(page) or page)
    return Listing(title, str(info.get("id") or page), tuple(tracks), tuple(unavailable))


def track_of(info: Info, *, page: str | None = None) -> Track:
    """The track that `info` (of an extraction or a list's entry) describes.

    A YouTube video keeps its id; any other track gets one that is stable for its site's id, or else for its address.
    `page` is the list's own address: an entry that has no other is found by the address of its file.
    """
    address = _page(info)
    if address == page and info.get("url"):
        address = str(info["url"])
    extractor = str(info.get("ie_key") or info.get("extractor_key") or info.get("extractor") or "generic").lower()
    extractor = "html5" if extractor.startswith("html5") else extractor
    if extractor == "generic" and page is None and info.get("original_url"):
        # A file: what its link redirects to today may be signed for an hour, and another one tomorrow.
        address = str(info["original_url"])
    name = str(info.get("id") or "")
    if extractor == "youtube" and YOUTUBE_ID.fullmatch(name):
        track_id = name
    elif name and extractor not in _WITHOUT_IDS:
        track_id = stable_track_id(f"{extractor}:{name}")
    else:
        track_id = stable_track_id(address.partition("#__youtubedl_smuggle")[0])
    album_artists = _names(info.get("album_artists")) or _names(info.get("album_artist"))
    return Track(
        track_id=track_id,
        title=str(info.get("track") or info.get("title") or _file_name(address) or track_id),
        artists=_artists(info),
        album=_text(info.get("album")),
        album_artist=", ".join(album_artists) or None,
        track_number=_whole(info.get("track_number")),
        date=_date(info),
        duration=_seconds(info.get("duration")),
        art_url=_picture(info),
        source="web",
        source_url=address or None,
    )


def _single(info: Info) -> Listing:
    track = track_of(info)
    if str(info.get("extractor")) == "html5":  # yt-dlp numbers the media of a page, even a page's only one
        track = replace(track, title=track.title.removesuffix(" (1)"))
    reason = _unplayable(info)
    if reason:
        return Listing(track.title, None, (), (f"{track.label} ({reason})",))
    return Listing(track.title, None, (track,))


def _unplayable(info: Info) -> str | None:
    """Why nothing of this can be relayed: it has no end, or comes in segments only."""
    if info.get("is_live") or info.get("live_status") in ("is_live", "is_upcoming"):
        return "it is a live stream, which has no end to play to"
    formats = info.get("formats") or [info]
    # "mhtml" is storyboards, all that YouTube gives to a yt-dlp it does not like: no proof that there is no sound.
    if any(_is_direct(each) or each.get("protocol") == "mhtml" for each in formats):
        return None
    protocol = str(formats[-1].get("protocol") or "http")
    if protocol in ("http", "https"):
        return "the site offers pictures there, without sound"
    kind = "HLS" if "m3u8" in protocol else "DASH" if "dash" in protocol else protocol
    return f"the site offers it only as {kind}, not as one file over HTTP"


def _is_direct(chosen: Info) -> bool:
    """Whether a format is one file over HTTP, sound included. An entry of a list, without formats yet, may be one."""
    return (chosen.get("protocol") or "http") in ("http", "https") and chosen.get("acodec") != "none"


def _unlisted(entry: Info | None) -> str | None:
    """Why an entry of a list is no track, or None when it is one."""
    if entry is None:
        return None
    if gone := _GONE.search(str(entry.get("title") or "")):
        return gone[1].lower()
    if entry.get("_type") == "playlist" or _LISTS.search(str(entry.get("ie_key") or "")):
        return "a list of its own: give its link"
    return _unplayable(entry)


def _page(info: Info) -> str:
    return str(info.get("webpage_url") or info.get("original_url") or info.get("url") or "")


def _artists(info: Info) -> tuple[str, ...]:
    for key in ("artists", "artist", "creators", "creator", "uploader", "channel"):
        if names := _names(info.get(key)):
            # YouTube's own channels for artists are named so.
            return tuple(name.removesuffix(" - Topic") for name in names)
    return ()


def _names(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,) if value.strip() else ()
    if isinstance(value, Iterable):
        return tuple(name for name in value if isinstance(name, str) and name.strip())
    return ()


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _date(info: Info) -> str | None:
    """`release_date` (YYYYMMDD) as an ISO date, else `release_year`; the upload's date says nothing of the music."""
    if (day := str(info.get("release_date") or "")) and re.fullmatch(r"\d{8}", day):
        return f"{day[:4]}-{day[4:6]}-{day[6:]}"
    year = _whole(info.get("release_year"))
    return str(year) if year else None


def _seconds(value: object) -> float | None:
    """A positive number of seconds, or None."""
    try:
        seconds = float(value)  # type: ignore[arg-type]  # yt-dlp promises numbers, sites give anything
    except (TypeError, ValueError):
        return None
    return seconds if 0 < seconds < 1e12 else None


def _whole(value: object) -> int | None:
    seconds = _seconds(value)
    return None if seconds is None else int(seconds) or None


def _picture(info: Info) -> str | None:
    """The address of the best cover; yt-dlp sorts `thumbnails` from worst to best."""
    if thumbnail := _text(info.get("thumbnail")):
        return thumbnail
    urls = [picture.get("url") for picture in info.get("thumbnails") or () if isinstance(picture, Mapping)]
    return next((url for url in reversed(urls) if url), None)


def _content_type(info: Info, url: str) -> str | None:
    ext = str(info.get("ext") or "")
    return CONTENT_TYPES.get(ext) or _query(url, "mime")


def _query(url: str, key: str) -> str | None:
    """A parameter of a googlevideo URL: `clen` (bytes), `dur` (seconds), `mime`."""
    found = parse_qs(urlsplit(url).query).get(key)
    return found[0] if found else None


def _file_name(url: str) -> str:
    return unquote(urlsplit(url).path.rpartition("/")[2])
