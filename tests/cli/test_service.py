"""`mpdbridge service` writes a unit that starts this very program, and leaves every other unit alone."""

import json
import os
import shlex
import stat
import subprocess
import sys

import pytest
from support.bridge_process import BridgeProcess
from support.mpd_process import wait_until

from mpdbridge.service.unit import MARK

# Notes what it was asked for, and does nothing.
_SYSTEMCTL = """#!/bin/sh
echo "$@" >> "$0.log"
case "$*" in *"$REFUSE"*) echo "Failed to connect to bus" >&2; exit 1;; esac
case "$*" in *show*) echo "StatusText="; echo "ActiveState=active";; esac
"""


@pytest.fixture
def home(tmp_path):
    """A user's home, with a systemctl in it that only takes notes."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "systemctl"
    program.write_text(_SYSTEMCTL)
    program.chmod(0o755)
    return tmp_path


@pytest.fixture
def unit(home):
    return home / "config" / "systemd" / "user" / "mpdbridge.service"


@pytest.fixture
def run(home):
    """`run(*words, refuse="x")` is `mpdbridge WORDS`, where systemctl fails for commands with `refuse` in them."""

    def run(*words, refuse="\n", path=None, **env):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MPD_", "XDG_"))}
        kept |= {"PATH": path or f"{home / 'bin'}:{os.environ['PATH']}", "REFUSE": refuse, "HOME": str(home)}
        kept |= {"XDG_CONFIG_HOME": str(home / "config"), **env}
        argv = [sys.executable, "-m", "mpdbridge", *words]
        return subprocess.run(argv, env=kept, capture_output=True, text=True, timeout=60, check=False)

    return run


def asked(home):
    log = home / "bin" / "systemctl.log"
    return log.read_text().splitlines() if log.exists() else []


def command_of(unit):
    (line,) = (line for line in unit.read_text().splitlines() if line.startswith("ExecStart="))
    return shlex.split(line.removeprefix("ExecStart=").replace("$$", "$").replace("%%", "%"))


def test_it_is_written_enabled_and_started(run, home, unit) -> None:
    done = run("service", "install", MPD_HOST="secret@/run/s")
    assert (done.returncode, done.stderr) == (0, "")
    assert asked(home) == ["--user daemon-reload", "--user enable mpdbridge", "--user restart mpdbridge"]
    assert command_of(unit) == [sys.executable, "-m", "mpdbridge", "watch"]
    assert 'Environment="MPD_HOST=secret@/run/s"' in unit.read_text()
    assert stat.S_IMODE(unit.stat().st_mode) == 0o600
    assert str(unit) in done.stdout
    assert "ActiveState: active\n" in run("service", "status").stdout
    assert json.loads(run("service", "status", "--json").stdout) == {"unit": str(unit), "ActiveState": "active"}


def test_what_it_starts_is_this_program_with_this_configuration(run, home, unit) -> None:
    config = home / "my %config $here.yaml"
    config.write_text("log: {level: error}\n")
    run("--config", str(config), "service", "install")
    *command, watch = command_of(unit)
    assert watch == "watch"
    shown = subprocess.run([*command, "config", "path"], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == str(config)


def test_a_configuration_with_mistakes_is_not_made_a_service(run, home, unit) -> None:
    config = home / "c.yaml"
    config.write_text("prot: 1\n")
    assert run("--config", str(config), "service", "install").returncode == 2
    assert not unit.exists()


def test_installed_again_it_is_replaced_and_restarted(run, home, unit) -> None:
    run("service", "install")
    unit.write_text(f"{MARK}\nold")
    assert run("service", "install").returncode == 0
    assert "ExecStart" in unit.read_text()
    assert asked(home).count("--user restart mpdbridge") == 2


@pytest.mark.parametrize("words", ["install", "uninstall", "status"])
def test_a_unit_of_somebody_else_is_never_touched(run, home, unit, words) -> None:
    unit.parent.mkdir(parents=True)
    unit.write_text("[Service]\nExecStart=mine\n")
    done = run("service", words)
    assert done.returncode == 1
    assert done.stderr == f"mpdbridge: error: {unit} was not written by mpdbridge; move it away first\n"
    assert unit.read_text() == "[Service]\nExecStart=mine\n"
    assert asked(home) == []


def test_without_a_systemd_to_talk_to_it_says_what_to_run(run, home, unit) -> None:
    for done in (run("service", "install", refuse="daemon-reload"), run("service", "install", path="/nowhere")):
        assert done.returncode == 0
        assert "systemctl --user enable --now mpdbridge" in done.stdout
        assert unit.exists()


def test_a_service_that_does_not_start_is_an_error_that_says_where_to_look(run) -> None:
    done = run("service", "install", refuse="restart")
    assert done.returncode == 1
    assert done.stderr == (
        "mpdbridge: error: systemctl --user restart mpdbridge: Failed to connect to bus; "
        "`journalctl --user -u mpdbridge -n 20` shows why\n"
    )


def test_uninstalled_it_is_stopped_and_gone(run, home, unit) -> None:
    run("service", "install")
    wanted = unit.parent / "default.target.wants"
    wanted.mkdir()
    (wanted / unit.name).symlink_to(unit)
    done = run("service", "uninstall")
    assert (done.returncode, done.stdout) == (0, f"Removed {unit}\n")
    assert asked(home)[-3:] == [
        "--user disable --now mpdbridge",
        "--user reset-failed mpdbridge",
        "--user daemon-reload",
    ]
    assert not unit.exists()
    assert not (wanted / unit.name).is_symlink()
    assert "There is no" in run("service", "uninstall").stdout
    assert "There is no" in run("service", "status").stdout
    assert json.loads(run("service", "status", "--json").stdout) == {"unit": None}


def test_why_a_service_ends_at_once_is_an_error_in_the_journal_too(tmp_path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text("prot: 1\nlgo: 2\n")
    with (tmp_path / "journal").open("w+") as journal:
        status = os.fstat(journal.fileno())
        env = {**os.environ, "JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
        argv = [sys.executable, "-m", "mpdbridge", "--config", str(config), "watch"]
        assert subprocess.run(argv, env=env, stderr=journal, check=False).returncode == 2
        journal.seek(0)
        told = journal.read().splitlines()
    assert len(told) == 3
    assert all(line.startswith("<3>") for line in told), told


@pytest.mark.mpd
def test_a_watch_that_runs_by_hand_is_not_fought_with(run, tmp_path, mpd, unit) -> None:
    with BridgeProcess(tmp_path / "bridge", mpd) as bridge:
        wait_until(bridge.health, "the relay")
        done = run("--config", str(tmp_path / "bridge" / "config.yaml"), "service", "install")
    assert done.returncode == 1
    assert f"`mpdbridge watch` runs already (process {bridge.pid}); stop it first" in done.stderr
    assert not unit.exists()
