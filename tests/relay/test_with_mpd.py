"""A real MPD plays through the relay: the samples are the source's, seeks land, tags stay."""

import asyncio
import shutil
import subprocess
import time
from dataclasses import replace

import pytest
from support.mpd_client import Ack
from support.mpd_process import MpdProcess, recorder_output, wait_until
from support.pictures import noise
from support.pieces import PIECES, play_to_the_end
from support.relay_bench import ID, QUICK, Bench
from support.upstream import Answer

from mpdbridge.catalogue import DemoTrack, demo_file
from mpdbridge.models import Track
from mpdbridge.mpd.lengths import end_for
from mpdbridge.relay.server import ICYProxyServer

pytestmark = pytest.mark.mpd

TYPES = {"webm": "audio/webm", "m4a": "audio/mp4"}
TRACK = Track(ID, "Überm Fluß", ("Café Größe",))
TAGS = {"Artist": ["Café Größe"], "Title": ["Überm Fluß"], "Album": ["Morgenlicht"], "Track": ["1"]}


@pytest.fixture(params=TYPES)
def piece(request) -> DemoTrack:
    return PIECES[request.param]


async def relay_for(bench: Bench, piece: DemoTrack, *, tagged: bool = True) -> tuple[ICYProxyServer, str]:
    path = demo_file(piece.file)
    await bench.put(path.read_bytes(), TYPES[path.suffix[1:]], TRACK)
    relay = await bench.start({"tagged": lambda _: tagged})
    return relay, relay.urls.of(TRACK)


def add_tagged(mpd: MpdProcess, uri: str) -> None:
    song = mpd.values("addid", uri)[0]
    for tag, values in TAGS.items():
        mpd.command("addtagid", song, tag, values[0])


def tags_of(mpd: MpdProcess) -> dict[str, list[str]]:
    entry = mpd.queue()[0]
    return {tag: entry[tag] for tag in TAGS if tag in entry}


def elapsed(mpd: MpdProcess) -> float:
    return float(mpd.status().get("elapsed", -1))


def play_and_seek(mpd: MpdProcess, uri: str, duration: float) -> None:
    """Forwards, backwards, forwards again; the tags and the sound survive each."""
    add_tagged(mpd, uri)
    mpd.command("play")
    wait_until(lambda: elapsed(mpd) > 0.3, "the sound to start")
    assert tags_of(mpd) == TAGS
    assert float(mpd.status()["duration"]) == pytest.approx(duration, abs=0.2)
    for target in (15.0, 4.0, 18.0):
        seek(mpd, target)
        assert tags_of(mpd) == TAGS
    assert "error" not in mpd.status()


def seek(mpd: MpdProcess, target: float) -> None:
    mpd.command("seekcur", str(target))
    wait_until(lambda: mpd.status()["state"] == "play" and elapsed(mpd) >= target, f"a seek to {target} s", 5)
    here = elapsed(mpd)
    assert here < target + 2
    wait_until(lambda: elapsed(mpd) > here + 0.3, f"the sound to go on at {target} s", 5)


@pytest.mark.parametrize("tagged", [True, False], ids=["ranges", "titles"])
async def test_mpd_decodes_the_very_samples_of_the_source(bench, start_mpd, tmp_path, piece, tagged) -> None:
    recording = tmp_path / "recording.wav"
    mpd = await asyncio.to_thread(start_mpd, outputs=[recorder_output(recording)])
    shutil.copy(demo_file(piece.file), mpd.music_directory)
    await asyncio.to_thread(mpd.mpc, "--wait", "update")
    expected = await asyncio.to_thread(play_to_the_end, mpd, piece.file, recording)
    _, uri = await relay_for(bench, piece, tagged=tagged)
    assert await asyncio.to_thread(play_to_the_end, mpd, uri, recording) == expected
    assert len(expected) > 44_100 * 4 * (piece.duration - 1)


async def test_a_told_length_takes_no_sample_and_adds_none(bench, start_mpd, tmp_path, piece) -> None:
    """Two songs in a row, once as they are and once with the ranges that tell their lengths."""
    recording = tmp_path / "recording.wav"
    mpd = await asyncio.to_thread(start_mpd, outputs=[recorder_output(recording)])
    _, uri = await relay_for(bench, piece)

    def play_both(end: float | None) -> bytes:
        mpd.command("clear")
        for _ in range(2):
            song = mpd.values("addid", uri)[0]
            if end is not None:
                mpd.command("rangeid", song, f"0:{end:.2f}")
        mpd.command("play")
        wait_until(lambda: mpd.status()["state"] == "stop", "both to end", 90)
        return recording.read_bytes()

    plain = await asyncio.to_thread(play_both, None)
    for length in (piece.duration, round(piece.duration)):
        assert await asyncio.to_thread(play_both, end_for(float(length))) == plain


