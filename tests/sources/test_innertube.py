"""ytmusicapi understands the fake InnerTube, and it and we understand what the true one answered when recorded."""

import asyncio
import gzip
import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter
from support.innertube import BROWSER_HEADERS, FakeAlbum, FakeInnerTube, FakePlaylist, Song
from ytmusicapi import YTMusic

from mpdbridge.models import PlaylistRef
from mpdbridge.sources.ytmusic import parse

SHARED = Path(__file__).resolve().parents[3] / "shared"
RECORDINGS = SHARED / "innertube"


@pytest.fixture
async def tube() -> AsyncIterator[FakeInnerTube]:
    async with FakeInnerTube(page=2) as running:
        yield running


async def ask(tube: FakeInnerTube, question: Callable[[YTMusic], Any], *, login: bool = False) -> Any:
    """What the real ytmusicapi makes of the fake's answer."""

    def work() -> Any:
        return question(YTMusic(auth=dict(BROWSER_HEADERS) if login else None, requests_session=tube.session_factory()))

    return await asyncio.to_thread(work)


async def test_playlist_with_continuations(tube: FakeInnerTube) -> None:
    songs = [Song(video_id=f"video-{n:05}", title=f"Song {n}", artists=("A", "B"), album="Disc") for n in range(4)]
    greyed = Song(video_id="gone-000000", title="Gone", playable=False)
    tube.playlists["PLx"] = FakePlaylist("List", [*songs, greyed])
    found = await ask(tube, lambda music: music.get_playlist("PLx", limit=None))
    assert (found["title"], found["trackCount"], found["year"]) == ("List", 5, "2024")
    assert [row["videoId"] for row in found["tracks"]] == [*(song.video_id for song in songs), None]
    first, last = found["tracks"][0], found["tracks"][-1]
    assert [artist["name"] for artist in first["artists"]] == ["A", "B"]
    assert (first["album"]["name"], first["duration_seconds"], first["isAvailable"]) == ("Disc", 200, True)
    assert (last["title"], last["artists"][0]["name"], last["isAvailable"]) == ("Gone", "Somebody", False)
    assert len(tube.asked) == 3


async def test_library_with_continuations(tube: FakeInnerTube) -> None:
    for number in range(5):
        tube.playlists[f"PL{number}"] = FakePlaylist(f"List {number}", [], announced=1234)
    tube.playlists["LM"] = FakePlaylist("Liked Music", [], announced=None)
    tube.library = ["LM", *(f"PL{number}" for number in range(5))]
    found = await ask(tube, lambda music: music.get_library_playlists(limit=None), login=True)
    assert [row["playlistId"] for row in found] == tube.library
    assert [row.get("count") for row in found] == [None, *["1,234"] * 5]


async def test_album_and_its_playlist_id(tube: FakeInnerTube) -> None:
    tube.albums["MPREb_x"] = FakeAlbum("Disc", [Song(video_id="video-00000", title="One")], ("A", "B"), "1999")
    found = await ask(tube, lambda music: music.get_album("MPREb_x"))
    assert (found["title"], found["year"], found["trackCount"]) == ("Disc", "1999", 1)
    assert [artist["name"] for artist in found["artists"]] == ["A", "B"]
    assert (found["tracks"][0]["trackNumber"], found["tracks"][0]["album"]) == (1, "Disc")
    playlist_id = found["audioPlaylistId"]
    assert await ask(tube, lambda music: music.get_album_browse_id(playlist_id)) == "MPREb_x"


async def test_watch_list_and_player(tube: FakeInnerTube) -> None:
    song = Song(
        video_id="video-00000", title="One", artists=("A", "B"), album="Disc", year="1999", counterpart="video-11111"
    )
    tube.songs[song.video_id] = song
    watched = await ask(tube, lambda music: music.get_watch_playlist("video-00000", limit=1))
    row = watched["tracks"][0]
    assert (row["videoId"], row["year"], row["length"], row["album"]["name"]) == ("video-00000", "1999", "3:20", "Disc")
    assert [artist["name"] for artist in row["artists"]] == ["A", "B"]
    assert row["counterpart"]["videoId"] == "video-11111"
    details = (await ask(tube, lambda music: music.get_song("video-00000")))["videoDetails"]
    assert (details["title"], details["lengthSeconds"]) == ("One", "200")


# --- the recordings ---------------------------------------------------------------------------------------------------


@pytest.fixture
def recorded() -> Callable[..., YTMusic]:
    """A YTMusic to which the named recordings are answered, one after the other, then empty answers."""
    if not RECORDINGS.is_dir():
        if os.environ.get("CI") == "true" and SHARED.is_dir():
            pytest.fail(f"{RECORDINGS} is missing: CI has to check against it")
        pytest.skip(f"no recordings of InnerTube at {RECORDINGS}: they are not part of the repository")

    def replay(*names: str) -> YTMusic:
        session = requests.Session()
        session.mount(
            "https://", _Replay([gzip.decompress((RECORDINGS / f"{name}.json.gz").read_bytes()) for name in names])
        )
        return YTMusic(auth=dict(BROWSER_HEADERS), requests_session=session)

    return replay


