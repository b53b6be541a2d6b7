"""One entry gives way to others, on a real mpd."""

import asyncio
import time

import pytest
from support.audio_server import AudioServer, silence
from support.killing import Fuse, Killed
from support.no_way_out import NoWayOut
from support.tagging import FIRST, SECOND, address, numbered, tags
from support.waiting import eventually

from mpdbridge.errors import MpdRefusedError
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.replacing import exchange_entry, replace_entry
from mpdbridge.mpd.tag_diff import desired_tags
from mpdbridge.urls import ProxyUrls

pytestmark = pytest.mark.mpd
OLD = "http://127.0.0.1:1/old"


@pytest.fixture
def old(mpd, urls):
    """The song id of an entry between two others."""
    mpd.command("add", f"{urls.base}/before")
    song_id = dict(mpd.command("addid", OLD))["Id"]
    mpd.command("add", f"{urls.base}/after")
    return song_id


def files(mpd):
    return [entry["file"][0].rpartition("/")[2] for entry in mpd.queue()]


async def replace(connection, song_id, urls, *tracks, **more):
    return await replace_entry(connection, song_id, [urls.of(track) for track in tracks], tracks=tracks, **more)


async def exchange(connection, song_id, urls, track):
    await exchange_entry(connection, song_id, urls.of(track), track)


async def test_several_take_the_place_of_one_tagged_and_in_order(mpd, connection, urls, old) -> None:
    new = await replace(connection, old, urls, FIRST, SECOND)
    queue = mpd.queue()
    assert [entry["Id"][0] for entry in queue[1:3]] == new
    assert [tags(entry) for entry in queue] == [{}, desired_tags(FIRST), desired_tags(SECOND), {}]
    assert mpd.status()["state"] == "stop"


async def test_the_priority_is_handed_on(mpd, connection, urls, old) -> None:
    mpd.command("prioid", "42", old)
    await replace(connection, old, urls, FIRST, SECOND)
    assert [entry.get("Prio") for entry in mpd.queue()] == [None, ["42"], ["42"], None]


async def test_what_plays_beside_it_plays_on(mpd, connection, urls, old) -> None:
    await asyncio.to_thread(mpd.command, "play", "0")
    await eventually(lambda: float(mpd.status().get("elapsed", 0)) > 0.1, "MPD to play")
    await replace(connection, old, urls, FIRST)
    status = mpd.status()
    assert (status["state"], status["song"], status["nextsong"]) == ("play", "0", "1")
    assert float(status["elapsed"]) > 0.1


@pytest.mark.parametrize("way", [replace, exchange])
async def test_where_mpd_stands_while_stopped_it_stands_afterwards(mpd, connection, way) -> None:
    """As it does after it has failed with the only entry."""
    old = dict(mpd.command("addid", OLD))["Id"]
    mpd.try_to_play("playid", old)
    await eventually(lambda: "error" in mpd.status(), "MPD to fail")
    assert mpd.status()["song"] == "0"
    with AudioServer(silence(60), "audio/wav") as server:
        await way(connection, old, ProxyUrls.for_listener("127.0.0.1", server.port), FIRST)
        status = mpd.status()
        assert (status["state"], status["song"]) == ("stop", "0")


@pytest.mark.parametrize("seconds", [0, 1])
async def test_one_that_is_being_fetched_gives_the_playing_on(start_mpd, seconds) -> None:
    """And MPD neither waits for the old one nor for the new one."""
    with NoWayOut(seconds=5) as way, AudioServer(silence(60), "audio/wav", delay=seconds) as server:
        mpd, urls = start_mpd(https_proxy=way.port), ProxyUrls.for_listener("127.0.0.1", server.port)
        old = dict(mpd.command("addid", "https://old.example/"))["Id"]
        with mpd.watch("player") as watcher:
            mpd.try_to_play("playid", old)
            await eventually(lambda: way.asked, "the old one to be asked for")
            watcher.changed()
            async with MpdConnection(address(mpd)) as connection:
                begun = time.monotonic()
                await replace(connection, old, urls, FIRST, SECOND)
                assert time.monotonic() < begun + 0.5
            watcher.wait()
            assert (mpd.status()["state"], mpd.status()["song"]) == ("play", "0")
            await eventually(lambda: "audio" in mpd.status(), "the new one to sound")
            assert mpd.status()["song"] == "0"


@pytest.mark.parametrize("way", [replace, exchange])
async def test_one_that_has_gone_is_refused_and_nothing_is_added(mpd, connection, urls, old, way) -> None:
    mpd.command("deleteid", old)
    with pytest.raises(MpdRefusedError) as refusal:
        await way(connection, old, urls, FIRST)
    assert refusal.value.code == 50
    assert files(mpd) == ["before", "after"]


async def test_a_full_queue_stays_as_it_is(start_mpd, urls) -> None:
    mpd = start_mpd(max_playlist_length=5)
    twin = urls.of(numbered(1)[0])
    for uri in (f"{urls.base}/before", OLD, twin):
        mpd.command("add", uri)
    before = mpd.queue()
    async with MpdConnection(address(mpd)) as connection:
        with pytest.raises(MpdRefusedError, match="max_playlist_length"):
            await replace(connection, before[1]["Id"][0], urls, *numbered(4))
    assert [entry["Id"] for entry in mpd.queue()] == [entry["Id"] for entry in before]


async def test_who_is_killed_while_it_exchanges_an_entry_leaves_none_twice_and_none_less(
    mpd, connection, urls, old
) -> None:
    mpd.command("prioid", "42", old)
    new, found = urls.of(FIRST).rpartition("/")[2], []
    for calls in range(3):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(connection, "command_list", Fuse(calls).wrap(connection.command_list))
            with pytest.raises(Killed):
                await exchange(connection, old, urls, FIRST)
        found.append([(one, entry.get("Prio")) for one, entry in zip(files(mpd), mpd.queue(), strict=True)])
    before, after = ("before", None), ("after", None)
    assert found == [*[[before, ("old", ["42"]), after]] * 2, [before, (new, ["42"]), after]]


async def test_an_entry_is_exchanged_with_its_tags(mpd, connection, urls, old) -> None:
    await exchange(connection, old, urls, FIRST)
    assert [tags(entry) for entry in mpd.queue()] == [{}, desired_tags(FIRST), {}]
