"""The alarm rings when it is due, once, and only then."""

import asyncio
import time

import pytest

from mpdbridge.relay.alarm import Alarm

SECONDS = 0.1


@pytest.fixture
async def rung() -> asyncio.Event:
    return asyncio.Event()


async def test_it_rings_once_when_the_time_is_over() -> None:
    times: list[float] = []
    alarm = Alarm(SECONDS, lambda: times.append(time.monotonic()))
    start = time.monotonic()
    alarm.set()
    await asyncio.sleep(4 * SECONDS)
    assert len(times) == 1
    assert times[0] - start >= SECONDS * 0.9


async def test_set_anew_it_rings_that_much_later(rung) -> None:
    alarm = Alarm(SECONDS, rung.set)
    alarm.set()
    await asyncio.sleep(SECONDS / 2)
    start = time.monotonic()
    alarm.clear()
    alarm.set()
    async with asyncio.timeout(10):
        await rung.wait()
    assert time.monotonic() - start >= SECONDS * 0.9


async def test_it_can_be_set_again_after_it_rang(rung) -> None:
    alarm = Alarm(SECONDS, rung.set)
    for _ in range(2):
        alarm.set()
        async with asyncio.timeout(10):
            await rung.wait()
        rung.clear()


@pytest.mark.parametrize("end", [Alarm.clear, Alarm.close])
async def test_cleared_or_closed_it_stays_silent(rung, end) -> None:
    alarm = Alarm(SECONDS, rung.set)
    alarm.set()
    end(alarm)
    await asyncio.sleep(3 * SECONDS)
    assert not rung.is_set()
