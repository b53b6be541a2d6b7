"""What lists do not tell is learned one question at a time, from the real ytmusicapi, and each thing once."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.innertube import FakeAlbum, FakeInnerTube, FakePlaylist, Song
from support.waiting import eventually

from mpdbridge.concurrency import beside
from mpdbridge.config import YTMusicSettings
from mpdbridge.errors import SourceError
from mpdbridge.models import Playlist, PlaylistRef, Track
from mpdbridge.sources.ytmusic import YTMusicSource
from mpdbridge.store import AsyncStore, TrackStore
from mpdbridge.sync.enriching import Enricher, completed
from mpdbridge.sync.versions import Preference, PreferredVersions, preferred

LIST = PlaylistRef("ytmusic", "PLlistlistlist", "List")


@pytest.fixture
async def tube() -> AsyncIterator[FakeInnerTube]:
    async with FakeInnerTube() as running:
        rows = [
            Song(video_id=f"video-{n:05}", title=f"Song {n}", album="Disc", album_id="MPREb_disc") for n in range(3)
        ]
        on_album = [*rows[:2], Song(video_id="other-00002", title="song 2")]
        running.albums["MPREb_disc"] = FakeAlbum("Disc", on_album, ("Band",), "1999")
        running.playlists[LIST.playlist_id] = FakePlaylist("List", rows)
        yield running


@pytest.fixture
async def store() -> AsyncIterator[AsyncStore]:
    async with AsyncStore.open(":memory:") as opened:
        yield opened


@pytest.fixture
async def music(tube: FakeInnerTube) -> AsyncIterator[YTMusicSource]:
    source = YTMusicSource(settings=YTMusicSettings(), session_factory=tube.session_factory)
    yield source
    await source.aclose()


async def fetch_and_store(source: YTMusicSource | PreferredVersions, store: AsyncStore) -> list[str]:
    """What a sync does; returns the ids that would be published."""
    playlist = await source.fetch(LIST)
    await store.run(TrackStore.upsert_tracks, playlist.tracks)
    return [track.track_id for track in playlist.tracks]


async def test_tracks_get_number_year_and_artist_of_their_album_with_one_question(
    tube: FakeInnerTube, store: AsyncStore, music: YTMusicSource
) -> None:
    told: list[None] = []
    enricher = Enricher(store=store, music=music, counterparts=False, tracks_changed=lambda: told.append(None))
    await fetch_and_store(music, store)
    tube.asked.clear()
    assert await enricher.ask_next()
    assert not await enricher.ask_next()
    assert len(tube.asked) == len(told) == 1
    tracks = await store.run(TrackStore.tracks, [f"video-{n:05}" for n in range(3)])
    assert [(one.track_number, one.date, one.album_artist) for one in tracks.values()] == [
        (number, "1999", "Band") for number in (1, 2, 3)
    ]
    await fetch_and_store(music, store)
    assert not await enricher.ask_next(), "the next sync takes nothing away"


async def test_an_album_that_does_not_answer_is_left_alone_for_a_day(
    tube: FakeInnerTube, store: AsyncStore, music: YTMusicSource
) -> None:
    enricher = Enricher(store=store, music=music, counterparts=True, tracks_changed=lambda: None)
    await fetch_and_store(music, store)
    del tube.albums["MPREb_disc"]
    with pytest.raises(SourceError):
        await enricher.ask_next()
    assert not await enricher.ask_next()


async def test_it_asks_while_it_runs(tube: FakeInnerTube, store: AsyncStore, music: YTMusicSource) -> None:
    tube.playlists[LIST.playlist_id].songs.append(
        Song(video_id="video-00009", title="Else", album="Else", album_id="MPREb_else")
    )
    tube.albums["MPREb_else"] = FakeAlbum("Else", [Song(video_id="video-00009", title="Else")])
    told: list[None] = []
    await fetch_and_store(music, store)
    enricher = Enricher(
        store=store, music=music, counterparts=False, tracks_changed=lambda: told.append(None), pace=0.01
    )
    async with beside(enricher.run()):
        await eventually(lambda: len(told) == 2, "both albums to be learned")


async def test_albums_and_other_versions_have_their_turns(
    tube: FakeInnerTube, store: AsyncStore, music: YTMusicSource
) -> None:
    else_ = Song(video_id="video-00009", title="Else", album="Else", album_id="MPREb_else")
    tube.playlists[LIST.playlist_id].songs.append(else_)
    tube.albums["MPREb_else"] = FakeAlbum("Else", [else_])
    await fetch_and_store(music, store)
    await store.run(TrackStore.wish_counterparts, ["video-00000"])
    enricher = Enricher(store=store, music=music, counterparts=True, tracks_changed=lambda: None)
    assert [await enricher.ask_next() for _ in range(2)] == [True, True]
    assert await store.run(TrackStore.next_counterpart) is None
    assert await store.run(TrackStore.next_album) == "MPREb_else"


@pytest.mark.parametrize(("prefer", "form", "swaps"), [("audio", "OMV", 1), ("video", "ATV", 1), ("audio", "ATV", 0)])
async def test_the_preferred_version_is_published_as_soon_as_it_is_known(
    tube: FakeInnerTube, store: AsyncStore, music: YTMusicSource, prefer: Preference, form: str, swaps: int
) -> None:
    one = Song(video_id="video-00000", title="One", form=form, counterpart="other-00000")
    tube.songs, tube.playlists[LIST.playlist_id].songs = {"one": one}, [one, one]
    source = PreferredVersions(music, store=store, prefer=prefer, note=True)
    enricher = Enricher(store=store, music=music, counterparts=True, tracks_changed=lambda: None)
    assert await fetch_and_store(source, store) == ["video-00000"] * 2
    assert await enricher.ask_next() == bool(swaps)
    tube.asked.clear()
    assert await fetch_and_store(source, store) == (["other-00000"] * 2 if swaps else ["video-00000"] * 2)
    assert not await enricher.ask_next()
    assert len(tube.asked) == 1, "the playlist's page, and nothing for its tracks"
    assert await fetch_and_store(music, store) == ["video-00000"] * 2, "as it is"


async def test_a_dry_run_notes_no_wish(tube: FakeInnerTube, store: AsyncStore, music: YTMusicSource) -> None:
    one = Song(video_id="video-00000", title="One", form="OMV")
    tube.playlists[LIST.playlist_id].songs = [one]
    (source,) = preferred([music], store=store, prefer="audio", note=False)
    await source.fetch(LIST)
    assert await store.run(TrackStore.next_counterpart) is None
    assert preferred([music], store=store, prefer="as-is", note=True) == [music]


titles = st.lists(st.sampled_from(["One", "one", "Two", "Three"]), max_size=6)


@given(titles, titles, st.integers(0, 6))
def test_a_track_never_gets_the_number_of_another_song(mine: list[str], theirs: list[str], shared: int) -> None:
    album = Playlist(
        PlaylistRef("ytmusic", "MPREb_x", "Disc"),
        tuple(Track(f"id-{n}", title, track_number=n + 1, date="1999") for n, title in enumerate(theirs)),
    )
    tracks = [Track(f"id-{n}" if n < shared else f"other-{n}", title) for n, title in enumerate(mine)]
    for before, after in zip(tracks, completed(tracks, album), strict=True):
        assert (after.track_id, after.title) == (before.track_id, before.title)
        if after.track_number is not None:
            told = album.tracks[after.track_number - 1]
            assert told.track_id == after.track_id or told.title.casefold() == after.title.casefold()
