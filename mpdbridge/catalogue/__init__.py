"""The embedded demo music: a dozen short pieces of our own, in the containers YouTube uses.

Made by `scripts/make-demo-catalogue`; `catalogue.json` tells what there is. Nothing outside it can be opened from here.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class DemoTrack:
    """One piece.

    Attributes:
        file: name of the audio file; its stem is the track id.
        artists: every artist by itself; empty for the one piece without.
        track: position on the album, from 1.
        duration: seconds, as a player reads them from the file.
        cover: name of the picture file.
    """

    file: str
    title: str
    artists: tuple[str, ...]
    album: str | None
    album_artist: str | None
    track: int | None
    date: str | None
    duration: float
    cover: str

    @property
    def track_id(self) -> str:
        return self.file.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class DemoPlaylist:
    """A playlist of the catalogue, its pieces in order."""

    playlist_id: str
    name: str
    tracks: tuple[DemoTrack, ...]


def _track(row: dict[str, Any]) -> DemoTrack:
    return DemoTrack(
        file=row["file"],
        title=row["title"],
        artists=tuple(row.get("artists", ())),
        album=row.get("album"),
        album_artist=row.get("album_artist"),
        track=row.get("track"),
        date=row.get("date"),
        duration=row["duration"],
        cover=row["cover"],
    )


# Read with the module, not when it is asked for: those who ask are on the event loop.
_INDEX: dict[str, Any] = json.loads((_HERE / "catalogue.json").read_text(encoding="utf-8"))
_TRACKS: dict[str, DemoTrack] = {row["file"]: _track(row) for row in _INDEX["tracks"]}
_PLAYLISTS = tuple(
    DemoPlaylist(row["id"], row["name"], tuple(_TRACKS[file] for file in row["tracks"])) for row in _INDEX["playlists"]
)
_FILES: dict[str, Path] = {file: _HERE / "music" / file for file in _TRACKS}
_FILES |= {track.cover: _HERE / "covers" / track.cover for track in _TRACKS.values()}


def demo_playlists() -> tuple[DemoPlaylist, ...]:
    """The catalogue's playlists. A piece may stand in more than one."""
    return _PLAYLISTS


def demo_file(name: str) -> Path:
    """Where the music or cover file `name` is; raises KeyError for a name that the catalogue does not list."""
    return _FILES[name]
