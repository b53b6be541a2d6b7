"""Songs of library mode in the queue: known as ours, tagged exactly, and looked up ahead."""

import asyncio
from dataclasses import replace

import pytest
from support.audio_server import AudioServer, silence
from support.library import FOLDER, update
from support.tagging import FIRST, SECOND, address, running, tagged
from support.waiting import eventually

from mpdbridge import cue
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.library_plan import sheet_of
from mpdbridge.mpd.queue import upcoming
from mpdbridge.store import AsyncStore, TrackStore
from mpdbridge.urls import TrackUris, sheet_name, song_uri

pytestmark = pytest.mark.mpd

QUOTED = replace(FIRST, title='"Heroes"', duration=30.0)
TRACKS = (QUOTED, replace(SECOND, track_number=1))


def uris_at(port: int) -> TrackUris:
    return TrackUris(f"http://127.0.0.1:{port}", (), (FOLDER,))


@pytest.fixture
async def store():
    async with AsyncStore.open(":memory:") as opened:
        await opened.run(TrackStore.upsert_tracks, TRACKS)
        yield opened


def queue(mpd, uris: TrackUris) -> None:
    """Makes the tracks songs of the database, and puts them into the queue as a user does."""
    for track in TRACKS:
        path = mpd.music_directory / FOLDER / sheet_name("x", track.track_id)
        path.parent.mkdir(exist_ok=True)
        path.write_text(cue.render(sheet_of(track, uris)))
    update(mpd)
    for track in TRACKS:
        mpd.command("findadd", "file", song_uri(FOLDER, sheet_name("x", track.track_id)))


async def test_a_song_is_looked_up_ahead(mpd) -> None:
    uris = uris_at(1)
    queue(mpd, uris)
    async with MpdConnection(address(mpd)) as connection:
        assert await upcoming(connection, uris, 3) == [track.track_id for track in TRACKS]


async def test_what_a_sheet_cannot_hold_is_right_in_the_queue(mpd, store) -> None:
    queue(mpd, uris_at(1))
    assert mpd.queue()[0]["Title"] == ["“Heroes”"]
    async with running(mpd, store, uris_at(1)):
        await eventually(lambda: tagged(mpd, *TRACKS), "the exact title")
        assert mpd.mpc("find", "title", "“Heroes”"), "the database is as it was"


@pytest.mark.parametrize("title", [None, "Station - Song"])
async def test_a_song_plays_through_the_relay_and_keeps_its_tags_even_if_a_stream_wipes_them(mpd, store, title) -> None:
    with AudioServer(silence(30), "audio/wav", icy_title=title) as relay:
        uris = uris_at(relay.port)
        queue(mpd, uris)
        async with running(mpd, store, uris):
            await asyncio.to_thread(mpd.command, "play", "0")
            await eventually(lambda: float(mpd.status().get("elapsed", 0)) > 0.2, "MPD to play")
            await eventually(lambda: tagged(mpd, *TRACKS), "the tags")
            assert relay.paths[0] == f"/proxy/{QUOTED.track_id}"
