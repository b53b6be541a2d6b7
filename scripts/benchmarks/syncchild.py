"""One sync in a process of its own: SyncEngine with a source that has its answer ready. Run by scripts/bench."""

import argparse
import asyncio
import json
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.tracks import tracks
from mpdbridge.config import LibrarySettings, Settings, SyncSettings
from mpdbridge.models import Playlist, PlaylistRef
from mpdbridge.mpd.address import MpdAddress
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.publisher import PlaylistPublisher
from mpdbridge.sources import Offer
from mpdbridge.store import AsyncStore
from mpdbridge.sync.destination import NativeDestination
from mpdbridge.sync.engine import SyncEngine
from mpdbridge.sync.library import open_library
from mpdbridge.sync.links import ProxyLinks

TRACKS = 10_000
PLAYLISTS = 10


def playlists(retitled: int = 0) -> list[Playlist]:
    """PLAYLISTS playlists with TRACKS tracks together; the first `retitled` of them have another title."""
    songs, each = tracks(TRACKS), TRACKS // PLAYLISTS
    songs[:retitled] = [replace(song, title=f"{song.title}, remastered") for song in songs[:retitled]]
    return [
        Playlist(
            PlaylistRef("bench", f"list-{number}", f"Playlist {number}", announced=each),
            tuple(songs[number * each : (number + 1) * each]),
        )
        for number in range(PLAYLISTS)
    ]


class ReadySource:
    """A source that answers at once."""

    name = "bench"

    def __init__(self, retitled: int = 0) -> None:
        self._playlists = {playlist.ref: playlist for playlist in playlists(retitled)}

    async def playlists(self) -> Offer:
        return Offer(tuple(self._playlists))

    async def fetch(self, ref: PlaylistRef) -> Playlist:
        return self._playlists[ref]

    async def lookup(self, link: str) -> Playlist | None:  # noqa: ARG002  # a source must have it
        return None


async def main(socket: str, database: Path, *, library: bool, retitled: int) -> None:
    """Syncs once and prints wall and CPU seconds of that, and CPU seconds of this process since its start."""
    settings, address = Settings(library=LibrarySettings(enabled=library)), MpdAddress(socket=socket)
    urls = settings.uris
    source = ReadySource(retitled)
    async with AsyncStore.open(database) as store, MpdConnection(address) as connection:
        step, _ = await open_library(settings, address=address, store=store, connection=connection, uris=urls)
        engine = SyncEngine(
            sources=[source],
            store=store,
            destination=NativeDestination(publisher=PlaylistPublisher(connection=connection)),
            links=ProxyLinks(urls),
            library=step,
            urls=urls,
            settings=SyncSettings(),
            target=socket,
        )
        wall, cpu = time.perf_counter(), time.process_time()
        report = await engine.run()
        figures = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    if report.failed or report.warnings:
        raise SystemExit(f"the sync failed: {report}")
    print(json.dumps({**figures, "process_cpu": time.process_time()}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("socket")
    parser.add_argument("database", type=Path)
    parser.add_argument("--library", action="store_true")
    parser.add_argument("--retitled", type=int, default=0)
    options = parser.parse_args()
    asyncio.run(main(options.socket, options.database, library=options.library, retitled=options.retitled))
