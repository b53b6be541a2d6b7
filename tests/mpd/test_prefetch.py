"""The prefetcher: what is next is asked for once, and again when that changes."""

import asyncio

import pytest
from support.audio_server import AudioServer, silence
from support.tagging import URLS, address, numbered, soon, started
from support.waiting import eventually

from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.prefetch import Prefetcher
from mpdbridge.mpd.queue import add_to_queue
from mpdbridge.urls import ProxyUrls

pytestmark = pytest.mark.mpd

A, B, C, D = TRACKS = numbered(4)


class Resolver:
    """Remembers what it was asked, and answers when it is let."""

    def __init__(self):
        self.asked = []
        self.free = asyncio.Event()
        self.free.set()

    async def prefetch(self, track_ids):
        self.asked.append(list(track_ids))
        await self.free.wait()


@pytest.fixture
def resolver():
    return Resolver()


def prefetcher(mpd, resolver, urls=URLS):
    return Prefetcher(address=address(mpd), urls=urls, resolver_prefetch=resolver.prefetch, count=2, delays=soon)


async def add(mpd, *tracks, urls=URLS):
    async with MpdConnection(address(mpd)) as connection:
        await add_to_queue(connection, urls, tracks)


async def test_what_is_next_is_asked_for_when_the_song_changes_and_not_again(mpd, resolver):
    with AudioServer(silence(60), "audio/wav") as server:
        urls = ProxyUrls.for_listener("127.0.0.1", server.port)
        await add(mpd, *TRACKS, urls=urls)
        async with started(prefetcher(mpd, resolver, urls)):
            await eventually(lambda: resolver.asked == [[A.track_id, B.track_id]], "the first to be asked for")
            await asyncio.to_thread(mpd.command, "play", "0")
            await eventually(lambda: resolver.asked[1:] == [[B.track_id, C.track_id]], "the next to be asked for")
            for command in (("pause", "1"), ("pause", "0"), ("seekcur", "10"), ("add", "http://127.0.0.1:1/x")):
                await asyncio.to_thread(mpd.command, *command)
            mpd.command("repeat", "1")
            await asyncio.to_thread(mpd.command, "next")
            await eventually(lambda: len(resolver.asked) > 2, "the change to be seen")
            assert resolver.asked[2:] == [[C.track_id, D.track_id]]


async def test_an_option_and_a_new_order_change_what_is_next(mpd, resolver):
    await add(mpd, *TRACKS)
    async with started(prefetcher(mpd, resolver)):
        await eventually(lambda: resolver.asked == [[A.track_id, B.track_id]], "the first to be asked for")
        mpd.command("move", "3", "0")
        await eventually(lambda: resolver.asked[1:] == [[D.track_id, A.track_id]], "the new order")
        mpd.command("single", "1")
        await eventually(lambda: resolver.asked[2:] == [[D.track_id]], "single mode")


async def test_while_the_resolver_is_slow_only_the_latest_is_kept(mpd, resolver):
    resolver.free.clear()
    following = prefetcher(mpd, resolver)
    async with started(following):
        await add(mpd, A)
        await eventually(lambda: resolver.asked == [[A.track_id]], "the first to be asked for")
        for track in (B, C, D):
            await add(mpd, track)
            mpd.command("move", str(int(mpd.status()["playlistlength"]) - 1), "0")
            first = track.track_id
            await eventually(lambda first=first: following._next[0] == first, "the change to be seen")
        assert len(resolver.asked) == 1
        resolver.free.set()
        await eventually(lambda: resolver.asked[1:] == [[D.track_id, C.track_id]], "the latest to be asked for")


async def test_it_goes_on_after_mpd_was_killed(mpd, resolver):
    async with started(prefetcher(mpd, resolver)):
        await add(mpd, A)
        await eventually(lambda: resolver.asked == [[A.track_id]], "the first to be asked for")
        await asyncio.to_thread(mpd.kill)
        await asyncio.to_thread(mpd.start)
        await add(mpd, B)
        await eventually(lambda: resolver.asked[-1] == [B.track_id], "the next to be asked for")
