"""The verbs on a real mpd: what they do to YouTube Music, to stored playlists, to the queue and to stickers."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from support.bridge import playlists_of, save
from support.innertube_answers import Song
from support.waiting import eventually

from mpdbridge.config import Settings
from mpdbridge.control.answering import answer
from mpdbridge.control.commands import parse
from mpdbridge.control.tools import Tools, open_tools
from mpdbridge.errors import ConfigError, LoginError, MpdBridgeError, SourceError
from mpdbridge.models import Track
from mpdbridge.store import TrackStore
from mpdbridge.sync.lock import sync_lock

pytestmark = pytest.mark.mpd


async def do(tools, line):
    return await answer(tools, parse(line))


def liked(tube) -> list[str]:
    return [song.title for song in tube.playlists["LM"].songs]


def shown(mpd, name: str) -> list[str]:
    """The titles of a stored playlist, from the ends of its links."""
    return [uri.rpartition("\u00a0-\u00a0")[2].replace("\u00a0", " ") for uri in playlists_of(mpd)[name]]


def titles(mpd) -> list[str]:
    return [entry.get("Title", ["-"])[0] for entry in mpd.queue()]


async def current(tools, mpd, number: int) -> None:
    """MPD stands at the track of this number."""
    await do(tools, f"add blue-{number:06}")
    position = len(mpd.queue()) - 1
    mpd.try_to_play("play", str(position))
    await eventually(lambda: mpd.status().get("song") == str(position), "mpd to try it")
    mpd.command("stop")


# --- likes ------------------------------------------------------------------------------------------------------------


async def test_a_like_is_on_top_of_the_liked_songs_at_once_and_the_next_sync_is_quiet(tools, mpd, library) -> None:
    await tools.session.run()
    reply = await do(tools, "like blue-000002")
    assert reply.lines == ("Liked Miles - Blue 2",)
    assert reply.data["playlist"] == "YT: Liked Music"
    assert liked(library) == ["Blue 2", "Blue 5", "Blue 6", "Blue 7"]
    assert shown(mpd, "YT: Liked Music") == liked(library)
    with mpd.watch("stored_playlist") as watcher:
        report = await tools.session.run()
        assert [one.change for one in report.playlists] == ["unchanged"]
        assert watcher.changed() == set()


@pytest.mark.parametrize("verb", ["unlike", "dislike"])
async def test_what_is_liked_no_more_leaves_them_at_once(tools, mpd, library, verb: str) -> None:
    await tools.session.run()
    await do(tools, f"{verb} blue-000006")
    assert shown(mpd, "YT: Liked Music") == liked(library) == ["Blue 5", "Blue 7"]
    report = await tools.session.run()
    assert [one.change for one in report.playlists] == ["unchanged"]


@pytest.fixture
async def preferring(library, configured) -> AsyncIterator[Tools]:
    """Tools that prefer audio: of "Blue 1" the video is liked, and known to have a counterpart."""
    library.songs["video-00001"] = Song(video_id="video-00001", title="Blue 1", artists=("Miles",), form="OMV")
    library.playlists["LM"].songs.append(library.songs["video-00001"])
    settings = {**configured, "sources": {"ytmusic": {**configured["sources"]["ytmusic"], "prefer": "audio"}}}
    async with open_tools(Settings.model_validate(settings)) as tools:
        await tools.session.run()
        await tools.store.run(TrackStore.upsert_tracks, [Track("blue-000001", "Blue 1", ("Miles",))])
        await tools.store.run(TrackStore.note_counterpart, "video-00001", "blue-000001", again_after=1000.0)
        await tools.session.run()
        yield tools


async def test_what_stands_for_another_version_takes_the_like_of_that_back(preferring, library, mpd) -> None:
    assert "blue-000001" in playlists_of(mpd)["YT: Liked Music"][-1]
    await do(preferring, "unlike blue-000001")
    assert liked(library) == ["Blue 5", "Blue 6", "Blue 7"]
    report = await preferring.session.run()
    assert [one.change for one in report.playlists] == ["unchanged"]


async def test_both_versions_of_a_song_that_are_liked_are_one_song(preferring, mpd, library) -> None:
    await do(preferring, "like blue-000001")
    assert liked(library) == ["Blue 1", "Blue 5", "Blue 6", "Blue 7", "Blue 1"]
    assert sorted(shown(mpd, "YT: Liked Music")) == ["Blue 1", "Blue 5", "Blue 6", "Blue 7"]
    await preferring.session.run()
    assert shown(mpd, "YT: Liked Music") == ["Blue 1", "Blue 5", "Blue 6", "Blue 7"]
    assert "blue-000001" in playlists_of(mpd)["YT: Liked Music"][0]


async def test_the_other_version_is_liked_and_liked_no_more_as_what_stands_for_it(preferring, mpd, library) -> None:
    await do(preferring, "like blue-000001")
    await do(preferring, "unlike blue-000001")
    assert shown(mpd, "YT: Liked Music") == liked(library) == ["Blue 5", "Blue 6", "Blue 7"]
    for verb, on_top in (("like", ["Blue 1"]), ("unlike", [])):
        await do(preferring, f"{verb} video-00001")
        assert shown(mpd, "YT: Liked Music") == liked(library) == [*on_top, "Blue 5", "Blue 6", "Blue 7"]
        report = await preferring.session.run()
        assert [one.change for one in report.playlists] == ["unchanged"]


async def test_what_is_liked_already_keeps_its_place(tools, mpd, library) -> None:
    await tools.session.run()
    await do(tools, "like blue-000007")
    assert shown(mpd, "YT: Liked Music") == liked(library) == ["Blue 5", "Blue 6", "Blue 7"]


async def test_without_a_name_it_is_the_song_that_mpd_plays(tools, mpd, library) -> None:
    await current(tools, mpd, 1)
    assert (await do(tools, "like")).lines == ("Liked Miles - Blue 1",)
    assert liked(library)[0] == "Blue 1"


async def test_liked_songs_that_mpd_does_not_have_are_no_obstacle(tools, mpd, library) -> None:
    reply = await do(tools, "like blue-000001")
    assert (reply.data["playlist"], reply.data["note"]) == (None, "")
    assert playlists_of(mpd) == {}


async def test_liked_songs_that_hold_something_of_the_users_wait_for_the_next_sync(tools, mpd, library) -> None:
    await tools.session.run()
    save(mpd, "YT: Liked Music", ["http://localhost/mine"])
    before = playlists_of(mpd)
    assert (await do(tools, "like blue-000001")).data["playlist"] is None
    assert playlists_of(mpd) == before
    assert liked(library)[0] == "Blue 1"


async def test_a_sync_that_runs_for_long_is_told(tools, mpd, library, monkeypatch) -> None:
    await tools.session.run()
    monkeypatch.setattr("mpdbridge.sync.session._PATIENCE", 0.05)
    async with sync_lock(tools.settings.proxy.track_mapping_db, lambda: None):
        reply = await do(tools, "like blue-000001")
        with pytest.raises(MpdBridgeError, match="a sync is running"):
            await do(tools, "radio blue-000001")
        found = await do(tools, "search blue")
    assert liked(library)[0] == "Blue 1"
    assert "follows with the next sync: a sync is running" in reply.lines[0]
    assert found.lines[0].startswith("8 songs found; a sync is running")


async def test_nobody_likes_without_a_login(library, configured, mpd, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "nobody"))
    async with open_tools(Settings.model_validate({**configured, "sources": {}})) as tools:
        with pytest.raises(LoginError, match="mpdbridge auth"):
            await do(tools, "like blue-000001")


async def test_a_track_of_another_site_cannot_be_liked(tools, mpd) -> None:
    other = Track("0123456789abcdef", "Talk", source="web", source_url="https://example.org/talk")
    await tools.store.run(TrackStore.upsert_tracks, [other])
    with pytest.raises(SourceError, match=r"^Talk is not from YouTube Music: only its tracks can be rated$"):
        await do(tools, "like 0123456789abcdef")


async def test_what_mpd_plays_besides_us_is_not_liked(tools, mpd) -> None:
    with pytest.raises(MpdBridgeError, match=r"^MPD plays nothing: name a track"):
        await do(tools, "like")
    mpd.command("add", "http://localhost:1/radio")
    mpd.try_to_play()
    await eventually(lambda: "song" in mpd.status(), "mpd to try it")
    with pytest.raises(MpdBridgeError, match="did not come from mpdbridge"):
        await do(tools, "like")


async def test_in_library_mode_the_sticker_of_the_song_says_it_too(library, configured, mpd) -> None:
    settings = Settings.model_validate({**configured, "library": {"enabled": True}})
    async with open_tools(settings) as tools:
        await tools.session.run()
        (song,) = (uri for uri in playlists_of(mpd)["YT: Liked Music"] if "blue-000006" in uri)
        assert "://" not in song
        for verb, value in (("like", "2"), ("dislike", "0"), ("unlike", "1")):
            await do(tools, f"{verb} blue-000006")
            assert mpd.values("sticker", "get", "song", song, "like") == [f"like={value}"]
        await do(tools, "like blue-000001")
        first = playlists_of(mpd)["YT: Liked Music"][0]
        assert "blue-000001" in first
        assert mpd.values("sticker", "get", "song", first, "like") == ["like=2"], (
            "a new song of the library has one too"
        )
        report = await tools.session.run()
        assert [one.change for one in report.playlists] == ["unchanged"]
        assert (await do(tools, "add blue-000001")).data["added"][0]["uri"] == first
        assert mpd.queue()[-1]["file"] == [first], "and goes into the queue as that"
        mpd.try_to_play()
        await eventually(lambda: "song" in mpd.status(), "mpd to try it")
        assert (await do(tools, "unlike")).data["track_id"] == "blue-000001"


# --- radio and search -------------------------------------------------------------------------------------------------


async def test_a_radio_is_a_playlist_that_begins_with_its_track(tools, mpd) -> None:
    reply = await do(tools, "radio blue-000003")
    assert reply.lines == ("YT: Radio holds 7 tracks like Miles - Blue 3",)
    assert shown(mpd, "YT: Radio") == ["Blue 3", "Blue 0", "Blue 1", "Blue 2", "Blue 4", "Blue 5", "Blue 6", "Blue 7"]
    await do(tools, "radio blue-000001")
    assert shown(mpd, "YT: Radio")[0] == "Blue 1"
    assert mpd.queue() == []


async def test_a_radio_is_appended_behind_the_song_that_plays(tools, mpd) -> None:
    await current(tools, mpd, 3)
    reply = await do(tools, "radio --append")
    assert reply.lines == ("Added 7 tracks like Miles - Blue 3",)
    assert titles(mpd) == ["Blue 3", "Blue 0", "Blue 1", "Blue 2", "Blue 4", "Blue 5", "Blue 6", "Blue 7"]
    assert playlists_of(mpd) == {}


async def test_a_radio_brings_nothing_that_is_in_the_queue_already(tools, mpd) -> None:
    await do(tools, "add blue-000005 blue-000001")
    reply = await do(tools, "radio --append blue-000003")
    assert reply.lines == ("Added 5 tracks like Miles - Blue 3",)
    assert titles(mpd) == ["Blue 5", "Blue 1", "Blue 0", "Blue 2", "Blue 4", "Blue 6", "Blue 7"]
    with pytest.raises(MpdBridgeError, match=r"^all that YouTube Music knows like Miles - Blue 3 is in the queue"):
        await do(tools, "radio --append blue-000003")
    assert len(titles(mpd)) == 7


async def test_a_track_that_nothing_is_like_is_told(tools, library) -> None:
    library.songs = {"blue-000000": library.songs["blue-000000"]}
    with pytest.raises(SourceError, match=r"^YouTube Music knows nothing like Miles - Blue 0$"):
        await do(tools, "radio blue-000000")


async def test_a_search_is_a_playlist_and_its_numbers_can_be_used(tools, mpd) -> None:
    reply = await do(tools, "search blue")
    assert reply.lines[:2] == ("8 songs in YT: Search", "1 Miles - Blue 0 (3:20)")
    assert shown(mpd, "YT: Search") == [f"Blue {n}" for n in range(8)]
    assert (await do(tools, "add 2,4-5")).lines == ("Added 3 tracks, first Miles - Blue 1",)
    assert titles(mpd) == ["Blue 1", "Blue 3", "Blue 4"]
    assert (await do(tools, "radio 8")).data["seed"]["label"] == "Miles - Blue 7"
    with pytest.raises(ConfigError, match="there is no result 9"):
        await do(tools, "add 9")
    with pytest.raises(SourceError, match="1,2: that is not one track but 2"):
        await do(tools, "like 1,2")


async def test_a_search_that_finds_nothing_leaves_the_playlist(tools, mpd) -> None:
    await do(tools, "search blue")
    assert (await do(tools, "search green")).lines == ("Nothing found for 'green'.",)
    assert len(shown(mpd, "YT: Search")) == 8


async def test_numbers_before_any_search_are_told(tools) -> None:
    with pytest.raises(ConfigError, match="nothing was searched for yet"):
        await do(tools, "add 1")


async def test_they_outlive_syncs_and_syncs_outlive_them(tools, mpd) -> None:
    """A sync removes what its sources do not have; these are no source's."""
    await tools.session.run()
    await do(tools, "radio blue-000001")
    await do(tools, "search blue")
    before = playlists_of(mpd)
    assert set(before) == {"YT: Liked Music", "YT: Radio", "YT: Search"}
    report = await tools.session.run()
    assert [(one.name, one.change) for one in report.playlists] == [("Liked Music", "unchanged")]
    assert playlists_of(mpd) == before
    note = await tools.store.run(TrackStore.note, "last_sync")
    assert note is not None
    assert '"name": "Liked Music"' in note, "what `status` tells is the last sync"


