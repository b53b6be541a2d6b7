"""The real ytmusicapi understands the fake InnerTube; what the true one answers is in test_recordings."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from support.innertube import BROWSER_HEADERS, FakeAlbum, FakeInnerTube, FakePlaylist, Song
from ytmusicapi import YTMusic


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
