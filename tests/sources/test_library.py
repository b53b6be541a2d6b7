"""The library of a login: every kind, every page, and nothing concluded from a list that broke off or came empty."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support import innertube_answers as answers
from support.clock import FakeClock
from support.innertube import FakeAlbum, FakeArtist, FakeInnerTube, FakePlaylist, Song
from support.music_source import Make, making

from mpdbridge.errors import SourceError
from mpdbridge.models import PlaylistRef
from mpdbridge.sources.ytmusic import YTMusicSource

ARTIST = "UCvCk2zFqkCYzpnSgWfx0qOg"


def songs(count: int, **told: object) -> list[Song]:
    return [Song(video_id=f"video-{n:05}", title=f"Song {n}", **told) for n in range(count)]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def tube() -> AsyncIterator[FakeInnerTube]:
    async with FakeInnerTube(page=4) as running:
        running.playlists["LM"] = FakePlaylist("Liked Music", songs(9), announced=9)
        for number in range(9):
            running.playlists[f"PLmine{number:09}"] = FakePlaylist(f"Mine {number}", songs(number + 1))
            running.albums[f"MPREb_{number}"] = FakeAlbum(f"Disc {number}", songs(2), ("Me", "You"))
        running.library = ["LM", *(key for key in running.playlists if key.startswith("PL"))]
        running.library_albums = list(running.albums)
        running.uploads = songs(9, album="Tape")
        yield running


@pytest.fixture
async def make(tube: FakeInnerTube, auth_file: Path, clock: FakeClock) -> AsyncIterator[Make]:
    async with making(tube, clock=clock) as make:
        yield lambda *, login=True, **settings: make(**({"auth_file": auth_file} if login else {}) | settings)


async def offered(source: YTMusicSource) -> list[str]:
    return [ref.playlist_id for ref in (await source.playlists()).refs]


EVERYTHING = {"albums": True, "uploads": True}


async def test_every_page_of_every_kind_comes(make: Make, tube: FakeInnerTube) -> None:
    source = make(library=EVERYTHING)
    offer = await source.playlists()
    assert [ref.playlist_id for ref in offer.refs] == [*tube.library, *tube.library_albums, "MLPT"]
    assert (offer.lacking, offer.untold) == ("", ())
    album, uploads = offer.refs[-2], offer.refs[-1]
    assert (album.name, album.announced) == ("Me, You - Disc 8", None)
    assert (await source.fetch(album)).ref == album
    found = await source.fetch(uploads)
    assert (found.ref.name, len(found.tracks), found.lacking) == ("Uploads", 9, "")
    assert (found.tracks[0].album, found.tracks[0].album_id, found.tracks[0].duration) == ("Tape", None, 200.0)


@pytest.mark.parametrize(
    ("library", "kinds"),
    [
        ({}, ["LM", "PL"]),
        ({"liked": False}, ["PL"]),
        ({"playlists": False}, ["LM"]),
        ({"playlists": False, "liked": False, "albums": True}, ["MP"]),
        ({"playlists": False, "liked": False, "uploads": True}, ["ML"]),
    ],
)
async def test_only_what_is_wanted_is_taken(make: Make, library: dict[str, bool], kinds: list[str]) -> None:
    assert list(dict.fromkeys(one[:2] for one in await offered(make(library=library)))) == kinds


async def test_a_list_that_breaks_off_lacks_the_rest(make: Make, tube: FakeInnerTube) -> None:
    tube.library_breaks = True
    offer = await make(library=EVERYTHING).playlists()
    assert offer.lacking == (
        "the list of the library's playlists broke off after 3; the list of the library's albums broke off after 4"
    )


async def test_a_page_that_comes_empty_by_accident_is_asked_for_again(make: Make, tube: FakeInnerTube) -> None:
    tube.hiccups = 1
    source = make()
    offer = await source.playlists()
    assert (len(offer.refs), offer.lacking) == (10, "")
    tube.hiccups = 1
    found = await source.fetch(offer.refs[0])
    assert (len(found.tracks), found.lacking) == (9, "")


async def test_no_albums_say_nothing_about_those_that_mpd_has(make: Make, tube: FakeInnerTube) -> None:
    tube.library_albums = []
    offer = await make(library=EVERYTHING).playlists()
    assert (offer.lacking, offer.untold) == ("", ("MPREb_",))


async def test_albums_that_fail_do_not_stop_the_rest(make: Make, tube: FakeInnerTube) -> None:
    tube.script.extend([200, 200, 200, 400])  # three pages of playlists, then the albums
    offer = await make(library=EVERYTHING).playlists()
    assert len(offer.refs) == 11
    assert "400" in offer.lacking


async def test_an_album_of_the_library_is_asked_about_again_only_hours_later(
    make: Make, tube: FakeInnerTube, clock: FakeClock
) -> None:
    source = make(library={"albums": True})
    ref = PlaylistRef("ytmusic", "MPREb_1", "Me, You - Disc 1")
    first = await source.fetch(ref)
    tube.albums["MPREb_1"].songs = songs(3)
    assert await source.fetch(ref) == first
    assert len(tube.asked) == 1
    clock.now += 13 * 3600
    assert len((await source.fetch(ref)).tracks) == 3


# --- pages that break off, where no number tells ----------------------------------------------------------------------


async def test_liked_songs_that_break_off_say_so_though_they_announce_no_number(
    make: Make, tube: FakeInnerTube
) -> None:
    tube.playlists["LM"].breaks_after = 1
    found = await make().fetch(PlaylistRef("ytmusic", "LM", "Liked Music"))
    assert (found.ref.announced, len(found.tracks)) == (None, 4)
    assert found.lacking == "its pages broke off after 4 tracks"


async def test_a_list_that_tells_of_less_than_it_has_can_break_off_too(make: Make, tube: FakeInnerTube) -> None:
    """As a recorded one does."""
    tube.playlists["PLmine000000000"] = FakePlaylist("Mine", songs(9), announced=3, breaks_after=1)
    found = await make().fetch(PlaylistRef("ytmusic", "PLmine000000000", "Mine"))
    assert (found.ref.announced, len(found.tracks)) == (3, 4)
    assert found.lacking == "its pages broke off after 4 tracks"


@pytest.mark.parametrize(
    ("header", "count"), [(["No tracks"], 0), (["No views", "3 tracks", "9 minutes"], 3)], ids=["tracks", "views"]
)
@pytest.mark.parametrize("own", [True, False])
async def test_of_nothing_a_head_tells_in_words(
    make: Make, tube: FakeInnerTube, header: list[str], count: int, *, own: bool
) -> None:
    page = answers.playlist_page("Mine", songs(count), header=header, subtitle="2024", token=None)
    tube.script.append(json.dumps(answers.owned(page, "PLmine000000000") if own else page))
    found = await make().fetch(PlaylistRef("ytmusic", "PLmine000000000", "Mine"))
    assert (found.ref.name, found.ref.announced, len(found.tracks), found.lacking) == ("Mine", count, count, "")


async def test_a_page_promised_in_an_unknown_form_is_missed(make: Make, tube: FakeInnerTube) -> None:
    page = answers.playlist_page("Liked Music", songs(4), header=["9 tracks"], subtitle="2024", token="more")
    tube.script.append(json.dumps(page).replace("continuationCommand", "nextPageCommand"))
    found = await make().fetch(PlaylistRef("ytmusic", "LM", "Liked Music"))
    assert (len(found.tracks), found.lacking) == (4, "its pages broke off after 4 tracks")


async def test_an_empty_last_page_is_no_loss_when_the_number_is_right(make: Make, tube: FakeInnerTube) -> None:
    tube.playlists["LM"] = FakePlaylist("Liked Music", songs(9), announced=8, breaks_after=2)
    found = await make().fetch(PlaylistRef("ytmusic", "LM", "Liked Music"))
    assert (len(found.tracks), found.lacking) == (8, "")


async def test_deleted_uploads_count_as_unavailable(make: Make, tube: FakeInnerTube) -> None:
    gone = Song(video_id="gone-000000", title="Gone", deleted=True)
    tube.playlists["PLmine000000000"].songs = [*songs(5), gone]
    found = await make().fetch(PlaylistRef("ytmusic", "PLmine000000000", "Mine"))
    assert (found.ref.announced, len(found.tracks), found.unavailable) == (6, 5, ("(deleted)",))


# --- artists ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "link",
    [
        ARTIST,
        f"https://music.youtube.com/channel/{ARTIST}",
        f"https://music.youtube.com/browse/{ARTIST}",
        "https://music.youtube.com/@thesundays",
        "@thesundays",
    ],
)
async def test_all_songs_of_an_artist_are_a_playlist_of_his_name(make: Make, tube: FakeInnerTube, link: str) -> None:
    tube.artists[ARTIST] = FakeArtist("The Sundays", "OLAK5uy_songsofthesundays")
    tube.playlists["OLAK5uy_songsofthesundays"] = FakePlaylist("Top songs", songs(9))
    tube.handles["https://www.youtube.com/@thesundays"] = ARTIST
    source = make(login=False, playlists=[link])
    (ref,) = (await source.playlists()).refs
    assert ref == PlaylistRef("ytmusic", ARTIST, "The Sundays")
    assert len((await source.fetch(ref)).tracks) == 9


async def test_a_handle_is_resolved_once(make: Make, tube: FakeInnerTube) -> None:
    tube.artists[ARTIST] = FakeArtist("The Sundays", "PLsongs0000000")
    tube.playlists["PLsongs0000000"] = FakePlaylist("Top songs", songs(1))
    tube.handles["https://www.youtube.com/@thesundays"] = ARTIST
    source = make(login=False, playlists=["@thesundays"])
    await source.playlists()
    await source.playlists()
    assert [one.endpoint for one in tube.asked].count("navigation_resolve_url") == 1


async def test_an_artist_is_not_gone_because_nobody_tells_whose_handle_it_is(make: Make, tube: FakeInnerTube) -> None:
    """What came of the handle before is known by the channel's id, and that is what is not told."""
    offer = await make(login=False, playlists=["@thesundays"]).playlists()
    assert ([ref.playlist_id for ref in offer.refs], offer.untold) == (["@thesundays"], ("UC",))


