"""What relay tests share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.relay_bench import Bench, relay_bench

from mpdbridge.relay.heads import HeadCache


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with relay_bench() as made:
        yield made


@pytest.fixture
async def heads(tmp_path: Path) -> AsyncIterator[HeadCache]:
    async with HeadCache(folder=tmp_path / "heads", limit=100 * 2**20) as cache:
        yield cache
