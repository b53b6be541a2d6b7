"""All probes are heard, in their order, whatever one of them does."""

import asyncio
import threading
import time

from mpdbridge.doctor.checks import Check, ok
from mpdbridge.doctor.examination import Probe, examine
from mpdbridge.errors import StoreError


async def fine() -> list[Check]:
    return [ok("Fine", "1"), ok("Fine", "2")]


async def hangs() -> list[Check]:
    await asyncio.Event().wait()
    return []


async def refuses() -> list[Check]:
    raise StoreError("the file is locked; close the other program")


async def is_wrong() -> list[Check]:
    raise KeyError("x")


async def test_one_that_hangs_fails_or_is_wrong_costs_none_of_the_others() -> None:
    found = await examine(
        {
            "Slow": Probe(hangs, seconds=0.05),
            "Refused": Probe(refuses),
            "Wrong": Probe(is_wrong),
            "Fine": Probe(fine),
        }
    )
    assert [(check.name, check.state, check.told) for check in found] == [
        ("Slow", "fail", "no answer within 0.05 s"),
        ("Refused", "fail", "the file is locked"),
        ("Wrong", "fail", "KeyError: 'x'"),
        ("Fine", "ok", "1"),
        ("Fine", "ok", "2"),
    ]


def test_a_thread_that_hangs_does_not_keep_the_program_from_ending() -> None:
    """As a dead disk or name server does it."""
    free = threading.Event()

    async def stuck() -> list[Check]:
        await asyncio.to_thread(free.wait)
        return []

    began = time.monotonic()
    (check,) = asyncio.run(examine({"Disk": Probe(stuck, seconds=0.05)}))
    assert time.monotonic() - began < 2
    assert check.told == "no answer within 0.05 s"
    free.set()


def test_what_a_thread_raises_is_told() -> None:
    def broken() -> None:
        raise StoreError("it is damaged")

    async def look() -> list[Check]:
        await asyncio.to_thread(broken)
        return []

    (check,) = asyncio.run(examine({"Disk": Probe(look)}))
    assert check == Check("Disk", "fail", "it is damaged")