async def test_a_handle_of_nobody_is_told(make: Make) -> None:
    with pytest.raises(SourceError, match="404"):
        await make(login=False).lookup("https://music.youtube.com/@nobody")


async def test_a_few_top_songs_are_not_taken_for_all_of_them(make: Make, tube: FakeInnerTube) -> None:
    tube.artists[ARTIST] = FakeArtist("The Sundays", "PLsongs0000000", whole=False)
    tube.playlists["PLsongs0000000"] = FakePlaylist("Top songs", songs(9))
    found = await make(login=False).fetch(PlaylistRef("ytmusic", ARTIST, ""))
    assert (len(found.tracks), found.lacking) == (5, "YouTube Music shows only the artist's top songs at present")
    tube.playlists["PLsongs0000000"].songs = songs(3)
    found = await make(login=False).fetch(PlaylistRef("ytmusic", ARTIST, ""))
    assert (len(found.tracks), found.lacking) == (3, "")


async def test_an_artist_without_songs_is_an_error_and_no_empty_playlist(make: Make, tube: FakeInnerTube) -> None:
    tube.artists[ARTIST] = FakeArtist("The Sundays", "PLsongs0000000", whole=False)
    tube.playlists["PLsongs0000000"] = FakePlaylist("Top songs", [])
    with pytest.raises(SourceError, match="shows no songs of The Sundays at present"):
        await make(login=False).fetch(PlaylistRef("ytmusic", ARTIST, ""))


