"""Waiting: the backoff grows, is jittered, and has an end to its growth; what runs beside ends with its body."""

import asyncio
from itertools import islice

import pytest

from mpdbridge.concurrency import backoff, beside, both


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


async def test_work_beside_the_body_goes_on_meanwhile_and_its_result_is_there():
    met = asyncio.Event()

    async def work():
        await met.wait()
        return "done"

    async with beside(work()) as task:
        met.set()
        assert await task == "done"


async def test_work_beside_the_body_does_not_outlive_it():
    ended = []

    async def work():
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async with beside(work()) as task:
        await asyncio.sleep(0)
    assert task.cancelled()
    assert ended


async def test_an_error_of_work_beside_the_body_comes_out_only_where_it_is_asked_for():
    async def fail():
        raise ValueError

    async with beside(fail()):
        await asyncio.sleep(0)
    async with beside(fail()) as task:
        with pytest.raises(ValueError):
            await task
