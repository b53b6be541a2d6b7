"""`mpdbridge watch` as a user runs it: a process of its own beside a real mpd, from an empty database to a seek."""

import asyncio
import json
import os
import signal
import socket
import time
from contextlib import AsyncExitStack
from itertools import pairwise

import pytest
from support.bridge_process import BridgeProcess
from support.libraries import track
from support.mpd_process import free_port, null_output, wait_until
from support.notify import NotifySocket
from support.waiting import eventually
from support.website import Website, make_tones

from mpdbridge.catalogue import demo_playlists
from mpdbridge.config import Settings
from mpdbridge.daemon import run_watch
from mpdbridge.daemon.followers import followers_of
from mpdbridge.daemon.parts import open_parts
from mpdbridge.errors import ProxyError
from mpdbridge.models import Stream, Track
from mpdbridge.resolver import Extracted
from mpdbridge.store import AsyncStore, TrackStore

pytestmark = pytest.mark.mpd
FIRST = demo_playlists()[0]


def name_of(playlist) -> str:
    return f"YT: {playlist.name}".replace("/", "∕")


def playlists(mpd) -> set[str]:
    return {value for key, value in mpd.command("listplaylists") if key == "playlist"}


def tags(entry) -> tuple:
    return tuple(entry.get("Artist", ())), entry.get("Title", [""])[0]


def expected(playlist) -> list[tuple]:
    return [(track.artists, track.title) for track in playlist.tracks]


def elapsed(mpd) -> float:
    return float(mpd.status().get("elapsed", 0))


@pytest.fixture
def bridge(tmp_path, mpd):
    """A bridge that syncs by itself."""
    with BridgeProcess(tmp_path / "bridge", mpd, options=()) as running:
        wait_until(lambda: len(playlists(mpd)) == len(demo_playlists()), "the first sync")
        yield running


def load(mpd, playlist) -> None:
    mpd.mpc("load", name_of(playlist))
    wait_until(lambda: [tags(entry) for entry in mpd.queue()] == expected(playlist), "tags for every entry")


def play(mpd, position: int) -> None:
    mpd.command("play", str(position))
    wait_until(lambda: mpd.status()["state"] == "play" and elapsed(mpd) > 0, "the song to play")


def test_from_nothing_to_tagged_music_that_can_be_sought_and_skipped(bridge, mpd) -> None:
    assert playlists(mpd) == {name_of(playlist) for playlist in demo_playlists()}
    load(mpd, FIRST)
    play(mpd, 0)
    assert "error" not in mpd.status()
    mpd.command("seekcur", "12")
    wait_until(lambda: 12 <= elapsed(mpd) < 16, "the seek forward to land")
    mpd.command("seekcur", "3")
    wait_until(lambda: 3 <= elapsed(mpd) < 7, "the seek back to land")
    for command, position in (("next", "1"), ("next", "2"), ("previous", "1")):
        mpd.command(command)
        wait_until(
            lambda position=position: mpd.status().get("song") == position and elapsed(mpd) > 0,
            f"{command} to play song {position}",
        )
    assert [tags(entry) for entry in mpd.queue()] == expected(FIRST), "tags after seeks and skips"
    assert bridge.health()["streams"]["served"] >= 3
    plans = {json.loads(line)["plan"] for line in bridge.log.splitlines() if '"stream started"' in line}
    assert plans <= {"full", "partial"}, "titles in the stream would cost the tags"


def test_in_library_mode_any_client_finds_songs_plays_them_and_seeks(tmp_path, mpd) -> None:
    track = FIRST.tracks[0]
    with BridgeProcess(tmp_path / "bridge", mpd, options=(), library={"enabled": True}) as bridge:
        wait_until(lambda: len(playlists(mpd)) == len(demo_playlists()), "the first sync")
        assert mpd.mpc("findadd", "title", track.title) == ""
        (entry,) = mpd.queue()
        assert entry["file"][0].startswith("YouTube Music/")
        assert tags(entry) == (track.artists, track.title)
        play(mpd, 0)
        mpd.command("seekcur", "12")
        wait_until(lambda: 12 <= elapsed(mpd) < 16, "the seek to land")
        assert tags(mpd.queue()[0]) == (track.artists, track.title)
        assert bridge.health()["streams"]["served"] >= 1


def test_songs_follow_each_other_to_the_end_of_the_playlist(tmp_path, start_mpd) -> None:
    """Decoded as fast as it goes: no song is left out, and none stops the queue."""
    mpd = start_mpd(outputs=[null_output(realtime=False)])
    with BridgeProcess(tmp_path / "bridge", mpd, options=()) as bridge, mpd.watch("player") as watcher:
        wait_until(lambda: len(playlists(mpd)) == len(demo_playlists()), "the first sync")
        load(mpd, FIRST)
        mpd.command("play", "0")
        seen = [0]
        while mpd.status()["state"] == "play":
            seen.append(int(mpd.status().get("song", seen[-1])))
            watcher.wait(20)
        assert all(later - earlier in {0, 1} for earlier, later in pairwise(seen))
        assert "error" not in mpd.status()
        assert bridge.health()["streams"]["served"] >= len(FIRST.tracks)


