"""TrackStore: what is put in comes out, and nothing known is lost."""

import sqlite3
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpdbridge.models import Stream, Track
from mpdbridge.store import StoreCounts, TrackStore

IDS = st.from_regex(r"[A-Za-z0-9_-]{11,64}", fullmatch=True)
TEXT = st.text(st.characters(codec="utf-8"), max_size=60)
MAYBE = st.none() | TEXT
SECONDS = st.floats(0, 4e9)
TRACKS = st.builds(
    Track,
    track_id=IDS,
    title=TEXT,
    artists=st.lists(st.text(st.characters(codec="utf-8"), min_size=1), max_size=4).map(tuple),
    album=MAYBE,
    album_artist=MAYBE,
    track_number=st.none() | st.integers(0, 2**62),
    date=MAYBE,
    duration=st.none() | SECONDS,
    art_url=MAYBE,
    source=st.sampled_from(("ytmusic", "web", "demo")),
    source_url=MAYBE,
)
STREAMS = st.builds(
    Stream,
    url=st.text(st.characters(codec="ascii"), min_size=1),
    resolved_at=SECONDS,
    expires_at=st.none() | SECONDS,
    content_type=MAYBE,
    content_length=st.none() | st.integers(0, 2**62),
    duration=st.none() | SECONDS,
    format_id=MAYBE,
    headers=st.dictionaries(TEXT, TEXT, max_size=4),
    available_at=st.none() | SECONDS,
)
SONG = Track(
    "oLtmHdXKIYE",
    "Thin Brown Layer",
    ("Tommy Guerrero", "Ünal"),
    album="Soul Food Taqueria",
    album_artist="Tommy Guerrero",
    track_number=3,
    date="2003",
    duration=187.4,
    art_url="https://i.example/cover.jpg",
    source_url="https://music.youtube.com/watch?v=oLtmHdXKIYE",
)


@given(st.lists(TRACKS, max_size=8, unique_by=lambda track: track.track_id))
def test_any_track_comes_back_as_it_was(tracks):
    with TrackStore(":memory:") as store:
        assert store.upsert_tracks(tracks) == len(tracks)
        assert store.tracks(track.track_id for track in tracks) == {track.track_id: track for track in tracks}
        assert all(store.track(track.track_id) == track for track in tracks)
        assert store.upsert_tracks(tracks) == 0, "unchanged rows are not written"


@given(TRACKS, TRACKS)
def test_a_later_version_of_a_track_replaces_all_but_what_it_does_not_know(before, after):
    after = Track(**{name: getattr(after, name) for name in Track.__slots__} | {"track_id": before.track_id})
    with TrackStore(":memory:") as store:
        store.upsert_tracks([before])
        store.upsert_tracks([after])
        stored = store.track(before.track_id)
    for name in Track.__slots__:
        told = getattr(after, name)
        unknown = told is None or (name in ("title", "artists") and not told)
        assert getattr(stored, name) == getattr(before if unknown else after, name), name


@given(TRACKS, STREAMS)
def test_any_stream_comes_back_as_it_was_and_survives_new_metadata(track, stream):
    with TrackStore(":memory:") as store:
        store.upsert_tracks([track])
        assert store.stream(track.track_id) is None
        store.save_stream(track.track_id, stream)
        store.upsert_tracks([Track(track.track_id, track.title + "!", source=track.source)])
        assert store.stream(track.track_id) == stream


def test_a_track_as_streamed_has_the_length_of_its_stream_and_its_sources_word_is_kept(store):
    other = replace(SONG, track_id="otherotherx")
    store.upsert_tracks([SONG, other])
    store.save_stream(SONG.track_id, Stream("https://a.example/", resolved_at=1.0, duration=188.021))
    ids = [SONG.track_id, other.track_id]
    assert store.tracks_as_streamed(ids) == {SONG.track_id: replace(SONG, duration=188.021), other.track_id: other}
    assert store.tracks(ids) == {SONG.track_id: SONG, other.track_id: other}
    store.save_stream(SONG.track_id, Stream("https://b.example/", resolved_at=2.0))
    assert store.tracks_as_streamed(ids)[SONG.track_id] == SONG


def test_what_is_remembered_comes_back_with_all_that_is_known_of_it(store):
    other = replace(SONG, track_id="otherotherx")
    store.upsert_tracks([SONG])
    store.save_stream(SONG.track_id, Stream("https://a.example/", resolved_at=1.0, duration=188.021))
    known = replace(SONG, duration=188.021)
    assert store.remember([other, Track(SONG.track_id, ""), other]) == [other, known, other]


def test_text_that_utf8_cannot_carry_is_stored_all_the_same(store):
    store.upsert_tracks([Track("oLtmHdXKIYE", "half an emoji \ud83d", ("a\udcff", "b\x00c"))])
    assert store.track("oLtmHdXKIYE") == Track("oLtmHdXKIYE", "half an emoji ?", ("a?", "b\x00c"))


def test_the_plans_methods_insert_update_and_read_by_column_name(store, clock):
    store.add_track("oLtmHdXKIYE", "https://a.example/1", "Thin Brown Layer", artist="Tommy Guerrero")
    row = store.get_track("oLtmHdXKIYE")
    assert (row["video_id"], row["stream_url"], row["title"], row["artist"], row["updated_at"]) == (
        "oLtmHdXKIYE",
        "https://a.example/1",
        "Thin Brown Layer",
        "Tommy Guerrero",
        clock.now,
    )
    clock.now += 60
    store.update_stream_url("oLtmHdXKIYE", "https://a.example/2")
    row = store.get_track("oLtmHdXKIYE")
    assert (row["stream_url"], row["updated_at"]) == ("https://a.example/2", clock.now)
    store.add_track("oLtmHdXKIYE", "https://a.example/3", "Renamed")
    row = store.get_track("oLtmHdXKIYE")
    assert (row["stream_url"], row["title"], row["artist"]) == ("https://a.example/3", "Renamed", "Tommy Guerrero")
    assert store.get_track("absent_absent") is None


