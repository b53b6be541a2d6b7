"""What tests on a private mpd share: a connection, a publisher, a store of two tracks, and a server for any."""

from collections.abc import AsyncIterator, Iterator

import pytest
from support.audio_server import AudioServer, silence
from support.mpd_process import MpdProcess
from support.tagging import FIRST, SECOND

from mpdbridge.mpd.address import MpdAddress
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.publisher import PlaylistPublisher
from mpdbridge.store import AsyncStore, TrackStore
from mpdbridge.urls import ProxyUrls


@pytest.fixture
async def connection(mpd: MpdProcess) -> AsyncIterator[MpdConnection]:
    async with MpdConnection(MpdAddress(socket=str(mpd.socket))) as made:
        yield made


@pytest.fixture
def publisher(connection: MpdConnection) -> PlaylistPublisher:
    return PlaylistPublisher(connection=connection)


@pytest.fixture
async def store() -> AsyncIterator[AsyncStore]:
    async with AsyncStore.open(":memory:") as opened:
        await opened.run(TrackStore.upsert_tracks, [FIRST, SECOND])
        yield opened


@pytest.fixture
def server() -> Iterator[AudioServer]:
    """A minute of silence, whatever it is asked for."""
    with AudioServer(silence(60), "audio/wav") as running:
        yield running


@pytest.fixture
def urls(server: AudioServer) -> ProxyUrls:
    """Of that server."""
    return ProxyUrls.for_listener("127.0.0.1", server.port)