def test_a_sigterm_ends_it_in_good_order_while_it_plays(bridge, mpd) -> None:
    load(mpd, FIRST)
    play(mpd, 0)
    code, seconds = bridge.stop()
    assert code == 0
    assert seconds < 3
    assert json.loads(bridge.log.splitlines()[-1])["event"] == "ended"
    assert "Traceback" not in bridge.log


def test_a_sigterm_does_not_wait_for_a_site_that_never_answers(tmp_path, mpd) -> None:
    folder = tmp_path / "tones"
    folder.mkdir()
    with Website(make_tones(folder)) as site:
        stalled = {"playlists": [{"name": "Stalled", "url": site.url("stalls-tone.mp3")}]}
        with BridgeProcess(tmp_path / "bridge", mpd, options=(), sources={"web": stalled}) as bridge:
            wait_until(lambda: site.hits, "the site to be asked")
            code, seconds = bridge.stop()
    assert (code, "Traceback" in bridge.log) == (0, False)
    assert seconds < 3


def test_what_is_next_in_the_queue_is_on_the_disk_before_it_is_played(tmp_path, mpd) -> None:
    folder = tmp_path / "tones"
    folder.mkdir()
    with Website(make_tones(folder)) as site:
        urls = [site.url(f"tone.{suffix}") for suffix in ("webm", "mp3", "flac")]
        tones = {"playlists": [{"name": "Tones", "urls": urls}]}
        with BridgeProcess(tmp_path / "bridge", mpd, options=(), sources={"web": tones}) as bridge:
            wait_until(lambda: "YT: Tones" in playlists(mpd), "the first sync", 20)
            mpd.mpc("load", "YT: Tones")
            wait_until(lambda: bridge.health()["heads"]["count"] == 2, "the next two to be fetched", 20)
            assert bridge.health()["resolver"]["resolved_last_hour"] == 2
            bodies = [(folder / f"tone.{suffix}").read_bytes() for suffix in ("webm", "mp3")]
            kept = [path.read_bytes() for path in (tmp_path / "bridge/cache/mpdbridge/heads").iterdir()]
            assert all(any(body in head for head in kept) for body in bodies)


def test_an_mpd_that_comes_later_is_synced_and_tagged_without_waiting_for_the_next_turn(tmp_path, mpd) -> None:
    mpd.stop()
    with BridgeProcess(tmp_path / "bridge", mpd, options=()) as bridge:
        wait_until(lambda: "sync failed" in bridge.log, "the first sync to fail")
        assert bridge.health()["sync"]["error"].startswith("cannot reach MPD")
        mpd.start()
        wait_until(lambda: len(playlists(mpd)) == len(demo_playlists()), "the sync", 20)
        load(mpd, FIRST)
        assert bridge.health()["mpd"]["tagger"] == "attached"


def test_the_health_tells_of_every_room(bridge, mpd) -> None:
    wait_until(lambda: bridge.health()["sync"]["last"], "the first sync to end")
    health = bridge.health()
    assert health["mpd"] == {"address": str(mpd.socket), "tagger": "attached", "reason": ""}
    assert health["control"] == {"state": "attached", "reason": ""}
    assert health["sync"]["last"] == {
        "via": "mpd",
        "failed": False,
        "playlists": len(demo_playlists()),
        "sources_failed": [],
    }
    assert health["resolver"]["resolved_last_hour"] == 0


def test_a_service_manager_hears_when_it_is_ready_alive_and_stopping(tmp_path, mpd) -> None:
    with (
        NotifySocket(watchdog=0.5) as manager,
        BridgeProcess(tmp_path / "bridge", mpd, env=manager.env) as bridge,
    ):
        manager.wait("READY=1")
        assert bridge.health() is not None, "ready means that the relay answers"
        wait_until(lambda: bridge.health()["mpd"]["tagger"] == "attached", "the tagger")
        manager.wait(f"STATUS=tagging MPD at {mpd.socket}, nothing synced yet")
        for _ in range(3):
            manager.wait("WATCHDOG=1", limit=0.5)  # later, and systemd would start it anew
        assert bridge.stop()[0] == 0
        manager.wait("STOPPING=1")
        assert "STOPPING=1" not in manager.heard[:-1]


