import pytest
from support.relay_bench import relay_bench


@pytest.fixture
async def bench():
    async with relay_bench() as running:
        yield running
