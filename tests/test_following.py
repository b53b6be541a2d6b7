"""What the whole bridge does with the queue of a real mpd, beside a YouTube Music and websites of our own."""

import asyncio
import json
import os
import signal
import time
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from support.audio_server import silence
from support.innertube import BROWSER_HEADERS, FakePlaylist
from support.innertube_answers import Song
from support.mpd_process import free_port
from support.no_way_out import NoWayOut
from support.upstream import FakeUpstream

from mpdbridge.config import Settings
from mpdbridge.daemon import run_watch
from mpdbridge.models import Stream, Track
from mpdbridge.relay.health import ask_health
from mpdbridge.store import AsyncStore, TrackStore

pytestmark = pytest.mark.mpd
COVER = "http://127.0.0.1:1/cover"
JOGA = Song(video_id="oLtmHdXKIYE", title="Jóga", artists=("Björk",), album="Homogenic", picture=COVER)
LIST = "https://music.youtube.com/playlist?list=PLfakefakefake"


@pytest.fixture
def pages():
    with NoWayOut(seconds=0.2) as way:
        yield way


@pytest.fixture
def mpd(start_mpd, pages):
    return start_mpd(https_proxy=pages.port)


@asynccontextmanager
async def bridge(folder, mpd, *, login=None, **watch):
    """`mpdbridge watch` without sync; gives the base of its URLs."""
    settings = Settings.model_validate({
        "mpd": {"host": str(mpd.socket)},
        "proxy": {"port": free_port(), "track_mapping_db": str(folder / "t.db")},
        "watch": watch,
        "resolver": {"prefetch": 0},
        "sources": {"ytmusic": {"auth_file": login and str(login)}},
    })  # fmt: skip
    async with asyncio.timeout(40), asyncio.TaskGroup() as group:
        running = group.create_task(run_watch(settings, sync=False))
        while not await answers(settings.proxy.urls.base):
            assert not running.done()
            await asyncio.sleep(0.02)
        yield settings.proxy.urls.base
        os.kill(os.getpid(), signal.SIGINT)
        await running


async def answers(base):
    try:
        return await ask_health(base)
    except ConnectionRefusedError:
        return None


async def know(folder, audio, songs, seconds=60):
    """Streams of songs, which nobody who runs this shall ask YouTube for."""
    stream = Stream(
        audio.add("song", silence(seconds, rate=192000 if seconds < 10 else 8000), "audio/wav"),
        time.time(),
        content_type="audio/wav",
    )
    async with AsyncStore.open(folder / "t.db") as store:
        await store.run(TrackStore.upsert_tracks, [Track(video_id, "") for video_id in songs])
        for video_id in songs:
            await store.run(TrackStore.save_stream, video_id, stream)


async def becomes(condition, what, limit=10.0):
    """As `eventually`, in a thread: MPD may be waiting for our relay, which must not wait for the test then."""
    try:
        async with asyncio.timeout(limit):
            while not await asyncio.to_thread(condition):  # noqa: ASYNC110  # the condition has no event
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"waited {limit} s for: {what}") from None


def shown(mpd):
    """What a client shows of each entry."""
    return [(*entry.get("Artist", [""]), *entry.get("Title", entry["file"])) for entry in mpd.queue()]


async def test_a_link_from_youtube_plays_tagged_in_the_place_where_it_was_put(tmp_path, mpd, tube) -> None:
    tube.songs[JOGA.video_id] = JOGA
    async with FakeUpstream() as audio:
        await know(tmp_path, audio, tube.songs)
        async with bridge(tmp_path, mpd):
            mpd.command("add", "http://127.0.0.1:1/radio")
            song_id = dict(mpd.command("addid", "https://youtu.be/oLtmHdXKIYE?si=x", "0"))["Id"]
            mpd.try_to_play("playid", song_id)
            await becomes(lambda: shown(mpd)[0] == ("Björk", "Jóga"), "the entry to be tagged", limit=3)
            await becomes(lambda: "audio" in mpd.status(), "it to sound")
            status = await asyncio.to_thread(mpd.status)
            assert (status["state"], status["song"]) == ("play", "0")
            assert (await asyncio.to_thread(shown, mpd))[1] == ("", "http://127.0.0.1:1/radio")


