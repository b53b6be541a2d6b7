"""Proxy URLs, track ids, and the addresses of YouTube's. Pure: strings in, strings out."""

import base64
import functools
import hashlib
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from mpdbridge.models import Track
from mpdbridge.text import cut_chars, cut_utf8, one_line

MUSIC = "https://music.youtube.com"
YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{11}")  # of a video
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104  # of a listener; nothing is opened here
TRACK_ID = re.compile(r"[A-Za-z0-9_-]{11,64}")
_TAIL_CHARS = 160  # ncmpcpp shows at most a screen line; MPD takes URLs up to about 4,000 characters
_TAIL_BYTES = 800
# MPD and curl take everything in a path but ASCII space and controls; these four would end or escape it.
_LOOK_ALIKES = str.maketrans({" ": "\u00a0", "\t": "\u00a0", "/": "∕", "?": "？", "#": "＃", "%": "％", "\\": "＼"})
_SONG = re.compile(rf"\[({TRACK_ID.pattern})\]\.cue/track0001\Z")
_FILE_SUFFIX = re.compile(r"\.(?=[^.\s]{1,12}$)")


def readable_tail(track: Track) -> str:
    """The last segment of a proxy URL: `Artist - Title`, legal in a path without any escape.

    It never ends like a file name, since MPD picks a decoder by that and then stays silent.
    """
    text = cut_utf8(cut_chars(one_line(track.label), _TAIL_CHARS), _TAIL_BYTES).translate(_LOOK_ALIKES)
    return _FILE_SUFFIX.sub("․", text).strip(".\u00a0") or track.track_id


def watch_url(video_id: str) -> str:
    """The page of a song or video at YouTube Music."""
    return f"{MUSIC}/watch?v={video_id}"


def stable_track_id(key: str) -> str:
    """A 22-character id for a track of a site without ids of YouTube's form; the same for the same `key`."""
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:16]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class ProxyUrls:
    """The URLs under which MPD reaches our relay.

    Attributes:
        base: the one we push, e.g. `http://localhost:8080`.
        aliases: others that lead to the same relay, so that an entry added by hand is known as ours.
    """

    base: str
    aliases: tuple[str, ...] = ()

    @classmethod
    def for_listener(cls, host: str, port: int, advertise: str | None = None) -> "ProxyUrls":
        """The URLs of a relay that listens on `host:port`; `advertise` is the base that MPD shall use instead."""
        hosts = dict.fromkeys((host, *LOOPBACK) if host in (*LOOPBACK, *_EVERYWHERE) else (host,))
        reachable = [name for name in hosts if name not in _EVERYWHERE]
        bases = [f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}" for name in reachable]
        if advertise:
            bases = [advertise.rstrip("/"), *bases]
        return cls(base=bases[0], aliases=tuple(bases[1:]))

    def plain(self, track_id: str) -> str:
        """The URL that plays a track, without the readable tail: where nobody sees it, and it shall never change."""
        return f"{self.base}/proxy/{track_id}"

    def of(self, track: Track) -> str:
        """The URL that plays `track`: `<base>/proxy/<id>/<readable tail>`."""
        return f"{self.base}/proxy/{track.track_id}/{readable_tail(track)}"

    def track_id(self, uri: str) -> str | None:
        """The id of the track that `uri` plays through our relay, or None when it is not ours."""
        found = _ours((self.base, *self.aliases)).match(uri)
        return found[1] if found else None


@dataclass(frozen=True, slots=True)
class TrackUris(ProxyUrls):
    """All URIs by which MPD may know a track of ours: proxy URLs, and songs of its database (library mode).

    Attributes:
        folders: of MPD's music directory, in which our CUE sheets stand: `<folder>/…[<id>].cue/track0001`.
    """

    folders: tuple[str, ...] = ()

    def track_id(self, uri: str) -> str | None:
        """The id of the track that `uri` stands for in MPD's queue and playlists, or None when it is not ours."""
        if "://" in uri:
            return ProxyUrls.track_id(self, uri)
        found = _SONG.search(uri)
        return found[1] if found and uri.startswith(tuple(f"{folder}/" for folder in self.folders)) else None


def sheet_name(title: str, track_id: str) -> str:
    """The file name of the CUE sheet of a track: `<title> [<id>].cue`."""
    return f"{title} [{track_id}].cue"


def song_uri(folder: str, place: str) -> str:
    """The URI of the song in MPD's database that comes of the sheet at `place` under `folder`."""
    return f"{folder}/{place}/track0001"


@functools.cache
def _ours(bases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(map(re.escape, bases))})/proxy/({TRACK_ID.pattern})(?![^/?#])")


def expiry_of(url: str) -> float | None:
    """Epoch seconds from googlevideo's `expire=` (query or path form), or None."""
    parts = urlsplit(url)
    found = parse_qs(parts.query).get("expire") or re.findall(r"/expire/(\d+)", parts.path)
    return float(found[0]) if found and found[0].isdecimal() else None
