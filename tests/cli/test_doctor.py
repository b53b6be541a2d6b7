"""`mpdbridge doctor` as a user runs it."""

import json

import pytest
from support.bridge_process import BridgeProcess
from support.mpd_process import wait_until

pytestmark = pytest.mark.mpd


def checks(done):
    return {each["name"]: each["state"] for each in json.loads(done.stdout)["checks"]}


def test_beside_a_running_watch_nothing_fails(tmp_path, mpd) -> None:
    with BridgeProcess(tmp_path, mpd, options=()) as bridge:
        wait_until(lambda: bridge.health()["sync"]["last"], "the first sync")
        done = bridge.run("doctor")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines()[0] == f"ok    Config       {tmp_path / 'config.yaml'}"
        found = checks(bridge.run("doctor", "--json"))
    assert {name: state for name, state in found.items() if state != "ok"}.keys() <= {"yt-dlp"}  # it may be old
    assert {"MPD", "Permissions", "Playlists", "Relay", "Address", "Tracks", "JavaScript", "Clock"} <= found.keys()


def test_what_fails_is_told_with_the_fix_and_exit_code_1(tmp_path, start_mpd) -> None:
    mpd = start_mpd(stored_playlists=False)
    done = BridgeProcess(tmp_path, mpd).run("doctor")
    assert done.returncode == 1
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("fail"))
    assert line.split()[1] == "Playlists"
    assert "playlist_directory" in line
    assert done.stderr.startswith("mpdbridge: error: 1 of ")


def test_every_mistake_in_the_configuration_is_told(tmp_path, mpd) -> None:
    bridge = BridgeProcess(tmp_path, mpd, proxy={"prot": 1}, log={"level": "loud"})
    done = bridge.run("doctor", "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["state"]) == (1, "fail")
    assert [each["state"] for each in found["checks"]] == ["fail", "fail", "warn"]
    assert "did you mean `port`?" in found["checks"][1]["told"] + found["checks"][0]["told"]
