"""Links are looked up once each, a crowd of them in no hurry, and forgotten with the queue that they stood in."""

import asyncio

from mpdbridge.concurrency import beside
from mpdbridge.mpd.lookups import Found, Lookups

TRACKS = ("what is behind it",)


async def looked_up(links) -> Lookups:
    """All of these links, answered."""
    left, done = len(links), asyncio.Event()

    async def look_up(_link):
        return TRACKS

    def changed():
        nonlocal left
        left -= 1
        if not left:
            done.set()

    lookups = Lookups(look_up=look_up, quick=lambda _: False, changed=changed)
    for link in links:
        lookups.ask(link)
    async with beside(lookups.run()):
        await done.wait()
    return lookups


async def test_a_crowd_is_asked_for_in_no_hurry(monkeypatch) -> None:
    slept = []

    async def sleep(seconds):
        slept.append(seconds)

    monkeypatch.setattr("mpdbridge.mpd.lookups.asyncio.sleep", sleep)
    await looked_up([str(number) for number in range(25)])
    assert slept == [1.0] * 4, "until twenty of them wait"


async def test_links_that_have_left_the_queue_are_forgotten() -> None:
    lookups = await looked_up(["a", "b"])
    lookups.keep({"a"})
    assert (lookups.answer("a"), lookups.answer("b")) == (Found(TRACKS), None)
