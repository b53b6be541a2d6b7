from collections.abc import AsyncIterator

import pytest
from support.bridge import Bridge, open_bridge
from support.mpd_process import MpdProcess


@pytest.fixture
async def bridge(mpd: MpdProcess) -> AsyncIterator[Bridge]:
    async with open_bridge(mpd) as opened:
        yield opened
