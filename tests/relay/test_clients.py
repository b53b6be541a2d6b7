"""Players nobody here wrote read the titles from the relay, and the audio they decode is the source's, bit by bit."""

import asyncio
import json
from pathlib import Path

import pytest
from support.relay_bench import ID
from support.waiting import eventually

from mpdbridge.catalogue import demo_file, demo_playlists
from mpdbridge.models import Track

pytestmark = pytest.mark.clients

TRACKS = {track.file.rpartition(".")[2]: track for playlist in demo_playlists() for track in playlist.tracks}
CONTAINERS = {"webm": "audio/webm", "m4a": "audio/mp4"}
LABEL = "Tommy Guerrero - Überm “Fluß”; l’eau 🎵"
TITLED = Track(ID, "Überm “Fluß”; l’eau 🎵", ("Tommy Guerrero",))
MPV = ("mpv", "--no-config", "--no-video", "--really-quiet", "--no-input-terminal")
DECODE = ("-v", "error", "-f", "s16le", "-ac", "2", "-ar", "48000", "-")


async def run(*command: str) -> bytes:
    """Standard output of a program that has to succeed and say nothing."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(60):
            out, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    assert (process.returncode, errors.decode()) == (0, "")
    return out


@pytest.fixture(params=CONTAINERS)
async def playing(request, bench):
    """A relay that plays one demo piece of this container from upstream: its URL and the file."""
    path = demo_file(TRACKS[request.param].file)
    await bench.put(path.read_bytes(), CONTAINERS[request.param], TITLED)
    # ffprobe looks no further than the head of the file, so a block has to stand in there.
    relay = await bench.start(icy_metaint=512 if "probe" in request.node.name else 16_000)
    return f"http://127.0.0.1:{relay.port}/proxy/{ID}/Tommy\u00a0Guerrero", path


async def decoded(source: str | Path, *options: str) -> bytes:
    samples = await run("ffmpeg", *options, "-i", str(source), *DECODE)
    assert len(samples) > 48000 * 4 * 10, "ten seconds at least"
    return samples


async def test_ffprobe_reads_the_title(playing) -> None:
    url, _ = playing
    told = json.loads(await run("ffprobe", "-v", "error", "-icy", "1", "-show_format", "-of", "json", url))
    assert told["format"]["tags"]["StreamTitle"] == LABEL
    assert told["format"]["tags"]["icy-name"] == LABEL


@pytest.mark.parametrize("icy", ["1", "0"], ids=["with titles", "in ranges"])
async def test_ffmpeg_decodes_the_very_samples_of_the_source(playing, icy) -> None:
    url, path = playing
    assert await decoded(url, "-icy", icy) == await decoded(path)


async def test_ffmpeg_seeks_in_ranges(playing) -> None:
    url, path = playing
    seek = ("-icy", "0", "-seekable", "1", "-ss", "8")
    assert await decoded(url, *seek) == await decoded(path, "-ss", "8")


async def test_mpv_decodes_the_very_samples_of_the_source(playing, tmp_path) -> None:
    url, path = playing
    for name, source in (("relay", url), ("source", str(path))):
        await run(*MPV, "--ao=pcm", f"--ao-pcm-file={tmp_path / name}.wav", source)
    assert (tmp_path / "relay.wav").read_bytes() == (tmp_path / "source.wav").read_bytes()


async def test_mpv_shows_the_title_while_it_plays(playing, tmp_path) -> None:
    url, _ = playing
    control = tmp_path / "mpv"
    process = await asyncio.create_subprocess_exec(*MPV, "--ao=null", f"--input-ipc-server={control}", url)
    try:
        await eventually(control.exists, "mpv to listen")
        reader, writer = await asyncio.open_unix_connection(control)
        writer.write(b'{"command": ["observe_property", 1, "metadata/by-key/icy-title"]}\n')
        async with asyncio.timeout(15):
            while json.loads(await reader.readline()).get("data") != LABEL:
                pass
        writer.close()
    finally:
        process.kill()
        await process.wait()


async def test_curl_resumes_a_download(playing, tmp_path) -> None:
    url, path = playing
    whole = path.read_bytes()
    partial = tmp_path / "partial"
    partial.write_bytes(whole[:10_000])
    await run("curl", "-sS", "-C", "-", "-o", str(partial), url)
    assert partial.read_bytes() == whole


async def test_a_killed_player_leaves_upstream_free(playing, bench) -> None:
    url, _ = playing
    process = await asyncio.create_subprocess_exec(
        "mpv", "--no-config", "--no-video", "--ao=null", "--really-quiet", url
    )
    await eventually(lambda: bench.upstream.requests, "mpv to ask")
    process.kill()
    await process.wait()
    await eventually(lambda: not bench.upstream.active, "upstream to be let go")