# --- what tracks tell beside their names ------------------------------------------------------------------------------


async def test_tracks_know_their_album_s_id_and_whether_they_are_videos(make: Make, tube: FakeInnerTube) -> None:
    tube.playlists["PLmine000000000"].songs = [
        Song(video_id="video-00000", title="One", album="Disc", album_id="MPREb_disc", form="ATV"),
        Song(video_id="video-00001", title="Two", form="OMV"),
        Song(video_id="video-00002", title="Three", form="PODCAST_EPISODE"),
    ]
    found = await make().fetch(PlaylistRef("ytmusic", "PLmine000000000", "Mine"))
    assert [(track.album_id, track.video) for track in found.tracks] == [
        ("MPREb_disc", False),
        (None, True),
        (None, None),
    ]


async def test_tracks_of_an_album_know_its_id(make: Make) -> None:
    found = await make().album("MPREb_1")
    assert [(track.album_id, track.track_number) for track in found.tracks] == [("MPREb_1", 1), ("MPREb_1", 2)]


@pytest.mark.parametrize(("asked", "told"), [("video-00000", "video-11111"), ("video-11111", "video-00000")])
async def test_a_counterpart_is_the_other_version_of_a_track(
    make: Make, tube: FakeInnerTube, asked: str, told: str
) -> None:
    tube.songs["x"] = Song(video_id="video-00000", title="One", counterpart="video-11111", form="ATV")
    found = await make().counterpart(asked)
    assert found is not None
    assert (found.track_id, found.video) == (told, told == "video-11111")


async def test_most_tracks_have_no_counterpart(make: Make, tube: FakeInnerTube) -> None:
    tube.songs = {
        "x": Song(video_id="video-00000", title="One", form="UGC"),
        "y": Song(video_id="video-00001", title="Talk", music=False),
    }
    assert await make().counterpart("video-00000") is None
    assert await make().counterpart("video-00001") is None


async def test_an_answer_that_fails_is_no_answer_about_a_counterpart(make: Make, tube: FakeInnerTube) -> None:
    tube.script.append(400)
    with pytest.raises(SourceError):
        await make().counterpart("video-00000")
