"""A whole sync, whatever state MPD is in: natively, as files in its playlist directory, and back again."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from support.bridge import clear, playlists_of, save
from support.libraries import Library, LibrarySource, Shelf, track
from support.mpd_process import free_port
from support.website import Website, make_tones

from mpdbridge.config import Settings
from mpdbridge.errors import ConfigError, MpdUnavailableError, YouTubeStreamError
from mpdbridge.models import Playlist, PlaylistRef, Stream
from mpdbridge.relay.server import ICYProxyServer
from mpdbridge.relay.spool import Spool
from mpdbridge.resolver import ExtractorWorker, StreamResolver
from mpdbridge.sources.demo import DemoSource
from mpdbridge.store import AsyncStore, TrackStore
from mpdbridge.sync.events import StreamsResolved, Warned
from mpdbridge.sync.links import DirectLinks
from mpdbridge.sync.lock import sync_lock
from mpdbridge.sync.session import LAST_SYNC, SyncSession, run_sync
from mpdbridge.urls import ProxyUrls

MIX = Shelf("A", "Mix", (1, 2, 3))
OTHER = Shelf("B", "Other", (4, 5))


def settings_for(process, tmp_path, /, **sections) -> Settings:
    """Knows MPD's playlist directory; its relay has a port that nobody listens on."""
    known = {
        "mpd": {
            "host": str(process.socket),
            "playlist_directory": str(process.playlist_directory),
            "timeout_seconds": 5,
        },
        "proxy": {"port": free_port(), "track_mapping_db": str(tmp_path / "tracks.db")},
    }
    return Settings.model_validate({name: known.get(name, {}) | sections.get(name, {}) for name in {*known, *sections}})


@asynccontextmanager
async def open_session(settings: Settings, *, relay_runs: bool = True) -> AsyncIterator[SyncSession]:
    async with (
        AsyncStore.open(settings.proxy.track_mapping_db) as store,
        ExtractorWorker(settings=settings.resolver) as worker,
    ):
        resolver = StreamResolver(store=store, worker=worker, settings=settings.resolver)
        yield SyncSession(settings=settings, store=store, sources=[], resolver=resolver, relay_runs=relay_runs)


async def sync(session: SyncSession, *shelves: Shelf, **options):
    return await replace(session, sources=[LibrarySource(Library("first", shelves))]).run(**options)


def outcomes(report) -> list[tuple[str, str]]:
    return [(one.mpd_name, one.change) for one in report.playlists]


def uris(settings: Settings, *numbers: int) -> list[str]:
    return [settings.proxy.urls.of(track(number)) for number in numbers]


async def test_an_mpd_that_is_away_gets_files_and_duplicates_nothing_when_it_is_back(mpd, tmp_path) -> None:
    settings = settings_for(mpd, tmp_path)
    mpd.stop()
    async with open_session(settings) as session:
        report = await sync(session, MIX, OTHER)
        assert (report.via, outcomes(report)) == ("m3u", [("YT: Mix", "written-m3u"), ("YT: Other", "written-m3u")])
        assert "cannot reach MPD" in report.warnings[0]
        assert str(mpd.playlist_directory) in report.warnings[0]
        mpd.start()
        assert playlists_of(mpd) == {"YT: Mix": uris(settings, 1, 2, 3), "YT: Other": uris(settings, 4, 5)}
        back = await sync(session, MIX, OTHER)
        assert (back.via, back.warnings) == ("mpd", ())
        assert outcomes(back) == [("YT: Mix", "unchanged"), ("YT: Other", "unchanged")]
        await sync(session, replace(MIX, numbers=(3, 1)), OTHER)
        assert playlists_of(mpd) == {"YT: Mix": uris(settings, 3, 1), "YT: Other": uris(settings, 4, 5)}


async def test_files_edit_rename_and_prune_what_was_made_natively(mpd, tmp_path) -> None:
    settings = settings_for(mpd, tmp_path)
    async with open_session(settings) as session:
        save(mpd, "Mine", ["http://radio/"])
        await sync(session, MIX, OTHER, Shelf("C", "Gone", (6,)))
        mpd.stop()
        report = await sync(session, replace(MIX, name="Best"), replace(OTHER, numbers=(5,)))
        assert outcomes(report) == [("YT: Best", "renamed"), ("YT: Other", "written-m3u"), ("YT: Gone", "removed")]
        again = await sync(session, replace(MIX, name="Best"), replace(OTHER, numbers=(5,)))
        assert outcomes(again) == [("YT: Best", "unchanged"), ("YT: Other", "unchanged")]
        mpd.start()
        expected = {
            "Mine": ["http://radio/"],
            "YT: Best": uris(settings, 1, 2, 3),
            "YT: Other": uris(settings, 5),
        }
        assert playlists_of(mpd) == expected
        await sync(session, replace(MIX, name="Best"), replace(OTHER, numbers=(5,)))
        assert playlists_of(mpd) == expected


