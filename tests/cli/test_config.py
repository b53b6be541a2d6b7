"""`mpdbridge config`: a file to start from, and the settings in effect, never with a secret."""

import json
import os
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from mpdbridge.cli.app import cli
from mpdbridge.cli.options import State
from mpdbridge.config import Settings, example_config, load_settings
from mpdbridge.errors import ConfigError, MpdBridgeError


@pytest.fixture
def home(monkeypatch, tmp_path):
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    return tmp_path


def run(*words):
    """The output of a command that works; an error of ours is raised."""
    result = CliRunner().invoke(cli, words, obj=State(), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_init_writes_the_example_for_the_user_alone(home):
    told = run("config", "init")
    file = home / "xdg_config_home" / "mpdbridge" / "config.yaml"
    assert str(file) in told
    assert file.read_text() == example_config()
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]
    assert load_settings() == Settings()


def test_init_does_not_overwrite(home):
    file = home / "c.yaml"
    file.write_text("mine")
    with pytest.raises(MpdBridgeError, match=r"c\.yaml exists already: edit it, or replace it with --force"):
        run("--config", str(file), "config", "init")
    assert file.read_text() == "mine"


def test_init_overwrites_when_forced_and_follows_a_link(home):
    file = home / "real.yaml"
    file.write_text("old")
    file.chmod(0o644)
    link = home / "link.yaml"
    link.symlink_to(file)
    run("--config", str(link), "config", "init", "--force")
    assert link.is_symlink()
    assert file.read_text() == example_config()
    assert file.stat().st_mode & 0o777 == 0o600


def test_init_says_where_it_cannot_write(home):
    with pytest.raises(MpdBridgeError, match=r"cannot be written: .*; name another with --config"):
        run("--config", "/dev/null/c.yaml", "config", "init")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(home, monkeypatch):
    file = home / "c.yaml"
    file.write_text("old")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(MpdBridgeError, match="No space left on device"):
        run("--config", str(file), "config", "init", "--force")
    assert list(home.iterdir()) == [file]
    assert file.read_text() == "old"


def test_show_prints_settings_that_load_again(home):
    file = home / "c.yaml"
    file.write_text("proxy: {port: 9000}\nsources: {ytmusic: {playlists: [PLfünf]}}\n")
    shown = run("--config", str(file), "config", "show")
    assert shown.startswith(f"# {file}\n")
    assert "PLfünf" in shown
    again = home / "again.yaml"
    again.write_text(shown)
    assert load_settings(again) == load_settings(file)


def test_show_says_when_there_is_no_file(home):
    assert run("config", "show").startswith("# the defaults; there is no ")


def test_show_as_json(home):
    assert json.loads(run("config", "show", "--json"))["proxy"]["port"] == 8080


@pytest.mark.parametrize("words", [["config", "show"], ["config", "show", "--json"], ["-v", "config", "show"]])
def test_show_never_tells_a_password(home, words):
    file = home / "c.yaml"
    file.write_text("mpd: {password: geheim}")
    shown = run("--config", str(file), *words)
    assert "geheim" not in shown
    assert yaml.safe_load(shown)["mpd"]["password"] == "**********"


def test_show_tells_what_is_wrong(home):
    file = home / "c.yaml"
    file.write_text("prox: {}\nsync: {interval_minutes: 0}")
    with pytest.raises(ConfigError, match="2 problems"):
        run("--config", str(file), "config", "show")


def test_path_is_the_file_that_counts(home):
    assert run("config", "path") == f"{home}/xdg_config_home/mpdbridge/config.yaml\n"
    assert run("--config", "other.yaml", "config", "path") == f"{Path('other.yaml')}\n"