async def test_the_links_of_a_playlist_become_its_tracks_and_a_dead_one_is_told(tmp_path, mpd, tube) -> None:
    songs = [Song(video_id=f"song-{number:06}", title=f"Title {number}", picture=COVER) for number in range(3)]
    tube.playlists["PLfakefakefake"] = FakePlaylist("A list", songs)
    async with bridge(tmp_path, mpd) as base:
        mpd.mpc("add", "https://music.youtube.com/watch?v=not-a-video", LIST)
        wanted = [("", "https://music.youtube.com/watch?v=not-a-video")]
        wanted += [("Somebody", song.title) for song in songs]
        await becomes(lambda: shown(mpd) == wanted, "the tracks")
        health = await ask_health(base)
        assert health["links"]["replaced"] == 1
        assert "This video is unavailable" in health["links"]["failed"][wanted[0][1]]


async def test_pages_of_other_sites_play_too_if_that_is_wanted(tmp_path, mpd, site) -> None:
    radio, page = site.url("late-tone.mp3"), site.url("one.html")
    async with bridge(tmp_path, mpd, links="all"):
        for uri in (radio, page, site.url("nothing.html")):
            mpd.command("add", uri)
        await becomes(lambda: shown(mpd)[1] == ("", "One song"), "the page to give way")
        await asyncio.to_thread(mpd.command, "play", "1")
        await becomes(lambda: site.hits["/tone.mp3"], "its audio to be asked for")
        assert [name for _, name in await asyncio.to_thread(shown, mpd)] == [
            radio,
            "One song",
            site.url("nothing.html"),
        ]


async def test_no_link_gives_way_when_that_is_not_wanted(tmp_path, mpd) -> None:
    async with bridge(tmp_path, mpd, links="none") as base:
        mpd.command("add", LIST)
        await asyncio.sleep(0.5)
        assert shown(mpd) == [("", LIST)]
        assert (await ask_health(base)).get("links") is None


async def test_a_queue_of_youtubes_goes_on_with_what_is_like_it_if_that_is_wanted(tmp_path, mpd, tube) -> None:
    tube.songs = {JOGA.video_id: JOGA} | {
        f"song-{number:06}": Song(video_id=f"song-{number:06}", title=f"Title {number}", picture=COVER)
        for number in range(12)
    }
    async with FakeUpstream() as audio:
        await know(tmp_path, audio, tube.songs)
        async with bridge(tmp_path, mpd, autoplay="radio"):
            mpd.mpc("add", "https://youtu.be/oLtmHdXKIYE")
            await becomes(lambda: shown(mpd) == [("Björk", "Jóga")], "the track")
            await asyncio.to_thread(mpd.command, "play")
            wanted = [("Björk", "Jóga"), *(("Somebody", f"Title {number}") for number in range(10))]
            await becomes(lambda: shown(mpd) == wanted, "ten more")


async def test_what_is_played_is_told_to_the_account_if_that_is_wanted(tmp_path, mpd, tube) -> None:
    tube.songs[JOGA.video_id] = replace(JOGA, length="0:04")
    login = tmp_path / "browser.json"
    login.write_text(json.dumps(BROWSER_HEADERS))
    login.chmod(0o600)
    async with FakeUpstream() as audio:
        await know(tmp_path, audio, tube.songs, seconds=4)
        async with bridge(tmp_path, mpd, login=login, history=True) as base:
            mpd.mpc("add", "https://youtu.be/oLtmHdXKIYE")
            await becomes(lambda: shown(mpd) == [("Björk", "Jóga")], "the track")
            await asyncio.to_thread(mpd.command, "play")
            await becomes(lambda: tube.history == [JOGA.video_id], "the play")
            assert (await ask_health(base))["history"]["problem"] == ""