async def test_mpd_plays_an_m4a_that_is_not_in_fragments(bench, start_mpd, tmp_path) -> None:
    """It looks for more behind the last byte; longer than what MPD keeps in memory, so that it has to ask for it."""
    recording, file = tmp_path / "recording.wav", tmp_path / "noise.m4a"
    noise = ["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "anoisesrc=d=40:a=0.3:r=44100", "-ac", "2"]
    encode = [*noise, "-c:a", "aac", "-b:a", "256k", "-movflags", "+faststart", str(file)]
    await asyncio.to_thread(subprocess.run, encode, check=True)
    mpd = await asyncio.to_thread(start_mpd, outputs=[recorder_output(recording)])
    shutil.copy(file, mpd.music_directory)
    await asyncio.to_thread(mpd.mpc, "--wait", "update")
    expected = await asyncio.to_thread(play_to_the_end, mpd, file.name, recording)
    await bench.put(file.read_bytes(), "audio/mp4", TRACK)
    relay = await bench.start({"tagged": lambda _: True})
    assert await asyncio.to_thread(play_to_the_end, mpd, relay.urls.of(TRACK), recording) == expected


async def test_tags_stay_and_seeks_land_both_ways(bench, mpd, piece) -> None:
    relay, uri = await relay_for(bench, piece)
    await asyncio.to_thread(play_and_seek, mpd, uri, piece.duration)
    assert relay.port


async def test_an_mpd_without_a_tagger_shows_the_stream_title(bench, mpd, piece) -> None:
    _, uri = await relay_for(bench, piece, tagged=False)

    def play() -> None:
        mpd.command("add", uri)
        mpd.command("play")
        wait_until(lambda: mpd.queue()[0].get("Title") == ["Café Größe - Überm Fluß"], "the title to come")
        assert mpd.queue()[0]["Name"] == ["Café Größe - Überm Fluß"]

    await asyncio.to_thread(play)


async def test_a_stream_cut_short_leaves_mpd_answering_and_ready(bench, mpd, piece) -> None:
    """MPD 0.23.12 hangs for good when a body with a Content-Length ends early; ours has none for it."""
    _, uri = await relay_for(bench, piece)

    def play() -> None:
        bench.upstream.default = Answer(stall_after=30_000)
        add_tagged(mpd, uri)
        mpd.command("play")
        wait_until(lambda: elapsed(mpd) > 0, "the sound to start")
        bench.upstream.default = Answer(status=500)
        wait_until(lambda: mpd.status()["state"] == "stop", "MPD to play what came", 20)
        bench.upstream.default = Answer()
        mpd.command("play")
        wait_until(lambda: elapsed(mpd) > 0.3, "the sound to start again")
        assert tags_of(mpd) == TAGS

    await asyncio.to_thread(play)


async def test_mpd_plays_through_a_transfer_that_breaks(bench, start_mpd, tmp_path, piece) -> None:
    recording = tmp_path / "recording.wav"
    mpd = await asyncio.to_thread(start_mpd, outputs=[recorder_output(recording)])
    _, uri = await relay_for(bench, piece)
    expected = await asyncio.to_thread(play_to_the_end, mpd, uri, recording)
    bench.upstream.revoke()
    bench.upstream.script.extend([Answer(status=403), Answer(reset_after=50_000), Answer(stop_after=70_000)])
    assert await asyncio.to_thread(play_to_the_end, mpd, uri, recording) == expected


def albumart(mpd: MpdProcess, uri: str) -> bytes:
    """The whole picture, piece by piece as any client gets it."""
    whole, size = b"", 1
    with mpd.client() as client:
        while len(whole) < size:
            client.send(f'albumart "{uri}" {len(whole)}\n')
            size = int(client._line().removeprefix("size: "))
            count = int(client._line().removeprefix("binary: "))
            whole += client._file.read(count + 1)[:count]
            assert client._line() == "OK"
    return whole


async def test_mpd_finds_the_cover_beside_the_url(bench, mpd, piece) -> None:
    """`albumart` blocks MPD while it fetches, so the relay may not need MPD for it."""
    demo = Track(piece.track_id, piece.title, piece.artists, source="demo", source_url=f"demo:{piece.file}")
    await bench.put(b"", track=demo)
    relay = await bench.start()
    cover = demo_file(piece.cover).read_bytes()
    assert await asyncio.to_thread(albumart, mpd, relay.urls.of(demo)) == cover


@pytest.mark.parametrize("form", ["png", "jpeg", "webp"])
async def test_a_thumbnail_comes_through_mpd_as_it_is(bench, mpd, form) -> None:
    thumbnail = noise(form, (160, 160))
    track = replace(TRACK, art_url=bench.upstream.add("art", thumbnail, f"image/{form}"))
    await bench.put(b"", track=track)
    relay = await bench.start()
    assert len(thumbnail) > 16_000, "more than one piece"
    assert await asyncio.to_thread(albumart, mpd, relay.urls.of(track)) == thumbnail
    assert len(bench.upstream.requests) == 1


async def test_mpd_does_not_stand_still_for_a_slow_picture_server(bench, mpd) -> None:
    bench.upstream.default = Answer(stall_after=100)
    track = replace(TRACK, art_url=bench.upstream.add("art", noise("jpeg", (90, 90)), "image/jpeg"))
    await bench.put(b"", track=track)
    relay = await bench.start({"patience": replace(QUICK, cover=0.5)})

    def ask() -> float:
        started = time.monotonic()
        with pytest.raises(Ack, match="No file exists"):
            mpd.command("albumart", relay.urls.of(track), "0")
        return time.monotonic() - started

    assert await asyncio.to_thread(ask) < 1.5