async def test_a_users_own_playlist_of_that_name_stays(tools, mpd) -> None:
    save(mpd, "YT: Radio", ["http://localhost/mine"])
    assert (await do(tools, "radio blue-000001")).data["playlist"] == "YT: Radio (2)"
    assert playlists_of(mpd)["YT: Radio"] == ["http://localhost/mine"]


async def test_filters_are_for_the_sources_playlists_only(library, configured, mpd) -> None:
    settings = Settings.model_validate(
        {**configured, "sync": {"playlists": {"include": ["Liked*"]}, "playlist_prefix": "♫ "}}
    )
    async with open_tools(settings) as tools:
        assert (await do(tools, "radio blue-000001")).data["playlist"] == "♫ Radio"


async def test_they_are_no_songs_of_the_library(library, configured, mpd) -> None:
    settings = Settings.model_validate({**configured, "library": {"enabled": True}})
    async with open_tools(settings) as tools:
        await tools.session.run()
        songs = mpd.values("list", "title")
        await do(tools, "radio blue-000001")
        await tools.session.run()
        assert mpd.values("list", "title") == songs
        assert all("://" in uri for uri in playlists_of(mpd)["YT: Radio"])


# --- add --------------------------------------------------------------------------------------------------------------


async def test_links_and_ids_are_added_and_failures_told(tools, mpd) -> None:
    reply = await do(tools, "add https://youtu.be/blue-000001 nonsense blue-000002")
    assert reply.lines[0] == "Added 2 tracks, first Miles - Blue 1"
    assert reply.lines[1].startswith("nonsense: this is no link and no id")
    assert reply.failed
    assert titles(mpd) == ["Blue 1", "Blue 2"]
    assert len((await do(tools, "add nonsense")).lines) == 1, "nothing was added, and that is told"


async def test_next_and_play_put_them_where_they_belong(tools, mpd) -> None:
    await do(tools, "add blue-000001")
    await do(tools, "add --next blue-000002")
    assert titles(mpd) == ["Blue 2", "Blue 1"]


async def test_two_at_the_same_time_do_not_disturb_each_other(tools, mpd) -> None:
    async with asyncio.TaskGroup() as tasks:
        for line in ("search blue", "radio blue-000001", "search blue 3", "radio blue-000002"):
            tasks.create_task(do(tools, line))
    assert set(playlists_of(mpd)) == {"YT: Radio", "YT: Search"}
