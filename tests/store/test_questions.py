"""What is asked about tracks: each thing once, the most useful first, and never forgotten over a restart."""

from support.clock import FakeClock

from mpdbridge.models import Track
from mpdbridge.store import TrackStore


def track(number: int, album_id: str | None = None, place: int | None = None) -> Track:
    return Track(f"track-{number:05}", f"Title {number}", album_id=album_id, track_number=place)


def test_the_album_with_most_unnumbered_tracks_is_next_and_is_asked_once(store: TrackStore, clock: FakeClock) -> None:
    store.upsert_tracks([track(1, "few"), track(2, "many"), track(3, "many"), track(4, "done", 7), track(5)])
    assert store.next_album() == "many"
    assert [found.track_id for found in store.unnumbered_tracks("many")] == ["track-00002", "track-00003"]
    store.note_album("many", again_after=100)
    assert store.next_album() == "few"
    store.note_album("few", again_after=1000)
    assert store.next_album() is None
    clock.now += 100
    assert store.next_album() == "many"


def test_an_album_whose_tracks_are_all_numbered_is_not_asked_about(store: TrackStore) -> None:
    store.upsert_tracks([track(1, "album")])
    store.upsert_tracks([track(1, "album", 1)])
    assert store.next_album() is None


def test_what_a_later_sync_does_not_tell_is_not_lost(store: TrackStore) -> None:
    store.upsert_tracks([track(1, "album", 1)])
    assert store.upsert_tracks([track(1, "album")]) == 0
    assert store.upsert_tracks([track(1)]) == 0
    assert store.track("track-00001") == track(1, "album", 1)


def test_counterparts_are_asked_in_turn_and_remembered(store: TrackStore, clock: FakeClock) -> None:
    store.upsert_tracks([track(10)])
    store.wish_counterparts(["track-00001", "track-00002"])
    assert store.next_counterpart() == "track-00001"
    store.note_counterpart("track-00001", "track-00010", again_after=1000)
    assert store.next_counterpart() == "track-00002"
    store.note_counterpart("track-00002", None, again_after=10)
    assert store.next_counterpart() is None
    store.wish_counterparts(["track-00001", "track-00002"])
    assert store.next_counterpart() is None
    assert store.counterparts(["track-00001", "track-00002", "other"]) == {"track-00001": track(10)}
    clock.now += 10
    assert store.next_counterpart() == "track-00002"


def test_an_answer_without_a_counterpart_does_not_forget_a_known_one(store: TrackStore) -> None:
    store.upsert_tracks([track(10)])
    store.note_counterpart("track-00001", "track-00010", again_after=0)
    store.note_counterpart("track-00001", None, again_after=10)
    assert store.counterparts(["track-00001"]) == {"track-00001": track(10)}
