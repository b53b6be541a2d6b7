"""A TrackStore, and the clock that it goes by."""

from collections.abc import Iterator

import pytest
from support.clock import FakeClock

from mpdbridge.store import TrackStore


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(clock: FakeClock) -> Iterator[TrackStore]:
    with TrackStore(":memory:", clock=clock) as opened:
        yield opened
