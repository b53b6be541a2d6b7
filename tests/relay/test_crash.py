"""The bridge crashes in mid-song: the real MPD goes on answering, and goes on to the next song."""

import asyncio
import shutil
import time

import pytest
from support.bridge_process import BridgeProcess
from support.mpd_process import MpdProcess, wait_until
from support.pieces import PIECES
from support.relay_bench import ID, TRACK
from support.upstream import Answer, FakeUpstream

from mpdbridge.catalogue import demo_file
from mpdbridge.models import Stream

pytestmark = pytest.mark.mpd


def crash_while_playing(mpd: MpdProcess, bridge: BridgeProcess, following: str) -> None:
    mpd.command("add", f"http://localhost:{bridge.port}/proxy/{ID}/Tommy")
    mpd.command("add", following)
    mpd.command("play")
    wait_until(lambda: float(mpd.status().get("elapsed", 0)) > 0.3, "the sound to start")
    bridge.kill()
    wait_until(lambda: mpd.status().get("song") == "1", "MPD to play what it has, and go on", 20)
    wait_until(lambda: float(mpd.status().get("elapsed", 0)) > 0.3, "the next song to sound")
    assert mpd.status()["state"] == "play"


@pytest.mark.parametrize("kind", ["webm", "m4a"])
async def test_a_killed_bridge_leaves_mpd_playing_the_next_song(start_mpd, tmp_path, kind) -> None:
    """0.23.12 hangs for good when a body with a Content-Length ends early; ours has none for it."""
    path = demo_file(PIECES[kind].file)
    mpd = await asyncio.to_thread(start_mpd)
    shutil.copy(path, mpd.music_directory)
    await asyncio.to_thread(mpd.mpc, "--wait", "update")
    async with FakeUpstream() as upstream:
        upstream.default = Answer(stall_after=30_000)
        bridge = BridgeProcess(tmp_path / "bridge", mpd)
        await asyncio.to_thread(
            bridge.know, TRACK, Stream(upstream.add(ID, path.read_bytes(), f"audio/{kind}"), time.time())
        )
        await asyncio.to_thread(bridge.__enter__)
        try:
            await asyncio.to_thread(crash_while_playing, mpd, bridge, path.name)
        finally:
            await asyncio.to_thread(bridge.__exit__, None, None, None)
