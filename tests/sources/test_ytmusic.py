"""YTMusicSource against a small music.youtube.com, through the real ytmusicapi and real HTTP."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import requests
from support.innertube import FakeAlbum, FakeInnerTube, FakePlaylist, Song
from support.music_source import Make

from mpdbridge.config import YTMusicSettings
from mpdbridge.errors import SourceAwayError, SourceError
from mpdbridge.models import PlaylistRef
from mpdbridge.sources.ytmusic import YTMusicSource, parse

PUBLIC = "PLpublicpublic"


def songs(count: int, start: int = 0) -> list[Song]:
    return [Song(video_id=f"video-{n:05}", title=f"Song {n}") for n in range(start, start + count)]


@pytest.fixture
async def tube() -> AsyncIterator[FakeInnerTube]:
    async with FakeInnerTube() as running:
        running.playlists[PUBLIC] = FakePlaylist("Public", songs(3))
        yield running


def give_library(tube: FakeInnerTube, count: int = 30) -> None:
    """A library of more playlists than ytmusicapi fetches by default (25), and liked songs."""
    tube.playlists["LM"] = FakePlaylist("Liked Music", songs(5), announced=None)
    for number in range(count):
        tube.playlists[f"PLmine{number:09}"] = FakePlaylist(f"Mine {number}", songs(2))
    tube.library = ["LM", *(key for key in tube.playlists if key.startswith("PLmine"))]
    tube.page = 25


# --- without a login --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "link",
    [
        PUBLIC,
        f"VL{PUBLIC}",
        f"https://music.youtube.com/playlist?list={PUBLIC}",
        f"https://www.youtube.com/playlist?list={PUBLIC}",
    ],
)
async def test_a_public_playlist_needs_no_login(make: Make, link: str) -> None:
    source = make(playlists=[link])
    (ref,) = (await source.playlists()).refs
    assert ref == PlaylistRef("ytmusic", PUBLIC, "Public", 3)
    playlist = await source.fetch(ref)
    assert [track.label for track in playlist.tracks] == [f"Somebody - Song {n}" for n in range(3)]


async def test_every_page_comes_and_is_asked_for_once(make: Make, tube: FakeInnerTube) -> None:
    tube.playlists[PUBLIC].songs = songs(1050)
    source = make(playlists=[PUBLIC])
    (ref,) = (await source.playlists()).refs
    assert len((await source.fetch(ref)).tracks) == 1050
    assert len(tube.asked) == 11


async def test_a_second_round_asks_anew(make: Make, tube: FakeInnerTube) -> None:
    source = make(playlists=[PUBLIC])
    for count in (3, 4):
        tube.playlists[PUBLIC].songs = songs(count)
        (ref,) = (await source.playlists()).refs
        assert len((await source.fetch(ref)).tracks) == count
    assert len((await source.fetch(ref)).tracks) == 4  # also without a round
    assert len(tube.asked) == 3


async def test_tracks_carry_all_that_is_told(make: Make, tube: FakeInnerTube) -> None:
    tube.playlists[PUBLIC].songs = [
        Song(
            video_id="video-00000", title="  'A'/\n\"B\" 夜 🌙 ", artists=("Ä", "ليلى"), album="Disc", length="1:02:03"
        )
    ]
    source = make(playlists=[PUBLIC])
    (track,) = (await source.fetch((await source.playlists()).refs[0])).tracks
    assert track.title == "  'A'/\n\"B\" 夜 🌙 "  # verbatim: what MPD gets of it is for the sanitiser
    assert (track.artists, track.album, track.duration) == (("Ä", "ليلى"), "Disc", 3723.0)
    assert track.art_url == "https://lh3.googleusercontent.com/fake=w544-h544-l90-rj-big"
    assert (track.source, track.source_url) == ("ytmusic", "https://music.youtube.com/watch?v=video-00000")


async def test_the_same_track_twice_stays_twice(make: Make, tube: FakeInnerTube) -> None:
    tube.playlists[PUBLIC].songs = [*songs(2), *songs(2)]
    source = make(playlists=[PUBLIC])
    playlist = await source.fetch((await source.playlists()).refs[0])
    assert [track.title for track in playlist.tracks] == ["Song 0", "Song 1", "Song 0", "Song 1"]


async def test_greyed_out_rows_are_told_and_no_tracks(make: Make, tube: FakeInnerTube) -> None:
    gone = Song(video_id="gone-000000", title="Gone", artists=("A", "B"), playable=False)
    nameless = Song(video_id="gone-000001", title="Nameless", artists=(), playable=False)
    tube.playlists[PUBLIC].songs = [*songs(2), gone, nameless]
    source = make(playlists=[PUBLIC])
    playlist = await source.fetch((await source.playlists()).refs[0])
    assert len(playlist.tracks) == 2
    assert playlist.unavailable == ("A, B - Gone", "Nameless")


@pytest.mark.parametrize("row", [{"videoId": None}, {"videoId": ""}, {"videoId": "gone-000000", "isAvailable": False}])
def test_a_row_that_nobody_can_play_is_no_track_be_it_that_it_has_an_id(row: dict[str, object]) -> None:
    assert parse.track({"title": "Gone", **row}) is None


@pytest.mark.parametrize(
    "link", ["MPREb_disc", "https://music.youtube.com/browse/MPREb_disc", "OLAK5uy_fakefakefakefake"]
)
async def test_an_album_knows_numbers_year_and_artists(make: Make, tube: FakeInnerTube, link: str) -> None:
    guest = Song(video_id="video-99999", title="With a guest", artists=("Me", "Guest"))
    tube.albums["MPREb_disc"] = FakeAlbum("Disc", [*songs(2), guest], ("Me",), "1999")
    source = make(playlists=[link])
    (ref,) = (await source.playlists()).refs
    playlist = await source.fetch(ref)
    assert ref.name == "Me - Disc"
    assert [(track.track_number, track.album, track.album_artist, track.date) for track in playlist.tracks] == [
        (number, "Disc", "Me", "1999") for number in (1, 2, 3)
    ]
    assert playlist.tracks[2].artists == ("Me", "Guest")
    assert playlist.tracks[0].art_url == "https://lh3.googleusercontent.com/fake=w544-h544-l90-rj-big"


async def test_an_album_list_without_an_album_is_a_playlist(make: Make, tube: FakeInnerTube) -> None:
    tube.playlists["OLAK5uy_orphanorphan"] = FakePlaylist("Orphan", songs(2))
    source = make(playlists=["OLAK5uy_orphanorphan"])
    (ref,) = (await source.playlists()).refs
    assert (ref.name, len((await source.fetch(ref)).tracks)) == ("Orphan", 2)


async def test_a_link_copied_while_a_list_plays_stands_for_the_list(make: Make) -> None:
    source = make(playlists=[f"https://music.youtube.com/watch?v=public-0000&list={PUBLIC}"])
    (ref,) = (await source.playlists()).refs
    assert (ref.playlist_id, len((await source.fetch(ref)).tracks)) == (PUBLIC, 3)


async def test_one_bad_link_does_not_stop_the_others(make: Make) -> None:
    source = make(playlists=["PLnosuchplaylist", PUBLIC, "https://example.org/list"])
    missing, public, foreign = (await source.playlists()).refs
    assert len((await source.fetch(public)).tracks) == 3
    with pytest.raises(SourceError, match=r"no such page, or it is private .*HTTP 404.*: check the link$"):
        await source.fetch(missing)
    with pytest.raises(SourceError, match=r"'https://example.org/list' is no YouTube playlist, album or artist"):
        await source.fetch(foreign)


# --- with a login -----------------------------------------------------------------------------------------------------


async def test_the_whole_library_and_liked_songs(make: Make, tube: FakeInnerTube, auth_file: Path) -> None:
    give_library(tube)
    source = make(auth_file=auth_file)
    refs = (await source.playlists()).refs
    assert [ref.playlist_id for ref in refs] == tube.library
    assert len(refs) == 31
    assert refs[0] == PlaylistRef("ytmusic", "LM", "Liked Music", None)
    assert refs[1] == PlaylistRef("ytmusic", "PLmine000000000", "Mine 0", 2)
    assert len((await source.fetch(refs[0])).tracks) == 5


async def test_liked_songs_are_there_though_the_library_does_not_list_them(
    make: Make, tube: FakeInnerTube, auth_file: Path
) -> None:
    give_library(tube, 1)
    tube.library.remove("LM")
    assert [ref.playlist_id for ref in (await make(auth_file=auth_file).playlists()).refs] == ["LM", "PLmine000000000"]


async def test_liked_songs_may_be_fewer_than_their_head_says(make: Make, tube: FakeInnerTube, auth_file: Path) -> None:
    give_library(tube)
    tube.playlists["LM"].announced = 5873  # and YouTube stops at about 5,000
    source = make(auth_file=auth_file)
    assert len((await source.fetch((await source.playlists()).refs[0])).tracks) == 5


async def test_a_configured_playlist_that_the_library_has_too_comes_once(
    make: Make, tube: FakeInnerTube, auth_file: Path
) -> None:
    give_library(tube, 1)
    source = make(auth_file=auth_file, playlists=["PLmine000000000", PUBLIC])
    assert [ref.name for ref in (await source.playlists()).refs] == ["Liked Music", "Mine 0", "Public"]


async def test_the_brand_account_is_asked_for(make: Make, tube: FakeInnerTube, auth_file: Path) -> None:
    give_library(tube, 1)
    await make(auth_file=auth_file, account="123456789012345678901", language="de").playlists()
    context = tube.asked[0].body["context"]
    assert context["user"] == {"onBehalfOfUser": "123456789012345678901"}
    assert context["client"]["hl"] == "de"


# --- answers that must not be taken for the truth ---------------------------------------------------------------------


async def test_pages_that_break_off_are_told_by_the_announced_number(make: Make, tube: FakeInnerTube) -> None:
    tube.playlists[PUBLIC] = FakePlaylist("Broken", songs(306), breaks_after=2)
    source = make(playlists=[PUBLIC])
    (ref,) = (await source.playlists()).refs
    found = await source.fetch(ref)
    assert (found.ref.announced, len(found.tracks)) == (306, 200)


async def test_what_is_greyed_out_does_not_count_as_missing(make: Make, tube: FakeInnerTube) -> None:
    gone = [Song(video_id=f"gone-{n:06}", title="Gone", playable=False) for n in range(3)]
    tube.playlists[PUBLIC] = FakePlaylist("Whole", [*songs(3), *gone], announced=6)
    source = make(playlists=[PUBLIC])
    assert len((await source.fetch((await source.playlists()).refs[0])).tracks) == 3


async def test_an_album_may_hide_a_track(make: Make, tube: FakeInnerTube) -> None:
    tube.albums["MPREb_disc"] = FakeAlbum("Disc", songs(2), announced=3)
    source = make(playlists=["MPREb_disc"])
    (ref,) = (await source.playlists()).refs
    assert (ref.announced, len((await source.fetch(ref)).tracks)) == (None, 2)


async def test_a_playlist_that_says_it_is_empty_is_empty(make: Make, tube: FakeInnerTube) -> None:
    tube.playlists[PUBLIC].songs = []
    source = make(playlists=[PUBLIC])
    assert (await source.fetch((await source.playlists()).refs[0])).tracks == ()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (401, "wants a login for this .*HTTP 401.*: run `mpdbridge auth`$"),
        (403, "wants a login for this .*HTTP 403.*: run `mpdbridge auth`$"),
        (404, "Requested entity was not found"),
        ("{}", "does not understand"),
        ("[]", "does not understand"),
        ("{not json", "does not understand"),
        ('{"contents": {"twoColumnBrowseResultsRenderer": {"tabs": []}}}', "does not understand"),
    ],
)
async def test_bad_answers_are_one_clear_line(make: Make, tube: FakeInnerTube, answer: int | str, said: str) -> None:
    tube.script.append(answer)
    with pytest.raises(SourceError, match=said) as failure:
        await make().fetch(PlaylistRef("ytmusic", PUBLIC, "Public"))
    assert "\n" not in str(failure.value)
    assert len(str(failure.value)) < 300
    assert len(tube.asked) == 1


async def test_a_stumble_is_tried_again(make: Make, tube: FakeInnerTube) -> None:
    tube.script.extend([503, 500])
    assert len((await make().fetch(PlaylistRef("ytmusic", PUBLIC, ""))).tracks) == 3
    assert len(tube.asked) == 3


async def test_a_server_that_keeps_stumbling_is_given_up(make: Make, tube: FakeInnerTube) -> None:
    tube.script.extend([503] * 3)
    with pytest.raises(SourceError, match=r"^YouTube Music: HTTP 503 without a reason$"):
        await make().fetch(PlaylistRef("ytmusic", PUBLIC, ""))
    assert len(tube.asked) == 3


async def test_no_server_at_all_is_told_in_one_line(make: Make, tube: FakeInnerTube) -> None:
    await tube.__aexit__(None, None, None)
    with pytest.raises(
        SourceAwayError, match=r"^YouTube Music does not answer \(ConnectionError\): is this machine online\?$"
    ):
        await make().fetch(PlaylistRef("ytmusic", PUBLIC, ""))


async def test_a_language_it_does_not_speak_is_told(make: Make) -> None:
    with pytest.raises(SourceError, match=r"Language not supported. Supported languages are .*de"):
        await make(language="tlh").fetch(PlaylistRef("ytmusic", PUBLIC, ""))


# --- links for `add` --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["video-00000", "video-11111"])
async def test_a_video_comes_with_what_its_watch_list_tells(make: Make, tube: FakeInnerTube, asked: str) -> None:
    song = Song(
        video_id="video-00000", title="One", artists=("A", "B"), album="Disc", year="1999", counterpart="video-11111"
    )
    tube.songs = {song.video_id: song} | {other.video_id: other for other in songs(3, start=5)}
    found = await make().lookup(f"https://youtu.be/{asked}")
    assert found is not None
    (track,) = found.tracks
    assert (track.track_id, track.label, track.duration) == (asked, "A, B - One", 200.0)
    assert (track.album, track.date) == ("Disc", "1999")
    assert track.source_url == f"https://music.youtube.com/watch?v={asked}"
    assert len(tube.asked) == 1


async def test_a_video_that_is_no_music_comes_with_what_the_player_tells(make: Make, tube: FakeInnerTube) -> None:
    tube.songs["video-00000"] = Song(video_id="video-00000", title="Talk", artists=("Channel",), music=False)
    found = await make().lookup("video-00000")
    assert found is not None
    assert found.tracks[0].label == "Channel - Talk"
    assert found.tracks[0].duration == 200.0


async def test_the_next_song_is_not_taken_for_one_that_does_not_play(make: Make, tube: FakeInnerTube) -> None:
    gone = Song(video_id="video-00000", title="Gone", playable=False)
    tube.songs = {song.video_id: song for song in (gone, *songs(2, start=1))}
    with pytest.raises(
        SourceError, match=r"^https://music.youtube.com/watch\?v=video-00000: This video is unavailable$"
    ):
        await make().lookup("video-00000")


async def test_a_playlist_link_gives_what_there_is(make: Make, tube: FakeInnerTube) -> None:
    tube.playlists[PUBLIC].announced = 10
    found = await make().lookup(f"https://music.youtube.com/playlist?list={PUBLIC}")
    assert found is not None
    assert (found.ref.name, len(found.tracks)) == ("Public", 3)


async def test_an_album_link_gives_the_album(make: Make, tube: FakeInnerTube) -> None:
    tube.albums["MPREb_disc"] = FakeAlbum("Disc", songs(2))
    found = await make().lookup("https://music.youtube.com/browse/MPREb_disc")
    assert found is not None
    assert (found.ref.name, [track.track_number for track in found.tracks]) == ("Somebody - Disc", [1, 2])


async def test_an_empty_playlist_is_nothing_to_add(make: Make, tube: FakeInnerTube) -> None:
    tube.playlists[PUBLIC].songs = []
    with pytest.raises(SourceError, match="there is nothing to play in it"):
        await make().lookup(PUBLIC)


async def test_links_of_others_are_not_asked_about(make: Make, tube: FakeInnerTube) -> None:
    assert await make().lookup("https://example.org/song.mp3") is None
    assert tube.asked == []


# --- the thread -------------------------------------------------------------------------------------------------------


def ytmusic_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "ytmusicapi"]


async def test_all_calls_are_made_in_one_thread_of_its_own(make: Make, tube: FakeInnerTube) -> None:
    before = len(ytmusic_threads())
    source = make()
    assert len(ytmusic_threads()) == before, "nothing starts before it is needed"
    async with asyncio.TaskGroup() as tasks:
        for _ in range(5):
            tasks.create_task(source.fetch(PlaylistRef("ytmusic", PUBLIC, "")))
    assert len(ytmusic_threads()) == before + 1
    await source.aclose()


async def test_closing_does_not_wait_for_a_call_that_hangs(make: Make, tube: FakeInnerTube) -> None:
    tube.pause = 60
    source = make()
    async with asyncio.timeout(10):
        try:
            async with asyncio.timeout(0.05):
                await source.fetch(PlaylistRef("ytmusic", PUBLIC, ""))
        except TimeoutError:
            await source.aclose()
    assert all(thread.daemon for thread in ytmusic_threads())


async def test_a_cancelled_call_that_waits_its_turn_is_never_made(make: Make, tube: FakeInnerTube) -> None:
    tube.pause = 0.1
    source = make()
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(source.fetch(PlaylistRef("ytmusic", PUBLIC, "")))
        second = tasks.create_task(source.fetch(PlaylistRef("ytmusic", "PLnever00000", "")))
        await asyncio.sleep(0)
        second.cancel()
    assert len(first.result().tracks) == 3
    assert [asked.browse_id for asked in tube.asked] == [f"VL{PUBLIC}"]


async def test_every_request_has_a_time_limit(tube: FakeInnerTube, monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[object] = []
    send = requests.adapters.HTTPAdapter.send

    def watching(self: object, request: object, *args: object, **kwargs: object) -> object:
        limits.append(kwargs.get("timeout"))
        return send(self, request, *args, **kwargs)

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", watching)
    source = YTMusicSource(settings=YTMusicSettings(), session_factory=tube.session_factory)
    await source.fetch(PlaylistRef("ytmusic", PUBLIC, ""))
    await source.aclose()
    assert limits == [(6.0, 20.0)] * 2  # the first asks for the visitor id


def test_the_source_is_there_before_ytmusicapi_is_imported() -> None:
    code = (
        "import sys, mpdbridge.sources.ytmusic; sys.exit(bool({'ytmusicapi', 'requests', 'yt_dlp'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