async def test_the_users_own_file_of_the_same_name_stays(mpd, tmp_path) -> None:
    save(mpd, "YT: Mix", ["http://radio/"])
    mpd.stop()
    async with open_session(settings_for(mpd, tmp_path)) as session:
        assert outcomes(await sync(session, MIX)) == [("YT: Mix (2)", "written-m3u")]
        assert (mpd.playlist_directory / "YT: Mix.m3u").read_text() == "http://radio/\n"


async def test_leftovers_of_a_killed_run_are_cleared(mpd, tmp_path) -> None:
    (mpd.playlist_directory / ".mpdbridge-half.tmp").write_text("#EXTM3U\nhttp://")
    mpd.stop()
    async with open_session(settings_for(mpd, tmp_path)) as session:
        await sync(session, MIX)
    assert [file.name for file in mpd.playlist_directory.iterdir()] == ["YT: Mix.m3u"]


async def test_the_fallback_writes_titles_and_durations(mpd, tmp_path) -> None:
    settings = settings_for(mpd, tmp_path)
    mpd.stop()
    async with open_session(settings) as session:
        await sync(session, replace(MIX, numbers=(1,)))
    text = (mpd.playlist_directory / "YT: Mix.m3u").read_text()
    assert text == f"#EXTM3U\n#EXTINF:61,Somebody - Title 1\n{uris(settings, 1)[0]}\n"


async def test_an_mpd_without_stored_playlists_gets_files(start_mpd, tmp_path) -> None:
    mpd = start_mpd(stored_playlists=False)
    async with open_session(settings_for(mpd, tmp_path)) as session:
        report = await sync(session, MIX)
        assert (report.via, outcomes(report)) == ("m3u", [("YT: Mix", "written-m3u")])
        assert "Stored playlists are disabled" in report.warnings[0]


async def test_an_mpd_that_does_not_let_us_write_gets_files(start_mpd, tmp_path) -> None:
    mpd = start_mpd(password="secret", default_permissions="read")
    async with open_session(settings_for(mpd, tmp_path)) as session:
        report = await sync(session, MIX)
        assert "does not permit playlistadd, playlistdelete, rename, rm; set mpd.password" in report.warnings[0]
        assert playlists_of(mpd) == {"YT: Mix": uris(session.settings, 1, 2, 3)}
    settings = settings_for(mpd, tmp_path, mpd={"password": "secret"})
    async with open_session(settings) as session:
        assert (await sync(session, replace(MIX, numbers=(1,)))).via == "mpd"
        assert list(playlists_of(mpd)) == ["YT: Mix"]


async def test_an_mpd_that_refuses_the_password_gets_files(start_mpd, tmp_path) -> None:
    mpd = start_mpd(password="secret", default_permissions="")
    async with open_session(settings_for(mpd, tmp_path, mpd={"password": "wrong"})) as session:
        report = await sync(session, MIX)
        assert report.via == "m3u"
        assert "wrong" not in report.warnings[0]


