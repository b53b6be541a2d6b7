"""The TrackStore: everything the bridge remembers, in one SQLite file. All SQL of the program is in this room."""

from mpdbridge.store.aio import AsyncStore
from mpdbridge.store.claims import PublishedPlaylist
from mpdbridge.store.sheets import LibraryFolder, SheetRecord
from mpdbridge.store.tracks import StoreCounts, TrackStore

__all__ = ["AsyncStore", "LibraryFolder", "PublishedPlaylist", "SheetRecord", "StoreCounts", "TrackStore"]