class _Replay(BaseAdapter):
    def __init__(self, bodies: list[bytes]) -> None:
        super().__init__()
        self._bodies = bodies

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        response = requests.Response()
        response.status_code = 200
        response.encoding = "utf-8"
        home = request.method == "GET"
        response._content = b"" if home else self._bodies.pop(0) if self._bodies else b"{}"
        return response

    def close(self) -> None:
        pass


def ref(playlist_id: str = "PLx") -> PlaylistRef:
    return PlaylistRef("ytmusic", playlist_id, "")


def test_recorded_library(recorded: Callable[..., YTMusic]) -> None:
    music = recorded("get_library_playlists", "get_library_playlists_continuation_mock")
    refs = [parse.library_ref(row) for row in music.get_library_playlists(limit=None)]
    assert [(found.name, found.announced) for found in refs] == [
        ("Liked Music", None),
        ("Listen later", 20),
        ("Deadly Hotlist", 50),
        ("Episodes for Later", None),
    ]
    assert refs[0].playlist_id == parse.LIKED


def test_recorded_playlist(recorded: Callable[..., YTMusic]) -> None:
    music = recorded("get_playlist_20250604", "get_playlist_continuation_20250604")
    found = parse.playlist(music.get_playlist("PLx", limit=None), ref())
    assert found.ref.name == "The Beatles - Beatles 100 (Official Playlist)"
    assert found.ref.announced == 100
    assert (len(found.tracks), len(found.unavailable)) == (202, 2)
    assert all(
        label.startswith("THE TRIAL ROOM - Durga puja shopping guide🔥🔥in bengali |") for label in found.unavailable
    )
    first = found.tracks[0]
    assert (first.track_id, first.title) == ("xUNqsfFUwhY", "Here Comes The Sun (Remastered 2009)")
    assert (first.artists, first.album, first.duration) == (("The Beatles",), "Abbey Road", 186.0)
    assert first.art_url is not None
    assert first.art_url.endswith("=w544-h544-l90-rj")
    assert all(len(track.track_id) == 11 and track.title and track.artists and track.duration for track in found.tracks)


def test_recorded_liked_songs_announce_no_count(recorded: Callable[..., YTMusic]) -> None:
    found = parse.playlist(recorded("get_playlist_20240624").get_playlist("LM", limit=None), ref("LM"))
    assert found.ref.announced is None
    assert len(found.tracks) == 5
    assert found.tracks[0].label == "The Beatles - Drive My Car (Remastered 2009)"


def test_recorded_album(recorded: Callable[..., YTMusic]) -> None:
    answer = recorded("get_album_20240724").get_album("MPREb_x")
    found = parse.album(answer, ref("MPREb_x"))
    # Number 10 is neither shown nor greyed out: albums announce more than they have, so that number is no measure.
    assert (found.ref.name, found.ref.announced, len(found.tracks)) == ("VULTURES 1", None, 14)
    assert found.unavailable == ("¥$, Kanye West, & Ty Dolla $ign - GOOD (DON'T DIE)",)
    assert {(track.album, track.date, track.album_artist) for track in found.tracks} == {("VULTURES 1", "2024", "¥$")}
    assert [track.track_number for track in found.tracks] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 16]
    assert all(track.art_url and track.art_url.endswith("=w544-h544-l90-rj") for track in found.tracks)


def test_recorded_watch_list(recorded: Callable[..., YTMusic]) -> None:
    music = recorded("get_watch_playlist_20250630", "get_watch_playlist_continuation_20250630")
    rows = music.get_watch_playlist("lYBUbBu4W08", radio=True, limit=50)["tracks"]
    audio, video = parse.watched(rows, "lYBUbBu4W08"), parse.watched(rows, "dQw4w9WgXcQ")
    assert audio is not None
    assert (audio.label, audio.album, audio.date, audio.duration) == (
        "Rick Astley - Never Gonna Give You Up",
        "Whenever You Need Somebody",
        "1987",
        214.0,
    )
    assert video is not None
    assert (video.track_id, video.title) == ("dQw4w9WgXcQ", "Never Gonna Give You Up")
    assert Counter(parse.track(row) is None for row in rows) == {False: 50}


def test_recorded_song(recorded: Callable[..., YTMusic]) -> None:
    found = parse.song(recorded("get_song_tracking_url_20240728").get_song("FZ8BxMU3BYc"))
    assert found is not None
    assert (found.artists, found.duration) == (("Night Lovell",), 192.0)


def test_every_recording_is_the_json_of_an_answer() -> None:
    """Nothing in that folder is there for nothing; those of later work at least can be read."""
    for path in RECORDINGS.glob("*.json.gz"):
        assert isinstance(json.loads(gzip.decompress(path.read_bytes())), dict), path.name
