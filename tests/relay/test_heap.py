"""Freed memory goes back to the system soon, once for all who asked, and leaves no timer."""

import asyncio

import pytest
from support.waiting import eventually

from mpdbridge.relay import heap as module
from mpdbridge.relay.heap import HeapTrimmer


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    monkeypatch.setattr(module, "_SOON", 0.02)


async def test_many_wishes_are_one_look(monkeypatch) -> None:
    looks: list[int] = []
    trimmer = HeapTrimmer()
    monkeypatch.setattr(trimmer, "_malloc_trim", looks.append)
    for expected in ([0], [0, 0]):
        for _ in range(5):
            trimmer.soon()
        await eventually(lambda wanted=expected: looks == wanted, "the look")
    await asyncio.sleep(0.05)
    assert looks == [0, 0]


async def test_closed_it_looks_no_more(monkeypatch) -> None:
    looks: list[int] = []
    trimmer = HeapTrimmer()
    monkeypatch.setattr(trimmer, "_malloc_trim", looks.append)
    trimmer.soon()
    trimmer.close()
    await asyncio.sleep(0.05)
    assert not looks


async def test_the_real_one_and_none_at_all_do_no_harm(monkeypatch) -> None:
    trimmer = HeapTrimmer()
    trimmer.soon()
    await asyncio.sleep(0.05)
    monkeypatch.setattr(trimmer, "_malloc_trim", None)
    trimmer.soon()
    trimmer.close()
