"""However a command is ended, and wherever it is at that moment: the next start finds everything in order."""

import signal
import socket
import time
import urllib.request
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from support.bridge_process import BridgeProcess
from support.mpd_process import wait_until
from support.website import Website, make_tones

from mpdbridge.catalogue import demo_playlists
from mpdbridge.models import Stream, Track

pytestmark = pytest.mark.mpd


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "tones"
    folder.mkdir()
    with Website(make_tones(folder)) as site:
        yield site


def stalled(site):
    """A source whose first sync never ends."""
    return {"web": {"playlists": [{"name": "Stalled", "url": site.url("stalls-tone.mp3")}]}}


def playlists(mpd) -> set[str]:
    return {value for key, value in mpd.command("listplaylists") if key == "playlist"}


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def slow_client(port: int, track: str):
    """Has the first bytes of a track, and takes no more: its kernel cannot hold the rest."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(10)
        client.connect(("127.0.0.1", port))
        client.sendall(f"GET /proxy/{track} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert client.recv(100).startswith(b"HTTP/1.1 200")
        yield


def test_a_sigterm_ends_watch_while_it_streams_and_syncs(tmp_path, mpd, site) -> None:
    (tmp_path / "tones" / "long.wav").write_bytes(bytes(4 * 1024 * 1024))
    stream = Stream(site.url("long.wav"), time.time(), content_type="audio/wav")
    with BridgeProcess(tmp_path / "bridge", mpd, options=(), sources=stalled(site)) as bridge:
        wait_until(lambda: site.hits, "the site to be asked")
        with ExitStack() as clients:
            for number in range(3):
                track = Track(f"long-track-{number}", "Long", source="web", source_url=stream.url)
                bridge.know(track, stream)
                clients.enter_context(slow_client(bridge.port, track.track_id))
            assert bridge.health()["streams"]["active"] == 3
            workers = children(bridge.pid)
            code, seconds = bridge.stop()
    assert (code, "Traceback" in bridge.log) == (0, False)
    assert seconds < 3
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers), "yt-dlp has gone, too"


@pytest.mark.parametrize(("how", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_sync_that_is_ended_goes_at_once_and_leaves_nothing_behind(tmp_path, mpd, site, how, code) -> None:
    mpd.command("playlistadd", "mine", "http://localhost/mine")
    bridge = BridgeProcess(tmp_path / "bridge", mpd, sources=stalled(site))
    with bridge.begin("sync") as sync:
        wait_until(lambda: site.hits, "the site to be asked")
        workers = children(sync.pid)
        asked_at = time.monotonic()
        sync.send_signal(how)
        _, stderr = sync.communicate(timeout=10)
        assert time.monotonic() - asked_at < 3
    assert (sync.returncode, stderr.strip()) == (code, "")
    assert playlists(mpd) == {"mine"}
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


def test_a_sync_in_the_background_of_a_script_can_be_ended(tmp_path, mpd, site) -> None:
    """Shells have such commands ignore SIGINT."""
    bridge = BridgeProcess(tmp_path / "bridge", mpd, sources=stalled(site))
    with bridge.begin("sync", preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)) as sync:
        wait_until(lambda: site.hits, "the site to be asked")
        sync.terminate()
        assert sync.wait(5) in {143, -signal.SIGTERM}


@pytest.mark.parametrize(
    "after", ["no time", "the database is made", "the relay answers", "the sync has begun", "it plays"]
)
def test_after_a_crash_it_starts_as_if_nothing_had_been(tmp_path, mpd, after) -> None:
    home = tmp_path / "bridge"
    bridge = BridgeProcess(home, mpd, options=())
    wanted = {f"YT: {playlist.name}".replace("/", "∕") for playlist in demo_playlists()}
    with bridge.begin("watch") as watch:
        match after:
            case "the database is made":
                wait_until((home / "tracks.db").exists, after)
            case "the relay answers":
                wait_until(lambda: answers(bridge.port), after)
            case "the sync has begun":
                wait_until(lambda: playlists(mpd), after)
            case "it plays":
                wait_until(lambda: playlists(mpd) == wanted, "the sync")
                mpd.command("load", next(iter(wanted)))
                mpd.command("play")
                wait_until(lambda: float(mpd.status().get("elapsed", 0)) > 0, after)
        watch.kill()
    with bridge:
        wait_until(lambda: bridge.health()["sync"]["last"], "the sync")
        assert bridge.health()["sync"]["last"] == {
            "via": "mpd",
            "failed": False,
            "playlists": len(wanted),
            "sources_failed": [],
        }
        assert playlists(mpd) == wanted
        mpd.command("clear")
        mpd.command("load", next(iter(wanted)))
        wait_until(lambda: all("Title" in entry for entry in mpd.queue()), "every entry to be tagged")
        assert bridge.stop()[0] == 0
    left = {path.name for path in home.iterdir()} - {"cache", "config.yaml", "watch.log"}
    assert left <= {"tracks.db", "tracks.db.sync-lock"}, "a good end leaves no journal behind"
    assert "Traceback" not in bridge.log


def answers(port: int) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"http://localhost:{port}/health", timeout=5):
        return True
    return False
