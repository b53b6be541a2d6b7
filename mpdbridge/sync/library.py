"""Library mode as a step of a sync: between the TrackStore and MPD's playlists, and once more when those are done."""

import asyncio
import os
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from mpdbridge.config import Settings
from mpdbridge.errors import MpdRefusedError
from mpdbridge.models import Track
from mpdbridge.mpd.address import MpdAddress
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.directories import find_music_directory
from mpdbridge.mpd.library import SheetLibrary
from mpdbridge.mpd.library_songs import LibrarySongs
from mpdbridge.mpd.sheets import SheetError
from mpdbridge.store import AsyncStore, LibraryFolder, TrackStore
from mpdbridge.sync.links import Links, ProxyLinks
from mpdbridge.text import counted
from mpdbridge.urls import TrackUris

_NOWHERE = (
    "library mode is on, but where MPD keeps its music is not known: set mpd.music_directory, or mpd.host to MPD's Unix"
    " socket; the playlists hold links until then"
)


class LibraryStep:
    """The songs of ours in one MPD's database.

    Args:
        current: where they are kept; None when library mode is off.
        former: folders where they were kept before.
        uris: of tracks, as links and as songs.
    """

    def __init__(self, *, current: SheetLibrary | None, former: Sequence[SheetLibrary], uris: TrackUris) -> None:
        self._current = current
        self._former = former
        self._uris = uris
        self._songs: dict[str, str] = {}
        self.problems: list[str] = []

    @property
    def song_count(self) -> int | None:
        """How many of the tracks that `links` was asked for are songs; None when library mode is off."""
        return None if self._current is None else len(self._songs)

    async def links(self, tracks: Iterable[Track], *, dry_run: bool) -> Links:
        """What playlists shall hold: the songs of `tracks`, which the TrackStore knows, and links where there is none.

        Raises:
            MpdUnavailableError, StoreError: nothing more can be done.
        """
        if self._current is None:
            return ProxyLinks(self._uris)
        try:
            exported = await self._current.export([track.track_id for track in tracks], dry_run=dry_run)
        except MpdRefusedError as error:
            self.problems.append(f"library mode: {error}")
            return ProxyLinks(self._uris)
        self.problems += [f"library mode: {problem}" for problem in exported.problems]
        self._songs = dict(exported.songs)
        return ProxyLinks(self._uris, self._songs)

    async def tidy(self, contents: Collection[str]) -> None:
        """Removes the sheets that nobody needs any more.

        Args:
            contents: the URIs that stand in our playlists now.

        Raises:
            MpdUnavailableError, StoreError: nothing more can be done.
        """
        try:
            for library in self._former:
                await self._close(library, contents)
            if self._current is not None:
                await self._current.sweep(_tracks(self._uris, contents))
        except (SheetError, MpdRefusedError) as error:
            if not any(str(error) in problem for problem in self.problems):
                self.problems.append(f"library mode: sheets that are not needed any more stay: {error}")

    async def _close(self, library: SheetLibrary, contents: Collection[str]) -> None:
        """Songs that stay in our playlists are no news: the source of those did not answer."""
        where, current = library.where, self._current
        is_read = current is None or current.where.music_directory == where.music_directory
        stay = await library.close(self._songs, heir=current, is_read=is_read)
        if users := stay.difference(contents):
            kept = f"{counted(len(users), 'song')} still in {where.music_directory}/{where.folder}"
            self.problems.append(f"library mode: {kept}, as playlists of your own hold them; gone when those are")


def _tracks(uris: TrackUris, contents: Iterable[str]) -> set[str]:
    return {track_id for uri in contents if (track_id := uris.track_id(uri)) is not None}


async def known_uris(settings: Settings, *, target: str, store: AsyncStore) -> TrackUris:
    """All URIs by which the MPD `target` may know a track of ours, those of former library folders included."""
    former = await store.run(TrackStore.sheet_folders, target)
    return replace(settings.uris, folders=(*settings.uris.folders, *(where.folder for where in former)))


async def known_songs(settings: Settings, *, target: str, store: AsyncStore) -> dict[str, str]:
    """URIs by track of those songs that MPD, which cannot be asked now, is known to have; none without library mode."""
    return await store.run(TrackStore.songs, target, settings.library.folder) if settings.library.enabled else {}


def library_songs(settings: Settings, *, store: AsyncStore) -> LibrarySongs | None:
    """What tells which tracks are songs of MPD, which can be asked; None without library mode."""
    return LibrarySongs(store, settings.library.folder) if settings.library.enabled else None


def _one_name(directory: Path, known: Iterable[str]) -> str:
    """The name in `known` that the same folder has: links and mounts give it others, and it is no former one then."""
    real = os.path.realpath(directory)
    for name in known:
        with suppress(OSError):  # one of them is not there
            if Path(name).samefile(real):
                return name
    return real


async def open_library(
    settings: Settings, *, address: MpdAddress, store: AsyncStore, connection: MpdConnection, uris: TrackUris
) -> tuple[LibraryStep | None, str]:
    """The step, when library mode is on, or has left something behind; and what the user should know (may be empty)."""
    target = str(address)
    former = await store.run(TrackStore.sheet_folders, target)
    current: LibraryFolder | None = None
    if settings.library.enabled:
        directory = await find_music_directory(address, configured=settings.mpd.music_directory)
        if directory is None:
            return None, _NOWHERE
        known = [one.music_directory for one in former if one.folder == settings.library.folder]
        current = LibraryFolder(target, await asyncio.to_thread(_one_name, directory, known), settings.library.folder)

    def library(where: LibraryFolder) -> SheetLibrary:
        return SheetLibrary(where=where, store=store, connection=connection, urls=uris)

    others = [library(where) for where in former if where != current]
    if current is None and not others:
        return None, ""
    return LibraryStep(current=library(current) if current else None, former=others, uris=uris), ""
