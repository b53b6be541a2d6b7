"""`mpdbridge sync`: the demo music into a real mpd, one summary, and an exit code to rely on."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner
from support.terminal import Terminal

from mpdbridge.cli.app import cli
from mpdbridge.cli.options import State
from mpdbridge.errors import MpdBridgeError

pytestmark = pytest.mark.mpd


@pytest.fixture
def sync(config):
    def sync(*words):
        return CliRunner().invoke(cli, ["sync", "--config", str(config), *words], obj=State())

    return sync


def playlists(mpd):
    return mpd.mpc("lsplaylists").splitlines()


def test_playlists_arrive_in_mpd_and_are_told(sync, mpd):
    result = sync()
    assert result.exit_code == 0, result.output
    *_, last = result.stdout.splitlines()
    assert last.startswith(f"3 playlists for MPD at {mpd.socket}: 3 created (")
    assert all(any(name in line for line in result.stdout.splitlines()) for name in playlists(mpd))
    assert len(playlists(mpd)) == 3


def test_it_says_that_watch_has_to_run_to_hear_them(sync):
    assert "`mpdbridge watch`" in sync().stderr


def test_a_source_without_playlists_is_told_what_it_lacks(sync, config, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))  # where no login is
    config.write_text(json.dumps(json.loads(config.read_text()) | {"sources": {"ytmusic": {"enabled": True}}}))
    result = sync()
    assert (result.exit_code, result.stdout.startswith("No playlists for MPD at ")) == (0, True)
    assert f"put links under `sources:` in {config}, or log in with `mpdbridge auth`" in result.stderr
    assert "`mpdbridge watch`" not in result.stderr


def test_the_second_time_nothing_changes(sync):
    sync()
    assert "3 unchanged" in sync().stdout


def test_a_dry_run_writes_nothing(sync, mpd, tmp_path):
    result = sync("--dry-run")
    assert "Would be" in result.stdout
    assert result.stderr == ""
    assert playlists(mpd) == []
    assert not (tmp_path / "t.db").exists()


def test_json_is_the_report_and_nothing_else(sync, mpd):
    report = json.loads(sync("--json").stdout)
    assert (report["target"], report["failed"]) == (str(mpd.socket), False)
    assert {one["change"] for one in report["playlists"]} == {"created"}


def test_one_playlist_alone(sync, mpd):
    sync("--playlist", "Morgen*")
    assert playlists(mpd) == ["YT: Morgenkaffee · Gemütlich"]


def test_a_playlist_that_nobody_has_fails(sync):
    result = sync("--playlist", "Nirgends")
    assert isinstance(result.exception, MpdBridgeError)
    assert str(result.exception) == "1 playlist failed; everything else is done"
    assert "Nirgends  " in result.stdout


def test_without_a_source_it_says_what_to_write_where(tmp_path):
    file = tmp_path / "c.yaml"
    file.touch()
    result = CliRunner().invoke(cli, ["sync", "--config", str(file)], obj=State())
    assert isinstance(result.exception, MpdBridgeError)
    said = str(result.exception)
    assert f"Write your playlists into {file}:" in said
    assert "sources:\n      ytmusic:\n        playlists:" in said
    assert "`mpdbridge demo`" in said


@pytest.mark.clients
def test_on_a_terminal_the_progress_is_gone_when_the_summary_stands(config, mpd):
    command = [sys.executable, "-m", "mpdbridge", "sync", "--config", str(config)]
    with Terminal(["sh", "-c", f"{' '.join(command)}; echo; read _"], columns=100) as terminal:
        deadline = 0
        while "3 playlists for MPD" not in (screen := terminal.screen()):
            deadline += 1
            assert deadline < 1000, screen
    assert screen.splitlines()[0].split() == ["Playlist", "Tracks", "Change"]
    assert "Fetched" not in screen


def test_a_terminal_that_knows_only_ascii_is_no_reason_to_fail(config, mpd):
    done = subprocess.run(
        [sys.executable, "-m", "mpdbridge", "sync", "--config", str(config)],
        env=os.environ | {"PYTHONIOENCODING": "ascii"}, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert "Gem\\xfctlich" in done.stdout


def test_piped_it_is_plain_text(config, mpd):
    done = subprocess.run(
        [sys.executable, "-m", "mpdbridge", "sync", "--config", str(config)],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stdout.splitlines()[0].split() == ["Playlist", "Tracks", "Change"]
