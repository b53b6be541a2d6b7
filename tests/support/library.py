"""Library mode for tests: a source with tracks that a test changes, whole syncs, and what MPD shows of them."""

from collections.abc import Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from support.mpd_client import Ack
from support.mpd_process import MpdProcess

from mpdbridge.config import Settings
from mpdbridge.errors import SourceError
from mpdbridge.models import Playlist, PlaylistRef, Track
from mpdbridge.resolver import ExtractorWorker, StreamResolver
from mpdbridge.sources.base import Offer
from mpdbridge.store import AsyncStore
from mpdbridge.sync.events import SyncReport
from mpdbridge.sync.session import SyncSession

FOLDER = "YouTube Music"


def track(number: int, **tags: Any) -> Track:
    """A track with all tags, unless told otherwise."""
    known: dict[str, Any] = {
        "title": f"Title {number}",
        "artists": ("Somebody", "Another"),
        "album": "Album",
        "album_artist": "Somebody",
        "track_number": number,
        "date": "1999",
        "duration": 60.0 + number,
    }
    return Track(f"track{number:08}", source="shelf", **(known | tags))


@dataclass
class TrackSource:
    """A source with these playlists; a playlist of None fails."""

    playlists_now: dict[str, Sequence[Track] | None]
    name: str = "shelf"

    async def playlists(self) -> Offer:
        return Offer(tuple(PlaylistRef(self.name, name, name) for name in self.playlists_now))

    async def fetch(self, ref: PlaylistRef) -> Playlist:
        tracks = self.playlists_now[ref.playlist_id]
        if tracks is None:
            raise SourceError(f"{ref.name}: no answer")
        return Playlist(ref, tuple(tracks))

    async def lookup(self, link: str) -> Playlist | None:
        return None


@dataclass
class LibraryBridge:
    """Syncs into one mpd, with library mode unless a test switches it off.

    Attributes:
        playlists: what the source has.
        sections: of the configuration, beside those that every sync has.
    """

    mpd: MpdProcess
    home: Path
    playlists: dict[str, Sequence[Track] | None] = field(default_factory=dict)
    sections: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        return self.mpd.music_directory / FOLDER

    def settings(self, **sections: dict[str, Any]) -> Settings:
        base: dict[str, dict[str, Any]] = {
            "mpd": {"host": str(self.mpd.socket), "playlist_directory": str(self.mpd.playlist_directory)},
            "proxy": {"port": 48080, "track_mapping_db": str(self.home / "tracks.db")},
            "library": {"enabled": True},
        }
        both = [self.sections, sections]
        for given in both:
            for name, section in given.items():
                base[name] = base.get(name, {}) | section
        return Settings.model_validate(base)

    async def sync(self, *, dry_run: bool = False, only: Sequence[str] = (), **sections: dict[str, Any]) -> SyncReport:
        async with self.session(**sections) as session:
            return await session.run(dry_run=dry_run, only=only)

    @asynccontextmanager
    async def session(self, **sections: dict[str, Any]):
        settings = self.settings(**sections)
        async with (
            AsyncStore.open(settings.proxy.track_mapping_db) as store,
            ExtractorWorker(settings=settings.resolver) as worker,
        ):
            resolver = StreamResolver(store=store, worker=worker, settings=settings.resolver)
            yield SyncSession(
                settings=settings,
                store=store,
                sources=[TrackSource(self.playlists)],
                resolver=resolver,
                relay_runs=True,
            )

    def links(self, *tracks: Track) -> list[str]:
        return [self.settings().proxy.urls.of(one) for one in tracks]

    def songs(self) -> dict[str, dict[str, list[str]]]:
        """All songs of MPD's database, by URI, with their tags."""
        return songs_in(self.mpd.command("listallinfo"))

    def stickers(self, uri: str) -> dict[str, str]:
        return dict(value.partition("=")[::2] for value in self.mpd.values("sticker", "list", "song", uri))

    def update(self) -> None:
        """What a user does; MPD has done it when this returns."""
        update(self.mpd)

    def change(self, number: int, **tags: Any) -> None:
        """Gives a track other tags, wherever it stands."""
        for name, tracks in self.playlists.items():
            self.playlists[name] = [
                replace(one, **tags) if one.track_id == track(number).track_id else one for one in tracks or ()
            ]


def song(number: int, place: str = "", folder: str = FOLDER) -> str:
    """The URI of the song of `track(number)`."""
    return f"{folder}/{place or f'Somebody/Album/Title {number}'} [{track(number).track_id}].cue/track0001"


def songs_in(pairs: Sequence[tuple[str, str]]) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    tags: dict[str, list[str]] = {}
    for key, value in pairs:
        if key in {"file", "directory", "playlist"}:
            tags = {}
            if key == "file":
                found[value] = tags
        else:
            tags.setdefault(key, []).append(value)
    return found


def update(mpd: MpdProcess) -> None:
    with mpd.client() as client:
        job = int(dict(client.command("update"))["updating_db"])
        while int(dict(client.command("status")).get("updating_db", job + 1)) <= job:
            client.command("idle", "update")


def refused(mpd: MpdProcess, *command: str) -> bool:
    try:
        mpd.command(*command)
    except Ack:
        return True
    return False
