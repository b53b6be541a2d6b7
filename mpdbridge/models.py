"""The values that travel between the rooms. All of them are frozen; none of them does anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Track:
    """One piece of music, as its source describes it.

    Attributes:
        track_id: YouTube's own video id, or a stable hash id (`urls.stable_track_id`) for other sites.
        artists: every artist by itself, in the source's order; empty when unknown.
        album_id: what its source knows the album by, where it can be asked about it: `MPREb_…` at YouTube Music.
        track_number: position on the album, from 1.
        date: year or ISO date of the release.
        duration: seconds.
        source: name of the source that told of it: "ytmusic", "web" or "demo".
        source_url: page or file that a resolver turns into a stream.
        video: whether it is a music video (True), or the audio of a release (False), as far as its source tells. Not
            kept in the TrackStore.
    """

    track_id: str
    title: str
    artists: tuple[str, ...] = ()
    album: str | None = None
    album_artist: str | None = None
    track_number: int | None = None
    date: str | None = None
    duration: float | None = None
    art_url: str | None = None
    source: str = "ytmusic"
    source_url: str | None = None
    album_id: str | None = None
    video: bool | None = field(default=None, compare=False)

    @property
    def artist(self) -> str | None:
        """All artists as one display name, or None."""
        return ", ".join(self.artists) or None

    @property
    def label(self) -> str:
        """`Artist - Title`, or what there is of it; never empty."""
        return " - ".join(part for part in (self.artist, self.title) if part) or self.track_id


@dataclass(frozen=True, slots=True)
class Stream:
    """Where the audio of a track can be fetched for a while.

    Attributes:
        url: what upstream gave; a secret, since it is signed for this host.
        resolved_at: when it was resolved, epoch seconds.
        expires_at: epoch seconds from which on it must not be used any more, or None when nobody told.
        content_type: MIME type without parameters, e.g. `audio/webm`; None when not known before the fetch.
        content_length: bytes, when known before the fetch.
        duration: seconds, exact.
        format_id: yt-dlp's `format_id`.
        headers: request headers that upstream wants (yt-dlp `http_headers`).
        available_at: epoch seconds before which upstream refuses the URL (yt-dlp `available_at`).
    """

    url: str
    resolved_at: float
    expires_at: float | None = None
    content_type: str | None = None
    content_length: int | None = None
    duration: float | None = None
    format_id: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    available_at: float | None = None


@dataclass(frozen=True, slots=True)
class PlaylistRef:
    """A playlist that a source offers, before its tracks are fetched.

    Attributes:
        source: name of the source.
        playlist_id: stable within the source.
        name: as the source shows it; may be empty, doubled, or full of characters that MPD refuses.
        announced: number of tracks the source says it has, or None.
    """

    source: str
    playlist_id: str
    name: str
    announced: int | None = None


@dataclass(frozen=True, slots=True)
class Playlist:
    """A playlist with its tracks in order. The same track may stand in it twice.

    Attributes:
        unavailable: what the source lists but nobody can play, as `Artist - Title`, in order.
        lacking: one line, why there may be more tracks than these; empty when they are all, as far as can be told.
    """

    ref: PlaylistRef
    tracks: tuple[Track, ...]
    unavailable: tuple[str, ...] = ()
    lacking: str = ""


Rating = Literal["like", "dislike", "unlike"]
"""What a user thinks of a track; `unlike` takes either of the others back."""

ResultKind = Literal["song", "album", "artist", "playlist", "video"]
"""What a search can find, in the order in which it is shown."""


Browser = Literal["firefox", "chrome", "chromium", "brave", "edge", "opera", "vivaldi", "safari"]
"""Whose cookies can be read, by yt-dlp's names."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One thing that a search has found.

    Attributes:
        link: what `lookup` takes; an artist's stands for his most played songs.
        title: of the thing; an artist's name.
        artist: of an album or a song; who made a playlist; None for an artist, and when unknown.
        about: the album of a song, the form and year of an album, the size of a playlist; may be empty.
        track: of a song or a video, as far as the search tells of it.
    """

    kind: ResultKind
    link: str
    title: str
    artist: str | None = None
    about: str = ""
    track: Track | None = None
