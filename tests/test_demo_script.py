"""The README's first command, as a newcomer runs it."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.mpd_process import wait_until

from mpdbridge.catalogue import demo_playlists

pytestmark = [pytest.mark.mpd, pytest.mark.clients]

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def folder() -> Iterator[Path]:
    """A temporary folder with a short path, since a Unix socket's may only have 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="demo-", dir="/tmp") as path:
        yield Path(path)


@pytest.fixture
def env(folder: Path) -> dict[str, str]:
    """Our own environment for its Python, a temporary folder to look into afterwards, and an MPD that is nowhere."""
    return os.environ | {
        "MPDBRIDGE_VENV": sys.prefix,
        "TMPDIR": str(folder),
        "MPD_HOST": "an.mpd.of.the.user.that.must.not.be.touched.invalid",
        "TERM": "dumb",
    }


def test_the_demo_shows_everything_and_leaves_nothing(env: dict[str, str], folder: Path, tmp_path: Path) -> None:
    """Without a terminal it ends with 0, has shown everything from playlists to messages; no process or file stays."""
    done = subprocess.run(
        [ROOT / "scripts" / "demo"],
        env=env, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    playlist = demo_playlists()[0]
    assert f"YT: {playlist.name}" in done.stdout
    for track in playlist.tracks:
        assert re.search(rf"\d\s+{re.escape(', '.join(track.artists))}.*{re.escape(track.title[:12])}", done.stdout)
    for word in ("load", "play", "seek", "next", "sendmessage"):
        assert f"$ mpc {word}" in done.stdout
    for word in ("sync", "watch"):
        assert f"$ mpdbridge {word}" in done.stdout
    assert "PNG of 300 x 300" in done.stdout
    assert re.search(r"All \d+ checks held", done.stdout)
    assert done.stderr == ""
    assert _left_behind(folder) == []


def test_keep_leaves_it_up_until_it_is_told_to_end(env: dict[str, str], folder: Path, tmp_path: Path) -> None:
    """`--keep` says how to connect; after Ctrl-C nothing is left."""
    argv = [ROOT / "scripts" / "demo", "--keep"]
    output = tmp_path / "output"
    with output.open("wb") as log:
        demo = subprocess.Popen(argv, env=env, cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        wait_until(lambda: "Ctrl-C here" in output.read_text() or demo.poll() is not None, "the demo to tell", 120)
        text = output.read_text()
        path = re.search(r"ncmpcpp --host (\S+)", text)
        assert path, text
        shown = subprocess.run(
            ["mpc", f"--host={path[1]}", "status"], env=env, capture_output=True, encoding="utf-8", check=True
        )
        assert "[playing]" in shown.stdout
    finally:
        demo.send_signal(signal.SIGINT)
        code = demo.wait(20)
    assert code == 0
    assert _left_behind(folder) == []


def test_a_wrong_option_is_refused(env: dict[str, str]) -> None:
    """Exit code 2 and one line, before anything is set up."""
    done = subprocess.run(
        [ROOT / "scripts" / "demo", "--lisen"], env=env, capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "--lisen" in done.stderr


def _left_behind(folder: Path) -> list[str]:
    """Files in the temporary folder, and command lines of processes that work in it or name it."""
    left = [str(path) for path in folder.iterdir()]
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (OSError, UnicodeError):
            continue
        if entry.name.isdecimal() and str(folder) in command:
            left.append(command)
    return left
