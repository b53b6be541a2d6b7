"""Search at YouTube Music: the real ytmusicapi asks the fake one, and every kind of result can be looked up."""

from collections.abc import AsyncIterator

import pytest
from support.innertube import FakeAlbum, FakeArtist, FakeInnerTube, FakePlaylist, Song
from support.music_source import Make

from mpdbridge.errors import SourceError
from mpdbridge.models import SearchResult
from mpdbridge.sources.ytmusic.search import results

CHANNEL = "UCvCk2zFqkCYzpnSgWfx0qOg"
TOP_SONGS = "OLAK5uy_topsongsofsunda"


@pytest.fixture
async def tube() -> AsyncIterator[FakeInnerTube]:
    async with FakeInnerTube(page=4) as running:
        for number in range(9):
            one = Song(
                video_id=f"sunday-{number:04}", title=f"Sunday {number}", artists=("Band", "Guest"), album="Week"
            )
            running.songs[one.video_id] = one
        running.songs["sundayvideo"] = Song(video_id="sundayvideo", title="Sunday live", music=False)
        running.albums["MPREb_sunday"] = FakeAlbum("Sundays", [running.songs["sunday-0001"]], ("Band",), "1999")
        running.artists[CHANNEL] = FakeArtist("The Sundays", TOP_SONGS)
        running.playlists[TOP_SONGS] = FakePlaylist("Top songs", [running.songs[f"sunday-000{n}"] for n in range(6)])
        running.playlists["PLsundaysunday"] = FakePlaylist("Lazy Sunday", [running.songs["sunday-0002"]])
        yield running


def kinds(found: list[SearchResult]) -> list[str]:
    return [one.kind for one in found]


async def test_all_kinds_come_songs_first_in_two_requests(make: Make, tube: FakeInnerTube) -> None:
    found = await make().search("sunday", limit=3)
    assert kinds(found) == ["song", "song", "song", "album", "artist", "playlist", "video"]
    assert len(tube.asked) == 2


async def test_each_kind_says_what_it_is(make: Make) -> None:
    song, album, artist, playlist, video = await make().search("sunday", limit=1)
    assert (song.title, song.artist, song.about) == ("Sunday 0", "Band, Guest", "Week")
    assert song.track is not None
    assert (song.track.track_id, song.track.artists, song.track.duration) == ("sunday-0000", ("Band", "Guest"), 200.0)
    assert (album.title, album.artist, album.about) == ("Sundays", "Band", "Album, 1999")
    assert (artist.title, artist.artist) == ("The Sundays", None)
    assert playlist.title == "Lazy Sunday"
    assert (video.title, video.link) == ("Sunday live", "https://music.youtube.com/watch?v=sundayvideo")


async def test_what_youtube_thinks_best_comes_first_and_once(make: Make) -> None:
    found = await make().search("Sunday 7", limit=10)
    assert [one.title for one in found if one.kind == "song"] == ["Sunday 7"]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", ["song", "album", "artist", "playlist", "video"])
async def test_one_kind_is_found_in_every_language(make: Make, kind: str, language: str) -> None:
    """Though ytmusicapi 1.12 drops results whose heading is translated."""
    found = await make(language=language).search("sunday", kind, limit=2)
    assert set(kinds(found)) == {kind}


async def test_the_language_of_names_stays_the_configured_one(make: Make, tube: FakeInnerTube) -> None:
    source = make(language="de")
    await source.search("sunday", "song")
    await source.lookup("PLsundaysunday")
    assert [asked.body["context"]["client"]["hl"] for asked in tube.asked] == ["en", "en", "en", "de"]


async def test_no_more_pages_are_asked_for_than_needed(make: Make, tube: FakeInnerTube) -> None:
    assert len(await make().search("sunday", "song", limit=5)) == 5
    assert len(tube.asked) == 2


@pytest.mark.parametrize(("kind", "tracks"), [("song", 1), ("album", 1), ("artist", 6), ("playlist", 1), ("video", 1)])
async def test_every_result_can_be_looked_up(make: Make, kind: str, tracks: int) -> None:
    source = make()
    (found,) = await source.search("sunday", kind, limit=1)
    playlist = await source.lookup(found.link)
    assert playlist is not None
    assert len(playlist.tracks) == tracks


async def test_an_artist_stands_for_his_most_played_songs(make: Make) -> None:
    playlist = await make().lookup(CHANNEL)
    assert playlist is not None
    assert playlist.ref.name == "The Sundays"
    assert [track.title for track in playlist.tracks] == [f"Sunday {n}" for n in range(6)]


async def test_a_channel_that_is_no_artist_is_told(make: Make, tube: FakeInnerTube) -> None:
    tube.script.append("{}")
    with pytest.raises(SourceError, match=rf"^channel {CHANNEL}: is no artist at YouTube Music$"):
        await make().lookup(CHANNEL)


async def test_nothing_found_is_no_error(make: Make) -> None:
    assert await make().search("monday") == []


async def test_what_cannot_be_played_or_looked_up_is_left_out(make: Make, tube: FakeInnerTube) -> None:
    tube.songs = {"sunday-0000": Song(video_id="sunday-0000", title="Sunday", playable=False)}
    tube.playlists["RDmadeforyou"] = FakePlaylist("Sunday mix", [])
    del tube.playlists["PLsundaysunday"]
    assert kinds(await make().search("sunday")) == ["album", "artist"]


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"resultType": None},
        {"resultType": "podcast", "title": "P", "browseId": "MPSPx"},
        {"resultType": "song"},
        {"resultType": "song", "videoId": "oLtmHdXKIYE", "title": None},
        {"resultType": "album", "title": "A", "browseId": None},
        {"resultType": "artist", "artist": None, "artists": None},
        {"resultType": "playlist", "title": "", "browseId": "VLPLxxxxxxxxxx"},
    ],
)
def test_rows_that_lack_what_is_needed_are_left_out(row: dict[str, object]) -> None:
    assert results([row], 5) == []


def test_the_best_result_names_an_artist_and_a_playlist_in_its_own_way() -> None:
    artist = {"resultType": "artist", "subscribers": "3M", "artists": [{"name": "Band", "id": CHANNEL}]}
    playlist = {"resultType": "playlist", "playlistId": "PLxxxxxxxxxx", "title": "P", "author": [{"name": "Me"}]}
    first, second = results([playlist, artist], 5)
    assert (first.title, first.about) == ("Band", "3M subscribers")
    assert (second.artist, second.link) == ("Me", "https://music.youtube.com/playlist?list=PLxxxxxxxxxx")
