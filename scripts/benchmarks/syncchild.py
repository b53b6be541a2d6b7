"""One sync in a process of its own: SyncEngine with a source that has its answer ready. Run by scripts/bench."""

import asyncio
import json
import sys
import time
from pathlib import Path

from benchmarks.tracks import tracks
from mpdbridge.config import SyncSettings
from mpdbridge.models import Playlist, PlaylistRef
from mpdbridge.mpd.address import MpdAddress
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.publisher import PlaylistPublisher
from mpdbridge.sources import Offer
from mpdbridge.store import AsyncStore
from mpdbridge.sync.destination import NativeDestination
from mpdbridge.sync.engine import SyncEngine
from mpdbridge.sync.links import ProxyLinks
from mpdbridge.urls import ProxyUrls

TRACKS = 10_000
PLAYLISTS = 10


def playlists() -> list[Playlist]:
    """PLAYLISTS playlists with TRACKS tracks together."""
    songs, each = tracks(TRACKS), TRACKS // PLAYLISTS
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

    def __init__(self) -> None:
        self._playlists = {playlist.ref: playlist for playlist in playlists()}

    async def playlists(self) -> Offer:
        return Offer(tuple(self._playlists))

    async def fetch(self, ref: PlaylistRef) -> Playlist:
        return self._playlists[ref]

    async def lookup(self, link: str) -> Playlist | None:  # noqa: ARG002  # a source must have it
        return None


async def main(socket: str, database: Path) -> None:
    """Syncs once and prints wall and CPU seconds of that, and CPU seconds of this process since its start."""
    urls = ProxyUrls.for_listener("localhost", 8080)
    source = ReadySource()
    async with AsyncStore.open(database) as store, MpdConnection(MpdAddress(socket=socket)) as connection:
        engine = SyncEngine(
            sources=[source],
            store=store,
            destination=NativeDestination(publisher=PlaylistPublisher(connection=connection)),
            links=ProxyLinks(urls),
            urls=urls,
            settings=SyncSettings(),
            target=socket,
        )
        wall, cpu = time.perf_counter(), time.process_time()
        report = await engine.run()
        figures = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    if report.failed:
        raise SystemExit(f"the sync failed: {report}")
    print(json.dumps({**figures, "process_cpu": time.process_time()}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