def test_two_bridges_play_two_playlists_on_two_mpds_at_once(tmp_path, start_mpd) -> None:
    mpds = [start_mpd(), start_mpd(tcp=True)]
    with (
        BridgeProcess(tmp_path / "one", mpds[0], options=()) as one,
        BridgeProcess(tmp_path / "two", mpds[1], options=(), mpd={"host": "127.0.0.1", "port": mpds[1].port}) as two,
    ):
        for mpd in mpds:
            wait_until(lambda mpd=mpd: len(playlists(mpd)) == len(demo_playlists()), "the first sync")
        for mpd, playlist in zip(mpds, demo_playlists(), strict=False):
            load(mpd, playlist)
            play(mpd, 0)
        for mpd in mpds:
            before = elapsed(mpd)
            wait_until(lambda mpd=mpd, before=before: elapsed(mpd) > before + 0.5, "both to play on")
        assert one.health()["streams"]["served"] >= 1
        assert two.health()["streams"]["served"] >= 1
    assert [tags(entry) for entry in mpds[1].queue()] == expected(demo_playlists()[1])


def test_a_port_in_use_is_one_line_and_exit_code_1(tmp_path, mpd) -> None:
    bridge = BridgeProcess(tmp_path / "bridge", mpd)
    with socket.create_server(("localhost", bridge.port)):
        done = bridge.run("watch")
    assert done.returncode == 1
    (line,) = (line for line in done.stderr.splitlines() if not line.startswith("{"))
    assert str(bridge.port) in line


def test_a_database_that_cannot_be_opened_is_one_line_and_exit_code_1(tmp_path, mpd) -> None:
    bridge = BridgeProcess(tmp_path / "bridge", mpd, proxy={"track_mapping_db": "/proc/tracks.db"})
    done = bridge.run("watch")
    assert done.returncode == 1
    assert len([line for line in done.stderr.splitlines() if not line.startswith("{")]) == 1


async def test_a_start_that_fails_leaves_the_signals_as_they_were(tmp_path, mpd) -> None:
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    ours = signal.getsignal(signal.SIGTERM)
    with socket.create_server(("localhost", 0)) as taken:
        settings = Settings.model_validate(
            {
                "mpd": {"host": str(mpd.socket)},
                "proxy": {"port": taken.getsockname()[1], "track_mapping_db": str(tmp_path / "t.db")},
            }
        )
        with pytest.raises(ProxyError):
            await run_watch(settings)
    assert signal.signal(signal.SIGTERM, before) is ours


async def test_without_a_relay_and_without_a_source_it_still_tags(tmp_path, mpd) -> None:
    settings = Settings.model_validate(
        {
            "mpd": {"host": str(mpd.socket)},
            "proxy": {"enabled": False, "track_mapping_db": str(tmp_path / "t.db")},
        }
    )
    async with AsyncStore.open(tmp_path / "t.db") as store:
        await store.run(TrackStore.upsert_tracks, [track(1)])
    mpd.command("add", settings.proxy.urls.of(track(1)))
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        running = group.create_task(run_watch(settings))
        await eventually(lambda: tags(mpd.queue()[0]) == (("Somebody",), "Title 1"), "the entry to be tagged")
        os.kill(os.getpid(), signal.SIGINT)
        await running


@pytest.mark.parametrize(
    ("enabled", "followers"), [(True, {"control", "links", "autoplay", "history"}), (False, {"control"})]
)
async def test_a_bridge_whose_relay_is_elsewhere_puts_nothing_into_the_queue(tmp_path, enabled, followers) -> None:
    settings = Settings.model_validate(
        {
            "mpd": {"host": "127.0.0.1"},
            "proxy": {"enabled": enabled, "track_mapping_db": str(tmp_path / "t.db")},
            "watch": {"autoplay": "radio", "history": True},
        }
    )
    async with AsyncExitStack() as stack:
        assert followers_of(await open_parts(settings, stack)).keys() == followers


async def test_what_a_sync_brings_is_tagged_where_it_is_in_the_queue_already(tmp_path, mpd) -> None:
    settings = Settings.model_validate(
        {
            "mpd": {"host": str(mpd.socket)},
            "proxy": {"port": free_port(), "track_mapping_db": str(tmp_path / "t.db")},
            "sources": {"demo": {"enabled": True}},
        }
    )
    mpd.command("add", settings.proxy.urls.plain(FIRST.tracks[0].track_id))
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        running = group.create_task(run_watch(settings))
        await eventually(lambda: tags(mpd.queue()[0]) == expected(FIRST)[0], "the entry to be tagged")
        os.kill(os.getpid(), signal.SIGINT)
        await running


async def test_the_tagger_hears_of_every_stream_that_is_found(tmp_path, monkeypatch) -> None:
    settings = Settings.model_validate(
        {"mpd": {"host": "127.0.0.1"}, "proxy": {"track_mapping_db": str(tmp_path / "t.db")}}
    )

    song = Track("oLtmHdXKIYE", "Jóga")

    async def extract(_url):
        return Extracted(Stream("https://cdn.example/1", time.time()), song)

    async with AsyncExitStack() as stack:
        parts = await open_parts(settings, stack)
        monkeypatch.setattr(parts.worker, "extract", extract)
        await parts.store.run(TrackStore.upsert_tracks, [song])
        await parts.resolver.resolve(song.track_id)
        assert parts.tagger._resolved == {song.track_id}
