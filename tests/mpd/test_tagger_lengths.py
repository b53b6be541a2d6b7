"""Lengths in the queue before anything was played, on a real mpd; the song that plays is left alone."""

import asyncio
from dataclasses import replace

import pytest
from support.audio_server import AudioServer, silence
from support.mpd_process import wait_until
from support.tagging import FIRST, FOREIGN, SECOND, URLS, numbered, running, tagged
from support.waiting import eventually

from mpdbridge.catalogue import demo_file, demo_playlists
from mpdbridge.models import Stream
from mpdbridge.mpd import tagger as module
from mpdbridge.mpd.lengths import end_for
from mpdbridge.store import AsyncStore, TrackStore
from mpdbridge.urls import ProxyUrls

pytestmark = pytest.mark.mpd
LONG, LONGER = replace(FIRST, duration=20.0), replace(SECOND, duration=187.4)
UNKNOWN = replace(FIRST, track_id="ccccccccccc")


@pytest.fixture
async def store():
    async with AsyncStore.open(":memory:") as opened:
        await opened.run(TrackStore.upsert_tracks, [LONG, LONGER, UNKNOWN])
        yield opened


@pytest.fixture
def served():
    """Twenty seconds of silence, and the URLs under which a tagger knows it."""
    with AudioServer(silence(20), "audio/wav") as server:
        yield ProxyUrls.for_listener("localhost", server.server_address[1])


def ends(mpd):
    """The end of every entry's range, as MPD reports it; None for one without."""
    return [entry.get("Range", ["-"])[0].partition("-")[2] or None for entry in mpd.queue()]


def add(mpd, *tracks, urls=URLS):
    return [mpd.values("addid", urls.of(track))[0] for track in tracks]


def play(mpd, position="0"):
    mpd.command("play", position)
    wait_until(lambda: mpd.status()["state"] == "play" and float(mpd.status().get("elapsed", 0)) > 0.1, "sound", 10)


async def learn(store, track, seconds):
    """What a resolver does when it finds a stream."""
    await store.run(TrackStore.save_stream, track.track_id, Stream("http://x/", resolved_at=1.0, duration=seconds))


async def test_known_lengths_are_shown_and_unknown_ones_are_not(mpd, store):
    add(mpd, LONG, LONGER, UNKNOWN)
    mpd.command("add", FOREIGN)
    async with running(mpd, store):
        assert ends(mpd) == ["20.990", "187.740", None, None]
        assert [entry.get("duration") for entry in mpd.queue()] == [["20.990"], ["187.740"], None, None]
        assert mpd.mpc("--format=%time%", "playlist").split() == ["0:21", "3:08"]


async def test_what_is_right_is_not_touched_after_a_restart_of_either(start_mpd, store):
    mpd = start_mpd(state=True)
    add(mpd, LONG, LONGER)
    async with running(mpd, store):
        assert ends(mpd) == ["20.990", "187.740"]
    mpd.restart()
    version = mpd.status()["playlist"]
    async with running(mpd, store):
        assert tagged(mpd, LONG, LONGER)
        assert mpd.status()["playlist"] == version
        assert ends(mpd) == ["20.990", "187.740"]


async def test_a_users_own_range_stays(mpd, store):
    first, second, third = add(mpd, LONG, LONG, LONG)
    mpd.command("rangeid", first, "0:12")
    mpd.command("rangeid", second, "5:")
    async with running(mpd, store):
        assert ends(mpd) == ["12.000", None, "20.990"]
        mpd.command("rangeid", third, "3:9")
        add(mpd, LONGER)
        await eventually(lambda: ends(mpd) == ["12.000", None, "9.000", "187.740"], "the new one to be told")


async def test_an_entry_of_known_length_is_asked_for_nothing(mpd, store):
    (mpd.playlist_directory / "timed.m3u").write_text(f"#EXTM3U\n#EXTINF:15,x\n{URLS.of(LONG)}\n")
    mpd.command("load", "timed")
    async with running(mpd, store):
        assert tagged(mpd, LONG)
        assert ends(mpd) == [None]
        assert "rangeid" not in mpd.log


async def test_switched_off_no_length_is_told(mpd, store):
    add(mpd, LONG)
    async with running(mpd, store, durations=False):
        assert tagged(mpd, LONG)
        assert ends(mpd) == [None]


