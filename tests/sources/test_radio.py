"""Radios and ratings at YouTube Music: the real ytmusicapi asks the fake one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.innertube import FakeInnerTube, FakePlaylist, Song
from support.music_source import Make

from mpdbridge.errors import LoginError, SourceError


@pytest.fixture
async def tube() -> AsyncIterator[FakeInnerTube]:
    async with FakeInnerTube(page=4) as running:
        songs = [Song(video_id=f"video-{n:05}", title=f"Song {n}") for n in range(9)]
        songs[0] = Song(video_id="video-00000", title="Song 0", counterpart="other-00000")
        running.songs = {song.video_id: song for song in songs}
        running.playlists["LM"] = FakePlaylist("Liked Music", songs[7:], announced=None)
        running.library = ["LM"]
        yield running


@pytest.mark.parametrize("asked", ["video-00000", "other-00000"])
async def test_a_radio_is_everything_like_the_track_but_itself(make: Make, asked: str) -> None:
    found = await make().related(asked, limit=6)
    assert [track.track_id for track in found] == [f"video-{n:05}" for n in range(1, 7)]


async def test_a_radio_asks_for_no_more_pages_than_it_needs(make: Make, tube: FakeInnerTube) -> None:
    assert len(await make().related("video-00000", limit=3)) == 3
    assert len(tube.asked) == 1
    assert tube.asked[0].body["playlistId"] == "RDAMVMvideo-00000"


async def test_what_is_no_music_has_no_radio(make: Make, tube: FakeInnerTube) -> None:
    with pytest.raises(
        SourceError, match=r"^YouTube Music has no radio of https://music.youtube.com/watch\?v=nosuchvideo$"
    ):
        await make().related("nosuchvideo")


async def test_liked_songs_are_first_among_them_until_they_are_unliked(
    make: Make, tube: FakeInnerTube, auth_file: Path
) -> None:
    source = make(auth_file=str(auth_file))
    before = [song.video_id for song in tube.playlists["LM"].songs]
    for rating, expected in (
        ("like", ["video-00003", *before]),
        ("like", ["video-00003", *before]),
        ("unlike", before),
        ("dislike", before),
    ):
        await source.rate("video-00003", rating)
        assert [song.video_id for song in tube.playlists["LM"].songs] == expected
    assert [asked.endpoint for asked in tube.asked if asked.endpoint.startswith("like")] == [
        "like_like",
        "like_like",
        "like_removelike",
        "like_dislike",
    ]


async def test_nobody_likes_anything_without_a_login(make: Make, tube: FakeInnerTube) -> None:
    with pytest.raises(LoginError):
        await make().rate("video-00003", "like")
    assert tube.asked == []


async def test_a_dead_login_is_told(make: Make, tube: FakeInnerTube, auth_file: Path) -> None:
    tube.script.extend([401] * 3)
    with pytest.raises(LoginError, match="refuses the login"):
        await make(auth_file=str(auth_file)).rate("video-00003", "like")
