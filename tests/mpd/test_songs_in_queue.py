"""Songs of library mode in the queue: put there in place of links, known as ours, tagged exactly, looked up ahead."""

import asyncio
from dataclasses import replace

import pytest
from support.audio_server import AudioServer, silence
from support.library import FOLDER, update
from support.tagging import FIRST, SECOND, address, numbered, running, soon, started, tagged, tags
from support.waiting import eventually

from mpdbridge import cue
from mpdbridge.config import MpdSettings
from mpdbridge.models import Track
from mpdbridge.mpd.address import resolve_address
from mpdbridge.mpd.autoplay import Autoplay
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.history import Historian
from mpdbridge.mpd.library_plan import sheet_of
from mpdbridge.mpd.library_songs import LibrarySongs
from mpdbridge.mpd.links import LinkReplacer
from mpdbridge.mpd.queue import add_to_queue, upcoming
from mpdbridge.mpd.tag_diff import desired_tags
from mpdbridge.sources.queue_links import QueueLinks
from mpdbridge.store import AsyncStore, LibraryFolder, SheetRecord, TrackStore
from mpdbridge.urls import TrackUris, sheet_name, song_uri

pytestmark = pytest.mark.mpd

QUOTED = replace(FIRST, title='"Heroes"', duration=30.0)
TRACKS = (QUOTED, replace(SECOND, track_number=1))
OTHER, GONE = numbered(2)


class NobodyAsked:
    """Stands in for the sources, which are not asked for what is known."""


def uris_at(port: int) -> TrackUris:
    return TrackUris(f"http://127.0.0.1:{port}", (), (FOLDER,))


@pytest.fixture
async def store():
    async with AsyncStore.open(":memory:") as opened:
        await opened.run(TrackStore.upsert_tracks, TRACKS)
        yield opened


def song(track: Track) -> str:
    return song_uri(FOLDER, sheet_name("x", track.track_id))


def shelve(mpd, uris: TrackUris) -> None:
    """Makes the tracks songs of the database."""
    for track in TRACKS:
        path = mpd.music_directory / FOLDER / sheet_name("x", track.track_id)
        path.parent.mkdir(exist_ok=True)
        path.write_text(cue.render(sheet_of(track, uris)))
    update(mpd)


def queue(mpd, uris: TrackUris) -> None:
    """Makes the tracks songs of the database, and puts them into the queue as a user does."""
    shelve(mpd, uris)
    for track in TRACKS:
        mpd.command("findadd", "file", song(track))


def files(mpd) -> list[str]:
    return [entry["file"][0] for entry in mpd.queue()]


async def shelved(mpd, store, target: str) -> None:
    """Notes that MPD has read the sheets of the tracks, and of one that it does not have any more."""
    where = LibraryFolder(target, str(mpd.music_directory), FOLDER)
    sheets = [SheetRecord(track.track_id, sheet_name("x", track.track_id), read=1) for track in (*TRACKS, GONE)]
    await store.run(TrackStore.keep_sheets, where, sheets)


@pytest.fixture
async def songs(mpd, store) -> LibrarySongs:
    """What tells of the tracks, and of one that MPD does not have any more."""
    await shelved(mpd, store, str(address(mpd)))
    return LibrarySongs(store, FOLDER)


async def test_tracks_are_added_as_the_songs_that_they_are_with_their_tags_once(mpd, connection, songs) -> None:
    uris = uris_at(1)
    shelve(mpd, uris)
    wanted = (GONE, QUOTED, OTHER, TRACKS[1])
    added = await add_to_queue(connection, uris, wanted, songs=songs)
    assert files(mpd) == [uris.of(GONE), song(QUOTED), uris.of(OTHER), song(TRACKS[1])]
    assert [entry.uri for entry in added] == files(mpd)
    assert [tags(entry) for entry in mpd.queue()[2:]] == [desired_tags(OTHER), desired_tags(TRACKS[1])]


async def test_the_songs_of_an_mpd_whose_socket_comes_after_us_are_known(mpd, store, tmp_path, monkeypatch) -> None:
    """The bridge starts first, and the sync that makes the sheets names MPD by that socket."""
    uris = uris_at(1)
    shelve(mpd, uris)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    early = MpdConnection(resolve_address(MpdSettings(), {}, lambda _path: False))
    songs = LibrarySongs(store, FOLDER)
    (tmp_path / "mpd").mkdir()
    (tmp_path / "mpd" / "socket").symlink_to(mpd.socket)
    await shelved(mpd, store, f"{tmp_path}/mpd/socket")
    async with early as connection:
        await add_to_queue(connection, uris, TRACKS, songs=songs)
    assert files(mpd) == [song(track) for track in TRACKS]


