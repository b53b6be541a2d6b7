"""A publisher on a private mpd."""

from collections.abc import AsyncIterator

import pytest
from support.mpd_process import MpdProcess

from mpdbridge.mpd.address import MpdAddress
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.publisher import PlaylistPublisher


@pytest.fixture
async def publisher(mpd: MpdProcess) -> AsyncIterator[PlaylistPublisher]:
    async with MpdConnection(MpdAddress(socket=str(mpd.socket))) as connection:
        yield PlaylistPublisher(connection=connection)
