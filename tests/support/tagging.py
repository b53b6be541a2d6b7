"""A queue tagger that runs beside the test, and what a queue looks like when it has done its work."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import repeat

from support.mpd_process import MpdProcess
from support.waiting import eventually

from mpdbridge.models import Track
from mpdbridge.mpd.address import MpdAddress
from mpdbridge.mpd.tag_diff import OWNED, desired_tags
from mpdbridge.mpd.tagger import QueueTagger
from mpdbridge.store import AsyncStore
from mpdbridge.urls import ProxyUrls

PORT = 48080  # nothing listens there; the entries are not played
URLS = ProxyUrls.for_listener("localhost", PORT)
FIRST = Track("aaaaaaaaaaa", "Thin Brown Layer", ("Tommy Guerrero", "Gadget"), album="Loose Grooves", track_number=3)
SECOND = Track("bbbbbbbbbbb", "夜の散歩", ("Sigur Rós",), album="Ágætis byrjun", album_artist="Various", date="1999")
FOREIGN = "http://127.0.0.1:1/radio"


def soon(_state):
    """Waiting times that suit a test."""
    return repeat(0.02)


def address(mpd: MpdProcess) -> MpdAddress:
    return MpdAddress(socket=str(mpd.socket), password=mpd.password)


def numbered(count: int) -> list[Track]:
    return [Track(f"number-{number:05}", f"Title {number}", (f"Artist {number % 7}",)) for number in range(count)]


def tags(entry: dict[str, list[str]]) -> dict[str, list[str]]:
    """Our tags of a queue entry."""
    return {tag: entry[tag] for tag in OWNED if tag in entry}


def tagged(mpd: MpdProcess, *tracks: Track) -> bool:
    """Whether the queue is just these tracks, with all their tags."""
    return [tags(entry) for entry in mpd.queue()] == [desired_tags(track) for track in tracks]


@asynccontextmanager
async def running(
    mpd: MpdProcess, store: AsyncStore, urls: ProxyUrls = URLS, delays=soon, *, durations: bool = True
) -> AsyncIterator[QueueTagger]:
    """A tagger on `mpd`, attached."""
    tagger = QueueTagger(address=address(mpd), store=store, urls=urls, durations=durations, delays=delays)
    async with started(tagger):
        await eventually(lambda: tagger.state == "attached", "the tagger to attach")
        yield tagger


@asynccontextmanager
async def started(follower) -> AsyncIterator[None]:
    """Runs `follower.run()` meanwhile."""
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(follower.run())
        try:
            yield
        finally:
            task.cancel()
