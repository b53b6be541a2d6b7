"""A connection to a private mpd, and a publisher on it."""

from collections.abc import AsyncIterator

import pytest
from support.mpd_process import MpdProcess

from mpdbridge.mpd.address import MpdAddress
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.publisher import PlaylistPublisher


@pytest.fixture
async def connection(mpd: MpdProcess) -> AsyncIterator[MpdConnection]:
    async with MpdConnection(MpdAddress(socket=str(mpd.socket))) as made:
        yield made


@pytest.fixture
def publisher(connection: MpdConnection) -> PlaylistPublisher:
    return PlaylistPublisher(connection=connection)
