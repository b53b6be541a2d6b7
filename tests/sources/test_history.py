"""Plays are told to the account's history, as the real ytmusicapi does it."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from support.innertube import FakeInnerTube
from support.innertube_answers import Song

from mpdbridge.config import YTMusicSettings
from mpdbridge.errors import LoginError, SourceAwayError, SourceError
from mpdbridge.sources.ytmusic import YTMusicSource
from mpdbridge.sources.ytmusic.history import tell_played

JOGA = Song(video_id="oLtmHdXKIYE", title="Jóga", artists=("Björk",))
HUNTER = Song(video_id="aLtmHdXKIYF", title="Hunter", artists=("Björk",))


@pytest.fixture
async def tube() -> AsyncIterator[FakeInnerTube]:
    async with FakeInnerTube() as running:
        running.songs = {song.video_id: song for song in (JOGA, HUNTER)}
        yield running


@pytest.fixture
async def source(tube: FakeInnerTube, auth_file: Path) -> AsyncIterator[YTMusicSource]:
    settings = YTMusicSettings(auth_file=auth_file)
    made = YTMusicSource(settings=settings, session_factory=tube.session_factory)
    yield made
    await made.aclose()


async def test_plays_are_kept_newest_first(source: YTMusicSource, tube: FakeInnerTube) -> None:
    await source.tell_played(JOGA.video_id)
    await source.tell_played(HUNTER.video_id)
    assert tube.history == [HUNTER.video_id, JOGA.video_id]
    assert [track.title for track in await source.recently_played()] == ["Hunter", "Jóga"]


async def test_a_paused_history_takes_plays_and_keeps_none(source: YTMusicSource, tube: FakeInnerTube) -> None:
    tube.history, tube.keeps_history = [HUNTER.video_id], False
    await source.tell_played(JOGA.video_id)
    assert [track.track_id for track in await source.recently_played()] == [HUNTER.video_id]


async def test_an_empty_history_is_told_in_youtubes_words(source: YTMusicSource) -> None:
    with pytest.raises(SourceError, match="Your history is empty"):
        await source.recently_played()


async def test_without_a_login_nothing_is_told(tube: FakeInnerTube, tmp_path: Path) -> None:
    settings = YTMusicSettings(auth_file=tmp_path / "none.json")
    source = YTMusicSource(settings=settings, session_factory=tube.session_factory)
    with pytest.raises(LoginError):
        await source.tell_played(JOGA.video_id)
    await source.aclose()
    assert tube.asked == []


async def test_what_cannot_be_played_has_no_plays(source: YTMusicSource) -> None:
    with pytest.raises(SourceError, match="This video is unavailable"):
        await source.tell_played("not-a-video")


async def test_a_play_that_is_refused_was_not_told(source: YTMusicSource, tube: FakeInnerTube) -> None:
    tube.refuses_plays = 400
    with pytest.raises(SourceError, match="HTTP 400") as refusal:
        await source.tell_played(JOGA.video_id)
    assert not isinstance(refusal.value, SourceAwayError)


async def test_who_asks_for_peace_is_away(source: YTMusicSource, tube: FakeInnerTube) -> None:
    tube.script.append((429, {"Retry-After": "99"}))
    with pytest.raises(SourceAwayError, match="fewer requests"):
        await source.tell_played(JOGA.video_id)


@pytest.mark.parametrize(
    "address", ["http://s.youtube.com/x", "https://s.youtube.com.example/x", "https://youtube.example/x"]
)
def test_the_signature_of_the_login_goes_to_youtube_only(address: str) -> None:
    class Music:
        get_song: Callable[..., object] = staticmethod(
            lambda _: {"playbackTracking": {"videostatsPlaybackUrl": {"baseUrl": address}}}
        )

    with pytest.raises(SourceError, match="elsewhere than at YouTube"):
        tell_played(Music(), JOGA.video_id)
