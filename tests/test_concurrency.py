"""Waiting: the backoff grows, is jittered, and has an end to its growth."""

import asyncio
from itertools import islice

import pytest

from mpdbridge.concurrency import backoff, both


def test_backoff_doubles_up_to_its_longest():
    delays = list(islice(backoff(first=1, longest=8), 6))
    assert delays == [pytest.approx(base, rel=0.2) for base in (1, 2, 4, 8, 8, 8)]


def test_two_backoffs_differ_so_that_clients_spread():
    assert list(islice(backoff(), 4)) != list(islice(backoff(), 4))


async def test_both_run_at_the_same_time():
    met = asyncio.Event()

    async def first():
        await met.wait()
        return 1

    async def second():
        met.set()
        return "two"

    async with asyncio.timeout(10):
        assert await both(first(), second()) == (1, "two")


async def test_an_error_of_one_cancels_the_other_and_comes_out_as_itself():
    ended = []

    async def waits():
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def fails():
        raise KeyError("x")

    with pytest.raises(KeyError):
        await both(waits(), fails())
    assert ended
