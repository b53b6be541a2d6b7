"""Tags of the song that plays: kept with ranges, given back when a stream wipes them."""

import asyncio
import subprocess

import pytest
from support.audio_server import AudioServer
from support.tagging import FIRST, SECOND, running, tagged
from support.waiting import eventually

from mpdbridge.urls import ProxyUrls

pytestmark = [pytest.mark.mpd, pytest.mark.clients]


@pytest.fixture(scope="session")
def audio(tmp_path_factory):
    """Half a minute of quiet noise as WebM, and as MP3 with ID3 tags of its own."""
    folder = tmp_path_factory.mktemp("audio")
    noise = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "anoisesrc=d=30:a=0.01", "-metadata", "title=Embedded"]
    codecs = {"webm": "libopus", "mp3": "libmp3lame"}
    for suffix, codec in codecs.items():
        subprocess.run([*noise, "-c:a", codec, "-b:a", "64k", str(folder / f"noise.{suffix}")], check=True, timeout=60)
    return {suffix: (folder / f"noise.{suffix}").read_bytes() for suffix in codecs}


def elapsed(mpd):
    status = mpd.status()
    return float(status["elapsed"]) if status["state"] == "play" else -1.0


def add(mpd, server):
    urls = ProxyUrls.for_listener("localhost", server.port)
    for track in (FIRST, SECOND):
        mpd.command("add", urls.of(track))


async def play(mpd):
    await asyncio.to_thread(mpd.command, "play", "0")
    await eventually(lambda: elapsed(mpd) > 0.2, "MPD to play")


async def test_a_ranged_song_keeps_its_tags_while_it_plays_and_after_a_seek(mpd, store, audio):
    with AudioServer(audio["webm"], "audio/webm") as server:
        async with running(mpd, store, ProxyUrls.for_listener("localhost", server.port)):
            add(mpd, server)
            await play(mpd)
            await eventually(lambda: tagged(mpd, FIRST, SECOND), "both to be tagged")
            for position in (20.0, 5.0):
                await asyncio.to_thread(mpd.command, "seekcur", str(position))
                await eventually(lambda at=position: at < elapsed(mpd) < at + 5, f"MPD to play at {position}")
                assert tagged(mpd, FIRST, SECOND)
            await asyncio.to_thread(mpd.command, "next")
            await eventually(lambda: mpd.status().get("song") == "1" and elapsed(mpd) > 0.1, "the next song")
            assert tagged(mpd, FIRST, SECOND)


@pytest.mark.parametrize(("suffix", "title"), [("mp3", None), ("mp3", "Station - Song")])
async def test_tags_that_a_stream_wipes_come_back_while_it_plays(mpd, store, audio, suffix, title):
    with AudioServer(audio[suffix], "audio/mpeg", icy_title=title) as server:
        async with running(mpd, store, ProxyUrls.for_listener("localhost", server.port)):
            add(mpd, server)
            await eventually(lambda: tagged(mpd, FIRST, SECOND), "both to be tagged")
            await play(mpd)
            await eventually(lambda: mpd.log.count('addtagid "1" "Title"') > 1, "the title to be given once more")
            await eventually(lambda: tagged(mpd, FIRST, SECOND), "the tags to come back")
            assert "Name" not in mpd.queue()[0]


async def test_tags_wiped_while_nobody_looked_come_back(mpd, store, audio):
    with AudioServer(audio["mp3"], "audio/mpeg", icy_title="Station - Song") as server:
        add(mpd, server)
        await play(mpd)
        await eventually(lambda: mpd.queue()[0].get("Name") == ["a station"], "the stream's tags to arrive")
        assert not tagged(mpd, FIRST, SECOND)
        async with running(mpd, store, ProxyUrls.for_listener("localhost", server.port)):
            assert tagged(mpd, FIRST, SECOND)
            assert "Name" not in mpd.queue()[0]