async def test_a_song_that_is_started_at_once_keeps_the_length_of_its_sheet(mpd, connection, songs) -> None:
    shelve(mpd, uris_at(1))
    before = mpd.command("lsinfo", song(QUOTED))
    await add_to_queue(connection, uris_at(1), [QUOTED], play=True, songs=songs, durations=True)
    assert mpd.queue()[0]["Range"] == [dict(before)["Range"]]
    assert "rangeid" not in mpd.log


async def test_a_link_gives_way_to_the_song_that_its_track_is(mpd, store, songs) -> None:
    uris = uris_at(1)
    shelve(mpd, uris)
    links = QueueLinks(sources=NobodyAsked(), sites="youtube", urls=uris)
    replacer = LinkReplacer(
        address=address(mpd), store=store, urls=uris, links=links, tracks_changed=lambda: None, songs=songs
    )
    mpd.command("add", f"https://youtu.be/{SECOND.track_id}")
    async with started(replacer):
        await eventually(lambda: files(mpd) == [song(SECOND)], "the song")
        assert [tags(entry) for entry in mpd.queue()] == [desired_tags(TRACKS[1])]


async def test_a_radio_goes_on_from_songs_and_links_with_songs_and_links(mpd, store, songs) -> None:
    await store.run(TrackStore.upsert_tracks, [OTHER])
    with AudioServer(silence(60), "audio/wav") as relay:
        uris = uris_at(relay.port)
        shelve(mpd, uris)

        async def related(_track_id: str, _count: int) -> list[Track]:
            return [QUOTED, OTHER, TRACKS[1], GONE]

        autoplay = Autoplay(
            address=address(mpd), store=store, urls=uris, related=related, below=2, songs=songs, delays=soon
        )
        async with started(autoplay):
            for uri in (song(QUOTED), uris.of(OTHER)):
                mpd.command("add", uri)
            await asyncio.to_thread(mpd.command, "play", "0")
            await eventually(lambda: len(files(mpd)) > 2, "more songs")
            assert files(mpd)[2:] == [song(SECOND), uris.of(GONE)], "neither song nor link comes twice"


async def test_a_song_of_the_library_that_was_heard_is_told(mpd, store) -> None:
    told = []

    async def tell_played(track_id: str) -> None:
        told.append(track_id)

    with AudioServer(silence(2, rate=192000), "audio/wav") as relay:
        uris = uris_at(relay.port)
        queue(mpd, uris)

        async def recently_played() -> list[Track]:
            return list(TRACKS)

        historian = Historian(
            address=address(mpd), store=store, urls=uris, tell_played=tell_played, recently_played=recently_played
        )
        async with started(historian):
            await asyncio.to_thread(mpd.command, "play", "0")
            await eventually(lambda: told == [QUOTED.track_id], "the play to be told")


async def test_a_song_is_looked_up_ahead(mpd) -> None:
    uris = uris_at(1)
    queue(mpd, uris)
    async with MpdConnection(address(mpd)) as connection:
        assert await upcoming(connection, uris, 3) == [track.track_id for track in TRACKS]


async def test_what_a_sheet_cannot_hold_is_right_in_the_queue(mpd, store) -> None:
    queue(mpd, uris_at(1))
    assert mpd.queue()[0]["Title"] == ["“Heroes”"]
    async with running(mpd, store, uris_at(1)):
        await eventually(lambda: tagged(mpd, *TRACKS), "the exact title")
        assert mpd.mpc("find", "title", "“Heroes”"), "the database is as it was"


@pytest.mark.parametrize("title", [None, "Station - Song"])
async def test_a_song_plays_through_the_relay_and_keeps_its_tags_even_if_a_stream_wipes_them(mpd, store, title) -> None:
    with AudioServer(silence(30), "audio/wav", icy_title=title) as relay:
        uris = uris_at(relay.port)
        queue(mpd, uris)
        async with running(mpd, store, uris):
            await asyncio.to_thread(mpd.command, "play", "0")
            await eventually(lambda: float(mpd.status().get("elapsed", 0)) > 0.2, "MPD to play")
            await eventually(lambda: tagged(mpd, *TRACKS), "the tags")
            assert relay.paths[0] == f"/proxy/{QUOTED.track_id}"