async def test_without_a_known_folder_one_line_says_what_was_tried_and_what_to_set(mpd, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    mpd.stop()
    async with open_session(settings_for(mpd, tmp_path, mpd={"playlist_directory": None})) as session:
        with pytest.raises(MpdUnavailableError, match=r"^cannot reach MPD at .*set mpd\.playlist_directory$") as caught:
            await sync(session, MIX)
        assert "\n" not in str(caught.value)


async def test_a_folder_that_cannot_be_written_fails_each_playlist_with_the_fix(mpd, tmp_path) -> None:
    mpd.stop()
    settings = settings_for(mpd, tmp_path, mpd={"playlist_directory": "/proc/self"})
    async with open_session(settings) as session:
        report = await sync(session, MIX)
        assert report.failed
        assert report.playlists[0].reason.startswith("/proc/self: ")


@asynccontextmanager
async def away(mpd, tmp_path, **sections) -> AsyncIterator[SyncSession]:
    """MPD is away and no relay is known to run; the streams of tracks 1 and 2 are known."""
    mpd.stop()
    async with open_session(settings_for(mpd, tmp_path, **sections), relay_runs=False) as session:
        await session.store.run(TrackStore.upsert_tracks, [track(1), track(2)])
        for number in (1, 2):
            stream = Stream(f"https://cdn.example/{number}?expire=9999999999", time.time(), content_type="audio/webm")
            await session.store.run(TrackStore.save_stream, track(number).track_id, stream)
        yield session


DIRECT = ["https://cdn.example/1?expire=9999999999", "https://cdn.example/2?expire=9999999999"]


@pytest.mark.parametrize(
    ("enabled", "why"), [(True, "no relay answers at http://localhost:"), (False, "proxy.enabled is false")]
)
async def test_without_a_relay_the_files_hold_direct_links_and_it_is_said(mpd, tmp_path, enabled, why) -> None:
    async with away(mpd, tmp_path, proxy={"enabled": enabled}) as session:
        events = []
        report = await sync(session, MIX, listener=events.append)
        (one,) = report.playlists
        assert (one.change, one.tracks) == ("written-m3u", 2)
        assert one.reason.startswith("1 without a direct link: Somebody - Title 3: ")
        assert report.warnings[1].startswith(why)
        assert "expire" in report.warnings[1]
        assert [event for event in events if isinstance(event, Warned)] == [Warned(text) for text in report.warnings]
        assert [event.done for event in events if isinstance(event, StreamsResolved)] == [1, 2, 3]
        mpd.start()
        assert playlists_of(mpd) == {"YT: Mix": DIRECT}


async def test_direct_links_give_way_to_lasting_ones_when_mpd_is_back(mpd, tmp_path) -> None:
    async with away(mpd, tmp_path) as session:
        await sync(session, MIX)
        mpd.start()
        report = await sync(session, MIX)
        assert (report.via, [one.mpd_name for one in report.playlists]) == ("mpd", ["YT: Mix"])
        assert playlists_of(mpd) == {"YT: Mix": uris(session.settings, 1, 2, 3)}


async def test_a_playlist_without_any_stream_stays_as_it_was(mpd, tmp_path) -> None:
    async with away(mpd, tmp_path) as session:
        report = await sync(session, OTHER)
        assert [one.change for one in report.playlists] == ["failed"]
        assert list(mpd.playlist_directory.iterdir()) == []


async def test_a_dry_run_of_the_fallback_resolves_nothing(mpd, tmp_path) -> None:
    async with away(mpd, tmp_path) as session:
        events = []
        report = await sync(session, MIX, dry_run=True, listener=events.append)
        assert outcomes(report) == [("YT: Mix", "created")]
        assert report.playlists[0].tracks == 3, "also the one that has no stream, as would show"
        assert not any(isinstance(event, StreamsResolved) for event in events)
        assert list(mpd.playlist_directory.iterdir()) == []


@pytest.mark.parametrize("dry_run", [True, False])
async def test_the_demo_music_has_no_links_but_to_a_relay(mpd, tmp_path, dry_run) -> None:
    async with away(mpd, tmp_path) as session:
        report = await replace(session, sources=[DemoSource()]).run(dry_run=dry_run)
        assert {one.change for one in report.playlists} == {"failed"}
        assert "plays only through the relay" in report.playlists[0].reason


async def test_a_relay_of_another_process_is_found_by_asking(mpd, tmp_path) -> None:
    async with (
        away(mpd, tmp_path) as session,
        Spool(tmp_path) as spool,
        ICYProxyServer(store=session.store, resolver=session.resolver, spool=spool, settings=session.settings.proxy),
    ):
        report = await sync(session, MIX)
        assert len(report.warnings) == 1
        mpd.start()
        assert playlists_of(mpd) == {"YT: Mix": uris(session.settings, 1, 2, 3)}


async def test_direct_links_are_what_the_site_gives(mpd, tmp_path) -> None:
    folder = tmp_path / "tones"
    folder.mkdir()
    with Website(await asyncio.to_thread(make_tones, folder)) as site:
        async with away(mpd, tmp_path) as session:
            tones = {7: "tone.mp3", 8: "tone.m4a"}
            linked = [replace(track(number), source_url=site.url(tone)) for number, tone in tones.items()]
            demo = replace(track(9), source="demo", source_url="demo:nowhere")
            await session.store.run(TrackStore.upsert_tracks, linked)
            urls = session.settings.proxy.urls
            links = DirectLinks(resolver=session.resolver, urls=urls, listener=lambda _event: None, pace=0)
            (ref,) = (await LibrarySource(Library("first", (MIX,))).playlists()).refs
            found = await links.entries(Playlist(ref, (*linked, demo)))
            assert [entry.uri for entry in found.entries] == [site.url("tone.mp3"), site.url("tone.m4a"), urls.of(demo)]
            assert len(found.linkless) == 1


@pytest.mark.parametrize(("resolved_at", "waits"), [(1000.0, 3), (999.0, 0)], ids=["asked", "known"])
async def test_sites_are_asked_for_direct_links_slowly(monkeypatch, resolved_at, waits) -> None:
    class Resolver:
        async def resolve(self, _track_id):
            return Stream("https://cdn.example/1", resolved_at)

    slept = []

    async def sleep(seconds):
        slept.append(seconds)

    monkeypatch.setattr("mpdbridge.sync.links.asyncio.sleep", sleep)
    links = DirectLinks(
        resolver=Resolver(), urls=ProxyUrls("http://x"), listener=lambda _: None, pace=7, clock=lambda: 1000.0
    )
    await links.entries(Playlist(PlaylistRef("first", "A", "Mix"), tuple(map(track, (1, 2, 3)))))
    assert slept == [7] * waits


async def test_a_track_whose_site_fails_keeps_its_place_by_its_link_to_the_relay(mpd, tmp_path) -> None:
    """Only what is gone for good is left out: a site that is down makes no playlist shorter."""
    failures = {1: None, 2: YouTubeStreamError("away"), 3: YouTubeStreamError("deleted", permanent=True)}

    class Resolver:
        async def resolve(self, track_id):
            number = next(number for number in failures if track(number).track_id == track_id)
            if failure := failures[number]:
                raise failure
            return Stream("https://cdn.example/1", resolved_at=0)

    urls = settings_for(mpd, tmp_path).proxy.urls
    links = DirectLinks(resolver=Resolver(), urls=urls, listener=lambda _event: None)
    (ref,) = (await LibrarySource(Library("first", (MIX,))).playlists()).refs
    found = await links.entries(Playlist(ref, tuple(map(track, failures))))
    assert [entry.uri for entry in found.entries] == ["https://cdn.example/1", urls.of(track(2))]
    assert found.linkless == ("Somebody - Title 2: away", "Somebody - Title 3: deleted")
    failures[1] = failures[2]
    assert (await links.entries(Playlist(ref, tuple(map(track, failures))))).entries == ()


async def test_a_native_sync_without_a_relay_says_that_nothing_will_play_here(mpd, tmp_path) -> None:
    async with open_session(settings_for(mpd, tmp_path, proxy={"enabled": False})) as session:
        report = await sync(session, MIX)
        assert report.via == "mpd"
        assert "proxy.enabled is false" in report.warnings[0]


async def test_a_sync_waits_while_another_one_runs(mpd, tmp_path) -> None:
    settings = settings_for(mpd, tmp_path)
    async with open_session(settings) as session:
        heard = asyncio.Event()
        events = []

        def listener(event) -> None:
            events.append(event)
            heard.set()

        async with asyncio.TaskGroup() as group, sync_lock(settings.proxy.track_mapping_db, lambda: None):
            waiting = group.create_task(sync(session, MIX, listener=listener))
            async with asyncio.timeout(10):
                await heard.wait()
            assert events == [Warned("another sync is running; waiting for it to end")]
            assert playlists_of(mpd) == {}
        assert outcomes(waiting.result()) == [("YT: Mix", "created")]


async def test_the_last_report_is_noted_for_status(mpd, tmp_path) -> None:
    async with open_session(settings_for(mpd, tmp_path)) as session:
        await sync(session, MIX)
        note = await session.store.run(TrackStore.note, LAST_SYNC)
    assert '"failed": false' in note
    assert '"at": ' in note


async def test_a_sync_of_one_playlist_leaves_the_picture_of_all(mpd, tmp_path) -> None:
    async with open_session(settings_for(mpd, tmp_path)) as session:
        await sync(session, MIX, OTHER)
        whole = await session.store.run(TrackStore.note, LAST_SYNC)
        await sync(session, MIX, OTHER, only=["Mix"])
        assert await session.store.run(TrackStore.note, LAST_SYNC) == whole
    assert '"name": "Other"' in whole


async def test_without_a_source_it_is_said_what_to_do(mpd, tmp_path) -> None:
    with pytest.raises(ConfigError, match=r"mpdbridge config init.*mpdbridge demo"):
        await run_sync(settings_for(mpd, tmp_path))


async def test_the_demo_playlists_arrive_with_nothing_but_the_settings(mpd, tmp_path) -> None:
    settings = settings_for(mpd, tmp_path, sources={"demo": {"enabled": True}})
    planned = await run_sync(settings, dry_run=True)
    assert not settings.proxy.track_mapping_db.exists()
    assert playlists_of(mpd) == {}
    report = await run_sync(settings)
    assert set(playlists_of(mpd)) == {one.mpd_name for one in report.playlists}
    assert [one.tracks for one in report.playlists] == [one.tracks for one in planned.playlists]
    clear(mpd)
