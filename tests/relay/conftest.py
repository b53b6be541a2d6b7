"""What every relay test has."""

from collections.abc import AsyncIterator

import pytest
from support.relay_bench import Bench, relay_bench


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with relay_bench() as made:
        yield made
