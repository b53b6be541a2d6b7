"""`mpdbridge watch` as a process: it plays and tags, status knows it, and it ends when it is told to."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from support.mpd_process import wait_until

pytestmark = pytest.mark.mpd


@pytest.fixture
def start(config, tmp_path):
    """`start(*words)` runs a command in the background; what it says is in `tmp_path/log`."""
    started = []

    def start(*words):
        with (tmp_path / "log").open("wb") as log:
            argv = [sys.executable, "-m", "mpdbridge", *words, "--config", str(config)]
            started.append(subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait(10)


def bridge(config, *words):
    argv = [sys.executable, "-m", "mpdbridge", *words, "--config", str(config)]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)


def well(config, part):
    """Whether `status` says that a part is as it should be."""
    lines = bridge(config, "status").stdout.splitlines()
    return any(line.split()[:2] == ["ok", part] for line in lines)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_syncs_tags_and_ends_well(start, config, mpd, how):
    process = start("watch")
    wait_until(lambda: well(config, "Relay") and well(config, "Tags") and well(config, "Sync"), "all to be well", 30)
    mpd.command("load", "YT: Morgenkaffee · Gemütlich")
    wait_until(lambda: all("Title" in entry for entry in mpd.queue()), "every entry to be tagged")
    process.send_signal(how)
    assert process.wait(10) == 0


def test_sync_says_nothing_about_watch_while_it_runs(start, config):
    start("watch", "--no-sync")
    wait_until(lambda: well(config, "Relay"), "the relay", 30)
    assert bridge(config, "sync").stderr == ""


def test_a_port_in_use_is_one_line(config):
    port = json.loads(config.read_text())["proxy"]["port"]
    with socket.create_server(("127.0.0.1", port)):
        done = bridge(config, "watch", "--no-sync")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"mpdbridge: error: port {port} on localhost is taken")
    assert "Traceback" not in done.stderr


def test_a_second_one_says_who_holds_the_address(start, config):
    first = start("watch", "--no-sync")
    wait_until(lambda: well(config, "Relay"), "the relay", 30)
    done = bridge(config, "watch", "--no-sync")
    assert done.returncode == 1
    assert f"another mpdbridge (process {first.pid}) listens on localhost:" in done.stderr.splitlines()[-1]
    assert first.poll() is None


def test_the_demo_plays_in_the_users_mpd_and_goes_without_a_trace(start, config, mpd, tmp_path):
    config.write_text(json.dumps(json.loads(config.read_text()) | {"sources": {}}))
    mpd.command("playlistadd", "YT: mine", "http://localhost/mine")
    process = start("demo")
    wait_until(lambda: "--remove" in (tmp_path / "log").read_text(), "the demo to run", 30)
    wait_until(lambda: well(config, "Tags"), "the tagger", 30)
    mpd.command("load", "YT: Morgenkaffee · Gemütlich")
    mpd.command("play")
    wait_until(lambda: "elapsed" in mpd.status() and float(mpd.status()["elapsed"]) > 0, "music", 20)
    wait_until(lambda: all("Title" in entry for entry in mpd.queue()), "every entry to be tagged")
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    done = bridge(config, "demo", "--remove")
    assert done.returncode == 0, done.stderr
    assert mpd.mpc("lsplaylists").splitlines() == ["YT: mine"]


def test_the_demo_beside_a_running_watch_only_syncs(start, config, mpd):
    start("watch", "--no-sync")
    wait_until(lambda: well(config, "Relay"), "the relay", 30)
    done = bridge(config, "demo")
    assert done.returncode == 0, done.stderr
    assert "Your `mpdbridge watch` plays them." in done.stdout
    assert len(mpd.mpc("lsplaylists").splitlines()) == 3


def test_the_demo_does_not_begin_when_its_port_is_taken(config, mpd):
    port = json.loads(config.read_text())["proxy"]["port"]
    with HTTPServer(("127.0.0.1", port), BaseHTTPRequestHandler) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        done = bridge(config, "demo")
    assert done.returncode == 1
    assert "another program answers there: set proxy.port to a free port" in done.stderr
    assert mpd.mpc("lsplaylists") == ""


def test_the_demo_without_mpd_says_so(config, mpd, tmp_path):
    mpd.stop()
    config.write_text(json.dumps(json.loads(config.read_text()) | {"mpd": {"host": str(tmp_path / "none")}}))
    environment = os.environ | {"HOME": str(tmp_path)}
    argv = [sys.executable, "-m", "mpdbridge", "demo", "--config", str(config)]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "mpdbridge: error: " in done.stderr
    assert "MPD" in done.stderr
