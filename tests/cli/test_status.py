"""`mpdbridge status`: tells what there is, names what is missing, and never fails because of it."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner
from support.mpd_process import free_port

from mpdbridge.cli.app import cli
from mpdbridge.cli.options import State
from mpdbridge.config import SourcesSettings
from mpdbridge.doctor.facts import DiskFacts, Facts, MpdFacts, RelayFacts, StoreFacts
from mpdbridge.doctor.login_facts import LoginFacts
from mpdbridge.doctor.overview import lines
from mpdbridge.models import PlaylistRef, Track
from mpdbridge.store import TrackStore

HEALTH = {
    "status": "ok",
    "version": "0.1.0",
    "uptime_seconds": 11520.0,
    "streams": {"active": 1, "max": 10, "served": 152},
    "tracks": 2,
}


@pytest.fixture
def home(monkeypatch, tmp_path):
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("MPD_HOST", str(tmp_path / "no-mpd"))
    monkeypatch.delenv("MPD_PORT", raising=False)
    return tmp_path


@pytest.fixture
def serve():
    """`serve(body)` answers every request with it; gives the port."""
    servers = []

    def serve(body):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return server.server_address[1]

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def status(home, *words, **proxy):
    config = home / "c.yaml"
    config.write_text(json.dumps({"proxy": {"port": free_port(), "host": "127.0.0.1"} | proxy}))
    result = CliRunner().invoke(cli, ["status", *words, "--config", str(config)], obj=State(), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def line_of(text, part):
    return next(line for line in text.splitlines() if line.split()[1] == part)


def test_with_nothing_there_it_says_what_to_do(home):
    shown = status(home)
    assert "not running; start `mpdbridge watch`" in line_of(shown, "Relay")
    assert "cannot reach MPD" in line_of(shown, "MPD")
    assert "none yet: run `mpdbridge sync`" in line_of(shown, "Tracks")
    assert "no full one yet" in line_of(shown, "Sync")
    assert "none: put your playlists" in line_of(shown, "Sources")
    assert line_of(shown, "Config").startswith("ok")
    assert not (home / "xdg_data_home").exists()


def test_a_running_relay_is_ok(home, serve):
    shown = line_of(status(home, port=serve(json.dumps(HEALTH).encode())), "Relay")
    assert shown.startswith("ok")
    assert shown.endswith("up 3 h 12 min, 1 of 10 streams, 152 served")


@pytest.mark.parametrize(
    ("heads", "told"),
    [
        ({"count": 0, "bytes": 0}, "none yet: they come as tracks from the net are played"),
        ({"count": 1, "bytes": 262_300}, "1 track with 0.3 MiB on disk, to start at once"),
        ({"count": 2040, "bytes": 535_000_000}, "2040 tracks with 510.2 MiB on disk, to start at once"),
    ],
)
def test_tracks_that_start_at_once_are_counted(home, serve, heads, told):
    shown = status(home, port=serve(json.dumps({**HEALTH, "heads": heads}).encode()))
    assert line_of(shown, "Heads").endswith(told)


def test_covers_on_disk_are_counted(home, serve):
    shown = status(home, port=serve(json.dumps({**HEALTH, "covers": {"count": 12, "bytes": 1_100_000}}).encode()))
    assert line_of(shown, "Covers").endswith(" 12 pictures with 1.0 MiB on disk")


@pytest.mark.parametrize(("state", "mark"), [("attached", "ok"), ("refused", "–"), ("reconnecting", "–")])
def test_whether_clients_can_command_the_bridge_is_told(home, serve, state, mark):
    shown = status(home, port=serve(json.dumps({**HEALTH, "control": {"state": state}}).encode()))
    assert line_of(shown, "Control").startswith(mark)


def test_a_relay_that_keeps_no_heads_says_nothing_of_them(home, serve):
    assert " Heads " not in status(home, port=serve(json.dumps({**HEALTH, "heads": None}).encode()))


@pytest.mark.parametrize("body", [b"<html>", b'{"status": "ok"}', b"[]", b"\xff"])
def test_another_program_on_the_port_is_told(home, serve, body):
    assert "another program answers there" in line_of(status(home, port=serve(body)), "Relay")


def test_a_port_that_does_not_answer_http_is_told(home):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up():
            client, _ = server.accept()
            client.recv(1000)
            client.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        assert "no answer: " in line_of(status(home, port=server.getsockname()[1]), "Relay")
        thread.join()


def test_a_relay_that_is_switched_off_is_told(home):
    assert "none here (proxy.enabled: false)" in line_of(status(home, enabled=False), "Relay")


def test_a_broken_database_is_told(home):
    broken = home / "t.db"
    broken.write_bytes(b"no database" * 100)
    assert str(broken) in line_of(status(home, track_mapping_db=str(broken)), "Tracks")


def test_what_the_store_holds_is_told(home):
    path = home / "t.db"
    with TrackStore(path) as store:
        store.upsert_tracks([Track("oLtmHdXKIYE", "Thin Brown Layer")])
    assert line_of(status(home, track_mapping_db=str(path)), "Tracks") == "ok  Tracks   1 in no playlist"


def test_playlists_of_other_mpds_are_not_counted(home):
    path = home / "t.db"
    with TrackStore(path) as store:
        store.upsert_tracks([Track("oLtmHdXKIYE", "Thin Brown Layer")])
        for target, name in [(str(home / "no-mpd"), "Mine"), ("other:6600", "Mine"), ("other:6600", "Yours")]:
            store.claim(target, PlaylistRef("web", name, name), f"YT: {name}")
    assert line_of(status(home, track_mapping_db=str(path)), "Tracks") == "ok  Tracks   1 in 1 playlist"


@pytest.mark.mpd
def test_a_real_mpd_tells_its_state(home, mpd, monkeypatch):
    monkeypatch.setenv("MPD_HOST", str(mpd.socket))
    shown = line_of(status(home), "MPD")
    assert shown.startswith("ok")
    assert "stopped" in shown


def test_json_has_it_all(home):
    found = json.loads(status(home, "--json"))
    assert {"version", "config", "relay", "mpd", "store", "disk", "login", "sources"} == found.keys()
    assert found["relay"]["problem"] == "not running; start `mpdbridge watch`"
    assert found["store"]["exists"] is False


def overview(tmp_path, health=(), mpd=None, last_sync=(), now=1000.0, free=8 * 2**30, login=None, **sources):
    facts = Facts(
        disk=DiskFacts(tmp_path, free, cache=410 * 2**20),
        relay=RelayFacts("http://localhost:8080", health=HEALTH | dict(health)),
        mpd=mpd or MpdFacts("/run/mpd/socket", problem="gone"),
        store=StoreFacts(tmp_path / "t.db", tracks=5, playlists=1, dead=2, last_sync=dict(last_sync)),
        login=login or LoginFacts(tmp_path / "cookies.txt"),
        sources=SourcesSettings.model_validate(sources),
    )
    return {line.part: line for line in lines(facts, tmp_path / "c.yaml", now=now)}


@pytest.mark.parametrize(
    ("song", "told"),
    [
        ({"Artist": "A", "Title": "T", "file": "x"}, "playing: A - T"),
        ({"Title": "T", "file": "x"}, "playing: T"),
        ({"Name": "N", "file": "x"}, "playing: N"),
        ({"file": "a/b.mp3"}, "playing: a/b.mp3"),
        ({}, "playing"),
    ],
)
def test_the_song_is_named_as_well_as_possible(tmp_path, song, told):
    mpd = MpdFacts("/s", protocol="0.23.5", status={"state": "play"}, song=song)
    assert overview(tmp_path, mpd=mpd)["MPD"].told == f"/s, protocol 0.23.5, {told}"


def test_a_paused_mpd_with_an_error(tmp_path):
    mpd = MpdFacts("/s", protocol="0.24.0", status={"state": "pause", "error": "no decoder"}, song={"file": "x"})
    assert overview(tmp_path, mpd=mpd)["MPD"].told == "/s, protocol 0.24.0, paused: x, its last error: no decoder"


def test_the_tagger_and_the_resolver_of_the_running_bridge_are_told(tmp_path):
    resolver = {"backing_off_until": 1120.0, "resolved_last_hour": 7, "last_error": "429 from youtube"}
    found = overview(tmp_path, {"mpd": {"tagger": "reconnecting", "reason": "gone"}, "resolver": resolver})
    assert found["Tags"].told == "reconnecting: gone"
    assert not found["Tags"].well
    assert not found["Streams"].well
    assert found["Streams"].told == (
        "a site wants to be left alone for 2 min; 7 looked up in the last hour; last trouble: 429 from youtube"
    )
    assert overview(tmp_path, {"mpd": {"tagger": "attached"}, "resolver": {"resolved_last_hour": 7}})["Streams"].well


def test_what_upstream_refuses_is_told_apart_from_what_is_gone(tmp_path):
    found = overview(tmp_path, {"refused": {"dQw4w9WgXcQ": "upstream answered 403 Forbidden"}})["Refused"]
    assert (
        found.told == "dQw4w9WgXcQ: upstream answered 403 Forbidden; it is not gone, and is tried again in some minutes"
    )
    assert not found.well


def test_a_radio_that_plays_nothing_is_told(tmp_path):
    found = overview(tmp_path, {"autoplay": {"appended": 3, "problem": "YouTube Music does not answer"}})["Radio"]
    assert found.told == "nothing is appended to the queue: YouTube Music does not answer"
    assert "Radio" not in overview(tmp_path, {"autoplay": {"appended": 3, "problem": ""}})


@pytest.mark.parametrize(("follower", "part"), [("links", "Links"), ("autoplay", "Radio"), ("history", "History")])
def test_what_mpd_forbids_the_bridge_is_told_with_its_reason(tmp_path, follower, part):
    reason = "MPD at /s does not permit playid; set mpd.password"
    found = overview(tmp_path, {follower: {"state": "refused", "reason": reason, "problem": ""}})[part]
    assert found.told.endswith(f": {reason}")
    assert not found.well
    away = {"state": "reconnecting", "reason": "cannot reach MPD"}  # which the line of MPD tells
    assert part not in overview(tmp_path, {follower: away})


def test_a_link_that_gives_nothing_is_told_with_its_reason(tmp_path):
    link = "https://youtu.be/ggggggggggg"
    found = overview(tmp_path, {"links": {"replaced": 3, "failed": {link: f"{link}: there is no such video"}}})["Link"]
    assert found.told == f"{link} stays as it is in the queue: there is no such video"
    assert not found.well


def test_a_bridge_that_follows_another_mpd_is_told(tmp_path):
    told = overview(tmp_path, {"mpd": {"tagger": "attached", "address": "other:6600"}})["Tags"]
    assert told.told == "watch follows MPD at other:6600: set mpd.host, so that all commands mean the same MPD"
    assert not told.well
    assert overview(tmp_path, {"mpd": {"tagger": "attached", "address": "/run/mpd/socket"}})["Tags"].well


@pytest.mark.parametrize(
    ("seconds", "told"), [(5, "5 s"), (200, "3 min"), (7200, "2 h"), (7320, "2 h 2 min"), (200_000, "2 days")]
)
def test_the_last_sync_is_told_with_its_age(tmp_path, seconds, told):
    found = overview(tmp_path, last_sync={"at": 1000.0, "playlists": [1, 2]}, now=1000.0 + seconds)
    assert found["Sync"].told == f"{told} ago, 2 playlists"


def test_a_failed_sync_is_not_well(tmp_path):
    found = overview(tmp_path, last_sync={"at": 1000.0, "failed": True}, now=1060.0)
    assert found["Sync"].told == "1 min ago, no playlists; something failed: run `mpdbridge sync` to see what"
    assert not found["Sync"].well


@pytest.mark.parametrize(("number", "more"), [(1, ""), (3, " (and 2 more failed)")])
def test_a_playlist_that_failed_is_told_with_its_reason(tmp_path, number, more):
    failed = {"change": "failed", "mpd_name": "", "name": "", "playlist_id": "PLgone", "reason": "no such page"}
    note = {
        "at": 1000.0,
        "failed": True,
        "playlists": [{"change": "created", "tracks": 1}, *[failed | {"tracks": 0}] * number],
    }
    found = overview(tmp_path, last_sync=note, now=1060.0)["Sync"]
    assert found.told.endswith(f"; PLgone: no such page{more}")


def test_a_dead_login_is_told_once(tmp_path):
    login = LoginFacts(tmp_path / "cookies.txt", exists=True, problem="the login has died: run `mpdbridge auth`")
    troubles = [{"source": "ytmusic", "reason": login.problem, "listed": 0, "login_is_dead": True}]
    note = {"at": 1000.0, "failed": True, "sources_failed": troubles}
    found = overview(tmp_path, last_sync=note, now=1060.0, login=login, ytmusic={"enabled": True})
    assert (found["Login"].told, found["Login"].well) == (login.problem, False)
    assert found["Sync"].told == "1 min ago, no playlists; ytmusic: its login was dead"


def test_a_login_is_told_where_youtube_music_is_used(tmp_path):
    login = LoginFacts(tmp_path / "cookies.txt", exists=True)
    found = overview(tmp_path, login=login, ytmusic={"enabled": True})
    assert (found["Login"].told, found["Login"].well) == (str(login.path), True)
    assert found["Sources"].told == "YouTube Music with your library, no links"
    assert overview(tmp_path, ytmusic={"enabled": True})["Login"].told.startswith("none, which public playlists")
    assert "Login" not in overview(tmp_path)


def test_youtube_music_that_has_nothing_to_give_is_no_source(tmp_path):
    assert not overview(tmp_path, ytmusic={"enabled": True})["Sources"].well
    assert overview(tmp_path, ytmusic={"enabled": True, "playlists": ["PL1"]})["Sources"].well
    login = LoginFacts(tmp_path / "cookies.txt", exists=True)
    assert overview(tmp_path, login=login, ytmusic={"enabled": True})["Sources"].well


def test_a_source_in_trouble_is_told_with_its_reason(tmp_path):
    troubles = [{"source": "ytmusic", "reason": "the login is dead", "listed": 0}]
    found = overview(tmp_path, last_sync={"at": 1000.0, "failed": True, "sources_failed": troubles}, now=1060.0)
    assert found["Sync"].told == "1 min ago, no playlists; ytmusic: the login is dead"
    assert not found["Sync"].well


@pytest.mark.parametrize(
    ("last_sync", "told"),
    [
        ({"at": 1000.0, "playlists": [1]}, "0 s ago, 1 playlist; watch failed to sync: gone"),
        ({}, "no full one yet: gone"),
    ],
)
def test_a_bridge_that_cannot_sync_is_told(tmp_path, last_sync, told):
    found = overview(tmp_path, {"sync": {"error": "gone"}}, last_sync=last_sync)["Sync"]
    assert (found.told, found.well) == (told, False)


def test_the_sources_are_named(tmp_path):
    found = overview(
        tmp_path,
        ytmusic={"playlists": ["PL1", "PL2"]},
        web={"playlists": [{"name": "a", "url": "http://h/a"}]},
        demo={"enabled": True},
    )
    assert found["Sources"].told == "YouTube Music without login, 2 links; web, 1 playlist; demo"
    assert found["Tracks"].told == "5 in 1 playlist, 2 not playable"


def test_the_room_that_is_left_is_told(tmp_path):
    found = overview(tmp_path)["Disk"]
    assert (found.told, found.well) == ("0.0 MiB of tracks, 410.0 MiB of heads and covers, 8.0 GiB free", True)
    assert not overview(tmp_path, free=100 * 2**20)["Disk"].well


def test_what_our_files_take_is_measured(home, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    heads = home / "cache" / "mpdbridge" / "heads"
    heads.mkdir(parents=True)
    (heads / "x").write_bytes(b"x" * 3 * 2**20)
    assert " 3.0 MiB of heads and covers, " in line_of(status(home), "Disk")