def test_a_track_may_be_added_before_it_is_resolved(store):
    store.add_track("oLtmHdXKIYE", None, "Title")
    assert store.stream("oLtmHdXKIYE") is None
    assert store.get_track("oLtmHdXKIYE")["updated_at"] == 0


def test_a_row_of_just_the_five_columns_is_a_track(tmp_path):
    path = tmp_path / "tracks.db"
    with TrackStore(path) as store:
        with sqlite3.connect(path) as other:
            other.execute(
                "INSERT INTO tracks (video_id, stream_url, title, artist, updated_at) VALUES (?, ?, ?, ?, ?)",
                ("oLtmHdXKIYE", "https://a.example/1", "Title", "A, B", 7.0),
            )
        other.close()
        assert store.track("oLtmHdXKIYE") == Track("oLtmHdXKIYE", "Title", ("A, B",))
        assert store.stream("oLtmHdXKIYE") == Stream("https://a.example/1", 7.0)


def test_an_artist_changed_by_someone_who_knows_only_five_columns_counts(store):
    store.upsert_tracks([SONG])
    store.add_track(SONG.track_id, None, SONG.title, "Somebody Else")
    assert store.track(SONG.track_id).artists == ("Somebody Else",)


def test_a_new_url_forgets_what_was_known_of_the_old_one(store, clock):
    store.upsert_tracks([SONG])
    store.save_stream(SONG.track_id, Stream("https://a/1", 5, expires_at=9, content_length=4, headers={"a": "b"}))
    store.update_stream_url(SONG.track_id, "https://a/2")
    assert store.stream(SONG.track_id) == Stream("https://a/2", clock.now)


def test_a_dead_track_is_dead_until_its_time_or_until_it_streams_again(store, clock):
    store.upsert_tracks([SONG])
    store.mark_dead(SONG.track_id, "video is private", clock.now + 10)
    assert store.dead_reason(SONG.track_id) == "video is private"
    clock.now += 10
    assert store.dead_reason(SONG.track_id) is None
    store.mark_dead(SONG.track_id, "video was deleted", None)
    clock.now += 1e9
    assert store.dead_reason(SONG.track_id) == "video was deleted"
    store.save_stream(SONG.track_id, Stream("https://a/1", 5.0))
    assert store.dead_reason(SONG.track_id) is None
    assert store.dead_reason("absent_absent") is None


def test_counts_tell_what_is_there(store, clock):
    store.upsert_tracks([SONG, Track("AAAAAAAAAAA", "a"), Track("BBBBBBBBBBB", "b"), Track("CCCCCCCCCCC", "c")])
    store.save_stream(SONG.track_id, Stream("https://a/1", 5.0))
    store.mark_dead("AAAAAAAAAAA", "gone", None)
    store.mark_dead("BBBBBBBBBBB", "was gone", clock.now - 1)
    assert store.counts() == StoreCounts(tracks=4, resolved=1, dead=1)


def test_the_likely_track_is_the_last_one_resolved_that_plays(store, clock):
    assert store.likely_track() is None
    songs = [Track("aaaaaaaaaaa", "A"), Track("bbbbbbbbbbb", "B"), Track("ccccccccccc", "C", source="demo")]
    store.upsert_tracks(songs)
    for seconds, song in enumerate(songs):
        store.save_stream(song.track_id, Stream("http://h/x", clock.now + seconds))
    assert store.likely_track() == songs[1]
    store.mark_dead("bbbbbbbbbbb", "gone", clock.now + 60)
    assert store.likely_track() == songs[0]


def test_notes_are_kept_and_replaced(store):
    assert store.note("last sync") is None
    store.set_note("last sync", "{}")
    store.set_note("last sync", '{"added": 1}')
    assert store.note("last sync") == '{"added": 1}'


def test_a_failing_upsert_changes_nothing(store):
    with pytest.raises(AttributeError):
        store.upsert_tracks([SONG, None])
    assert store.counts().tracks == 0


def test_asking_for_more_tracks_than_sqlite_takes_parameters_works(store):
    tracks = [Track(f"id{number:09d}", f"Title {number}") for number in range(40_000)]
    store.upsert_tracks(tracks)
    assert len(store.tracks([track.track_id for track in tracks] + ["absent_absent"])) == 40_000


def test_a_track_that_two_playlists_name_differently_changes_once_and_then_never(store):
    once = [
        Track("oLtmHdXKIYE", "Jóga", ("Björk", "Arca"), album="Homogenic"),
        Track("oLtmHdXKIYE", "Joga", ("Björk",)),
    ]
    assert store.upsert_tracks(once) == 1
    assert store.track("oLtmHdXKIYE") == Track("oLtmHdXKIYE", "Joga", ("Björk",), album="Homogenic")
    assert store.upsert_tracks(once) == 0


def test_ten_thousand_upserts_are_one_quick_transaction(tmp_path):
    tracks = [Track(f"id{number:09d}", f"Title {number}", ("Artist",), duration=200.0) for number in range(10_000)]
    with TrackStore(tmp_path / "tracks.db") as store:
        started = time.process_time()
        assert store.upsert_tracks(tracks) == 10_000
        assert time.process_time() - started < 1, "singly it would be many seconds"
