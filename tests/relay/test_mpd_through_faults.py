"""A real MPD plays through each fault to the end, and hears none of it: the samples are the source's."""

import asyncio
import shutil

import pytest
from support.mpd_process import MpdProcess, recorder_output
from support.pieces import PIECES, play_to_the_end
from support.relay_bench import TRACK
from support.upstream import Answer

from mpdbridge.catalogue import demo_file
from mpdbridge.relay.patience import Patience

pytestmark = pytest.mark.mpd

PATIENCE = Patience(first_byte=10, silence=0.3, retries=(0.02, 0.05, 0.1))
AT = 60_000  # bytes; the pieces are longer
FAULTS = {
    "reset": [Answer(reset_after=AT), Answer(reset_after=AT)],
    "short body": [Answer(stop_after=AT), Answer(stop_after=0), Answer(stop_after=AT)],
    "stall": [Answer(stall_after=AT), Answer(stall_after=0), Answer(stall_after=AT)],
    "refused at first": [Answer(status=403)],
    "refused in mid-song": [Answer(stop_after=AT), Answer(status=403)],
    "expired in mid-song": [Answer(stop_after=AT, last=True), Answer(), Answer(stop_after=AT, last=True), Answer()],
    "gone in mid-song": [Answer(stop_after=AT), Answer(status=410)],
    "too many requests": [Answer(stop_after=AT), Answer(status=429, headers={"Retry-After": "0"})],
    "server errors": [Answer(status=500), Answer(stop_after=AT), Answer(status=503), Answer(status=502)],
    "slow start": [Answer(delay=0.5)],
    "surplus": [Answer(surplus=5000)],
    "no total": [Answer(hide_total=True), Answer(hide_total=True)],
    "ranges ignored": [Answer(ignore_range=True, stop_after=AT), Answer(ignore_range=True)],
    "no length": [
        Answer(ignore_range=True, chunked=True, stop_after=AT),
        Answer(ignore_range=True, chunked=True),
    ],
}
CASES = [("webm", fault) for fault in FAULTS] + [("m4a", fault) for fault in ("reset", "stall", "refused in mid-song")]


@pytest.fixture(scope="module")
def sources(tmp_path_factory) -> dict[str, bytes]:
    """The samples of each piece, as MPD decodes them from the file."""
    home = tmp_path_factory.mktemp("source")
    mpd = MpdProcess(home=home, outputs=[recorder_output(home / "recording.wav")])
    try:
        mpd.start()
        for piece in PIECES.values():
            shutil.copy(demo_file(piece.file), mpd.music_directory)
        mpd.mpc("--wait", "update")
        return {kind: play_to_the_end(mpd, piece.file, home / "recording.wav") for kind, piece in PIECES.items()}
    finally:
        mpd.close()


@pytest.mark.parametrize(("kind", "fault"), CASES, ids=[f"{kind}, {fault}" for kind, fault in CASES])
async def test_mpd_hears_nothing_of_it(bench, start_mpd, tmp_path, sources, kind, fault) -> None:
    recording = tmp_path / "recording.wav"
    mpd = await asyncio.to_thread(start_mpd, outputs=[recorder_output(recording)])
    await bench.put(demo_file(PIECES[kind].file).read_bytes(), f"audio/{kind.replace('m4a', 'mp4')}")
    relay = await bench.start({"patience": PATIENCE, "tagged": lambda _: True})
    script = FAULTS[fault]
    bench.upstream.script.extend(script)
    assert await asyncio.to_thread(play_to_the_end, mpd, relay.urls.of(TRACK), recording) == sources[kind]
    assert len(bench.upstream.requests) >= len(script), "every fault came to pass"
