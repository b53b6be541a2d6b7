"""The rig itself: a private mpd does what the other tests take for granted."""

import asyncio
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from blockbuster import BlockBuster, BlockingError
from support.mpd_client import Ack
from support.mpd_process import MpdProcess, pipe_output, recorder_output, wait_until

import mpdbridge.text

URL = "http://127.0.0.1:1/a"


def test_a_private_mpd_answers_raw_commands_and_mpc(mpd: MpdProcess) -> None:
    mpd.command("add", URL)
    assert mpd.values("playlist") == [URL]
    assert mpd.mpc("playlist").strip() == URL
    assert len(mpd.queue()) == 1


def test_a_watcher_reports_changes_and_proves_silence(mpd: MpdProcess) -> None:
    with mpd.watch("stored_playlist") as watcher:
        mpd.command("add", URL)
        assert watcher.changed() == set()
        mpd.command("playlistadd", "x", URL)
        assert watcher.changed() == {"stored_playlist"}
        mpd.command("rm", "x")
        assert watcher.wait() == {"stored_playlist"}


@pytest.mark.parametrize("end", [MpdProcess.stop, MpdProcess.kill])
def test_mpd_comes_back_on_the_same_socket(
    start_mpd: Callable[..., MpdProcess], end: Callable[[MpdProcess], None]
) -> None:
    mpd = start_mpd(state=True, tcp=True)
    mpd.command("add", URL)
    before = mpd.pid
    end(mpd)
    with pytest.raises(AssertionError, match="not started"):
        mpd.command("status")
    mpd.start()
    assert mpd.pid != before
    assert mpd.values("playlist") == ([URL] if end is MpdProcess.stop else [])
    assert mpd.port is not None
    socket.create_connection(("127.0.0.1", mpd.port)).close()


def test_options_reach_mpd(start_mpd: Callable[..., MpdProcess]) -> None:
    mpd = start_mpd(password="x y", default_permissions="read", stored_playlists=False, max_playlist_length=2)
    assert mpd.mpc("version").startswith("mpd version")
    with pytest.raises(Ack, match="disabled"):
        mpd.command("playlistadd", "x", URL)
    mpd.command("add", URL)
    mpd.command("add", URL)
    with pytest.raises(Ack, match=r"too large|full"):
        mpd.command("add", URL)


def test_two_run_side_by_side_with_outputs_that_keep_the_audio(
    start_mpd: Callable[..., MpdProcess], tmp_path: Path
) -> None:
    first = start_mpd(outputs=[recorder_output(tmp_path / "audio.wav")])
    second = start_mpd(outputs=[pipe_output(f"cat > {tmp_path}/raw")])
    assert first.pid != second.pid
    assert dict(first.command("outputs"))["outputname"] == "recorder"
    wait_until(lambda: dict(second.command("outputs"))["outputname"] == "pipe", "the pipe output")


async def test_only_our_package_is_kept_from_blocking(blockbuster: BlockBuster) -> None:
    time.sleep(0)  # noqa: ASYNC251  # allowed here, since this is not our package
    ours = compile("import time\ndef nap(): time.sleep(0)\n", mpdbridge.text.__file__, "exec")
    namespace: dict[str, Callable[[], None]] = {}
    exec(ours, namespace)
    with pytest.raises(BlockingError):
        namespace["nap"]()
    await asyncio.to_thread(namespace["nap"])
