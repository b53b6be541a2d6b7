import pytest
from support.relay_bench import relay_bench
from support.website import site, tones

__all__ = ["site", "tones"]


@pytest.fixture
async def bench():
    async with relay_bench() as running:
        yield running