async def test_an_mpd_that_forbids_ranges_gets_tags_alone(mpd, store, monkeypatch):
    async def not_ranges(_connection, *names):
        return "rangeid" not in names

    monkeypatch.setattr(module.MpdConnection, "permits", not_ranges)
    add(mpd, LONG)
    async with running(mpd, store):
        assert tagged(mpd, LONG)
        assert ends(mpd) == [None]


async def test_a_resolved_track_is_told_if_that_matters_and_its_new_tags_as_well(mpd, store):
    add(mpd, LONG, UNKNOWN, LONGER, UNKNOWN)
    async with running(mpd, store) as tagger:
        await learn(store, UNKNOWN, 61.7)
        await store.run(TrackStore.upsert_tracks, [replace(UNKNOWN, album="From its page")])
        await learn(store, LONG, 20.4)
        await learn(store, LONGER, 240.1)
        for track in (UNKNOWN, LONG, LONGER):
            tagger.resolved(track.track_id)
        await eventually(lambda: ends(mpd) == ["20.990", "61.990", "240.490", "61.990"], "the lengths")
        assert [mpd.queue()[each]["Album"] for each in (1, 3)] == [["From its page"]] * 2
    assert mpd.log.count('rangeid "1"') == 1


async def test_the_song_that_plays_is_told_when_it_plays_no_more(mpd, store, served):
    add(mpd, LONG, LONG, LONG, urls=served)
    await asyncio.to_thread(play, mpd)
    async with running(mpd, store, served):
        assert ends(mpd) == [None, "20.990", "20.990"]
        await asyncio.to_thread(mpd.command, "pause", "1")
        assert mpd.status()["duration"] == "20.000"
        await asyncio.to_thread(play, mpd, "1")
        await eventually(lambda: ends(mpd) == ["20.990"] * 3, "the first to be told")
    assert "Cannot edit" not in mpd.log


@pytest.mark.parametrize("begun", [1, 3, 5])
async def test_a_song_that_begins_to_play_between_reading_and_telling_costs_nothing_else(
    mpd, store, served, monkeypatch, begun
):
    """MPD carries out nothing behind a refused command."""
    tracks = numbered(5)
    await store.run(TrackStore.upsert_tracks, [replace(track, duration=20.0) for track in tracks])
    add(mpd, *tracks, urls=served)
    carry_out, late = module._carry_out, []

    async def played_before(connection, commands, span):
        if commands and not late:
            late.append(begun)
            await asyncio.to_thread(play, mpd, str(begun - 1))
        return await carry_out(connection, commands, span)

    monkeypatch.setattr(module, "_carry_out", played_before)
    async with running(mpd, store, served) as tagger:
        await eventually(lambda: tagged(mpd, *tracks), "all to be tagged")
        expected = ["20.990"] * 5
        assert ends(mpd) == [*expected[: begun - 1], None, *expected[begun:]]
        await asyncio.to_thread(mpd.command, "stop")
        await eventually(lambda: ends(mpd) == expected, "the one that played to be told")
        assert tagger.state == "attached"


@pytest.mark.parametrize("suffix", ["webm", "m4a"])
async def test_told_lengths_let_every_song_play_to_its_end_and_be_sought(mpd, store, suffix):
    piece = next(each for playlist in demo_playlists() for each in playlist.tracks if each.file.endswith(suffix))
    song = replace(LONG, duration=piece.duration)
    await store.run(TrackStore.upsert_tracks, [song])
    with AudioServer(demo_file(piece.file).read_bytes(), f"audio/{suffix.replace('m4a', 'mp4')}") as server:
        served = ProxyUrls.for_listener("localhost", server.server_address[1])
        add(mpd, song, song, urls=served)
        async with running(mpd, store, served):
            assert [float(end) for end in ends(mpd)] == [pytest.approx(end_for(song.duration))] * 2
            await asyncio.to_thread(play, mpd)
            assert float(mpd.status()["duration"]) == pytest.approx(song.duration, abs=0.05), "the real length"
            await asyncio.to_thread(mpd.command, "seekcur", "4")
            await eventually(lambda: 4 < float(mpd.status()["elapsed"]) < 7, "a seek")
            await asyncio.to_thread(mpd.command, "seekcur", str(song.duration - 1))
            await eventually(lambda: mpd.status().get("song") == "1", "the next song", 5)
            assert mpd.status()["state"] == "play"
            assert "error" not in mpd.status()
