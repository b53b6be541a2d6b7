"""The embedded music is what the catalogue says, sounds, fits its size, and can be played and sought by a real MPD."""

import asyncio
import json
import re
import struct
import subprocess
from array import array
from collections.abc import Callable
from pathlib import Path

import pytest
from support.mpd_process import MpdProcess, null_output, wait_until
from support.upstream import Answer, FakeUpstream

import mpdbridge.catalogue as package
from mpdbridge.catalogue import DemoTrack, demo_file, demo_playlists
from mpdbridge.urls import TRACK_ID

HOME = Path(package.__file__).parent
_SEEKABLE = Answer(headers={"Accept-Ranges": "bytes"})  # with it and a Content-Length MPD pulls all of it and seeks
TRACKS = {track.file: track for playlist in demo_playlists() for track in playlist.tracks}


@pytest.fixture(params=TRACKS)
def track(request: pytest.FixtureRequest) -> DemoTrack:
    return TRACKS[request.param]


def test_three_playlists_of_about_a_dozen_short_pieces() -> None:
    assert len(demo_playlists()) == 3
    assert len(TRACKS) == 12
    assert all(20 <= track.duration <= 40 for track in TRACKS.values())


def test_names_try_out_what_names_can_be() -> None:
    names = " ".join(name for track in TRACKS.values() for name in (track.title, *track.artists))
    for script in ("[ぁ-ん]", "[ا-ي]", "[🀀-🫿]", "[äöüß]", "[øœ]"):
        assert re.search(script, names), script
    assert set("\"/'?%#()&").issubset(names)
    assert [track.title for track in TRACKS.values() if not track.artists] == ["Wiegenlied für einen Leuchtturm"]
    assert max(len(track.artists) for track in TRACKS.values()) == 3


def test_one_piece_stands_in_two_playlists() -> None:
    everywhere = [track.file for playlist in demo_playlists() for track in playlist.tracks]
    assert len(everywhere) == len(TRACKS) + 1


def test_ids_are_track_ids_and_cannot_be_taken_for_youtube_s(track: DemoTrack) -> None:
    assert TRACK_ID.fullmatch(track.track_id)
    assert len(track.track_id) > 11


def test_only_listed_names_lead_to_a_file() -> None:
    for name in ("catalogue.json", "../__init__.py", "/etc/passwd", "", "music/demo-fjord-at-five.m4a"):
        with pytest.raises(KeyError):
            demo_file(name)


def test_every_file_is_listed_and_all_of_it_is_under_three_megabytes() -> None:
    files = {path.name for folder in ("music", "covers") for path in (HOME / folder).iterdir()}
    assert files == {*TRACKS, *(track.cover for track in TRACKS.values())}
    assert sum(demo_file(name).stat().st_size for name in files) < 3_000_000


@pytest.mark.clients
def test_each_piece_decodes_to_its_length_neither_silent_nor_clipped(track: DemoTrack) -> None:
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-i",
        demo_file(track.file),
        "-f",
        "s16le",
        "-ar",
        "48000",
        "-ac",
        "2",
        "pipe:1",
    ]
    done = subprocess.run(command, check=True, capture_output=True)
    assert not done.stderr
    samples = array("h", done.stdout)
    assert len(samples) / 2 / 48_000 == pytest.approx(track.duration, abs=0.06)
    assert max(samples) < 32_767
    assert min(samples) > -32_768
    seconds = [samples[i : i + 96_000] for i in range(0, len(samples) - 96_000, 96_000)]
    loudness = [(sum(x * x for x in second[::16]) / len(second[::16])) ** 0.5 / 32_768 for second in seconds]
    assert min(loudness[:-2]) > 0.003  # about -50 dBFS: music in every second until it dies away
    assert 0.05 < sum(loudness) / len(loudness) < 0.3
    assert samples[0:48_000:2] != samples[1:48_000:2], "both channels are the same"


@pytest.mark.clients
def test_the_containers_are_those_of_youtube(track: DemoTrack) -> None:
    command = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,channels:format=format_name,duration"]
    found = json.loads(
        subprocess.run([*command, "-of", "json", demo_file(track.file)], check=True, capture_output=True).stdout
    )
    codec, container = {"webm": ("opus", "webm"), "m4a": ("aac", "mp4")}[track.file.rpartition(".")[2]]
    assert found["streams"] == [{"codec_name": codec, "channels": 2}]
    assert container in found["format"]["format_name"]
    assert float(found["format"]["duration"]) == pytest.approx(track.duration, abs=0.001)


def test_the_index_for_seeking_stands_before_the_music(track: DemoTrack) -> None:
    data = demo_file(track.file).read_bytes()
    if track.file.endswith(".webm"):
        cues, cluster = bytes.fromhex("1c53bb6b"), bytes.fromhex("1f43b675")  # EBML ids of Matroska
        assert data.index(cues) < data.index(cluster)
    else:
        kinds, at = [], 0
        while at < len(data):  # ISO 14496-12: a box is its size, its type, its content
            size, kind = struct.unpack_from(">I4s", data, at)
            kinds.append(kind)
            at += size
        assert kinds[:5] == [b"ftyp", b"moov", b"sidx", b"moof", b"mdat"]
        assert kinds.count(b"moof") >= 4


def test_covers_are_small_pictures(track: DemoTrack) -> None:
    data = demo_file(track.cover).read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n" if track.cover.endswith(".png") else b"\xff\xd8\xff")
    assert len(data) < 40_000


@pytest.mark.mpd
@pytest.mark.parametrize("name", ["demo-leuchtturm.webm", "demo-fjord-at-five.m4a"])
async def test_mpd_knows_the_length_and_seeks_both_ways_over_http(
    start_mpd: Callable[..., MpdProcess], name: str
) -> None:
    kind = "audio/webm" if name.endswith("webm") else "audio/mp4"
    async with FakeUpstream() as server:
        server.default = _SEEKABLE
        url = server.add(name, demo_file(name).read_bytes(), kind)
        await asyncio.to_thread(_play_and_seek, start_mpd(), url, TRACKS[name].duration)


def _play_and_seek(mpd: MpdProcess, url: str, duration: float) -> None:
    mpd.command("add", url)
    mpd.command("play")
    wait_until(lambda: float(mpd.status().get("elapsed", 0)) > 0.1, "the piece to play")
    assert float(mpd.status()["duration"]) == pytest.approx(duration, abs=0.1)
    for target in (20.0, 5.0, 15.0):
        mpd.command("seekcur", str(target))
        wait_until(lambda: abs(float(mpd.status()["elapsed"]) - target) < 1, f"the seek to {target}")  # noqa: B023
        assert mpd.status()["state"] == "play"
    assert "error" not in mpd.status()


@pytest.mark.mpd
@pytest.mark.parametrize("name", ["demo-leuchtturm.webm", "demo-fjord-at-five.m4a"])
async def test_mpd_plays_a_piece_to_its_end(start_mpd: Callable[..., MpdProcess], name: str) -> None:
    async with FakeUpstream() as server:
        server.default = _SEEKABLE
        url = server.add(name, demo_file(name).read_bytes(), "audio/webm" if name.endswith("webm") else "audio/mp4")
        mpd = start_mpd(outputs=[null_output(realtime=False)])
        await asyncio.to_thread(_play_through, mpd, url)


def _play_through(mpd: MpdProcess, url: str) -> None:
    mpd.command("add", url)
    mpd.command("play")
    wait_until(lambda: mpd.status()["state"] == "stop", "the end of the piece")
    assert "error" not in mpd.status()
    assert "playtime" in dict(mpd.command("stats"))
