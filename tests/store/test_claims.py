"""Playlists of ours: claimed before, marked after, released at the end."""

import pytest

from mpdbridge.errors import StoreError
from mpdbridge.models import PlaylistRef
from mpdbridge.store import PublishedPlaylist, TrackStore

REF = PlaylistRef("ytmusic", "PL1", "Focus")
KEY = ("ytmusic", "PL1")


@pytest.fixture
def store():
    with TrackStore(":memory:", clock=lambda: 1000.0) as store:
        yield store


def test_a_claim_is_not_published_until_it_is_marked(store):
    store.claim("localhost:6600", REF, "YT: Focus")
    assert store.published("localhost:6600") == {KEY: PublishedPlaylist("ytmusic", "PL1", "Focus", "YT: Focus")}
    store.mark_published("localhost:6600", REF, "hash")
    assert store.published("localhost:6600")[KEY] == PublishedPlaylist(
        "ytmusic", "PL1", "Focus", "YT: Focus", published_at=1000.0, uris_hash="hash"
    )


def test_claiming_the_same_again_keeps_what_was_published(store):
    store.claim("mpd", REF, "YT: Focus")
    store.mark_published("mpd", REF, "hash")
    store.claim("mpd", PlaylistRef("ytmusic", "PL1", "Focus!"), "YT: Focus")
    again = store.published("mpd")[KEY]
    assert (again.source_name, again.published_at, again.uris_hash) == ("Focus!", 1000.0, "hash")


def test_a_claim_under_a_new_name_is_not_published_under_it(store):
    store.claim("mpd", REF, "YT: Focus")
    store.mark_published("mpd", REF, "hash")
    store.claim("mpd", REF, "YT: Focus (2)")
    assert store.published("mpd")[KEY] == PublishedPlaylist("ytmusic", "PL1", "Focus", "YT: Focus (2)")


def test_while_it_is_renamed_a_playlist_has_both_names(store):
    store.claim("mpd", REF, "YT: Focus")
    store.mark_published("mpd", REF, "hash")
    store.begin_rename("mpd", PlaylistRef("ytmusic", "PL1", "Calm"), "YT: Calm")
    renaming = PublishedPlaylist("ytmusic", "PL1", "Calm", "YT: Calm", 1000.0, "hash", "YT: Focus")
    assert store.published("mpd")[KEY] == renaming
    store.mark_published("mpd", REF, "hash")
    assert store.published("mpd")[KEY].former_name is None


@pytest.mark.parametrize("end", ["claimed", "adopted"])
def test_a_renaming_that_did_not_come_about_is_over(store, end):
    store.claim("mpd", REF, "YT: Focus")
    store.begin_rename("mpd", REF, "YT: Calm")
    found = PublishedPlaylist("ytmusic", "PL1", "Focus", "YT: Focus")
    store.claim("mpd", REF, "YT: Focus") if end == "claimed" else store.adopt("mpd", [found])
    assert store.published("mpd")[KEY] == found


def test_a_playlist_that_becomes_anothers_has_one_claim_at_any_moment(store):
    store.claim("mpd", REF, "YT: Focus")
    heir = PublishedPlaylist("ytmusic", "PL2", "Focus", "YT: Focus", 1000.0, "hash")
    store.adopt("mpd", [heir], released=[KEY])
    assert store.published("mpd") == {heir.key: heir}


def test_a_released_playlist_is_not_ours_any_more(store):
    store.claim("mpd", REF, "YT: Focus")
    store.release("mpd", *KEY)
    store.release("mpd", *KEY)
    assert store.published("mpd") == {}


def test_what_was_found_again_is_known_as_it_was_elsewhere(store):
    store.claim("by socket", REF, "YT: Focus")
    store.mark_published("by socket", REF, "hash")
    store.claim("by tcp", REF, "YT: Former")
    store.adopt("by tcp", store.published("by socket").values())
    assert store.published("by tcp") == store.published("by socket")


def test_each_mpd_has_claims_of_its_own_and_can_ask_for_those_of_the_others(store):
    store.claim("one", REF, "YT: Focus")
    store.claim("two", REF, "YT: Focus")
    store.claim("two", PlaylistRef("web", "x", "Radio"), "YT: Radio")
    store.mark_published("two", PlaylistRef("web", "x", "Radio"), "hash")
    assert set(store.published("one")) == {KEY}
    assert len(store.published("two")) == 2
    assert [claim.mpd_name for claim in store.published_elsewhere("one")] == ["YT: Radio", "YT: Focus"]
    assert [claim.mpd_name for claim in store.published_elsewhere("two")] == ["YT: Focus"]


def test_names_that_utf8_cannot_carry_are_claimed_all_the_same(store):
    ref = PlaylistRef("web", "id\ud83d", "name\ud83d")
    store.claim("mpd", ref, "YT: name\ud83d")
    store.mark_published("mpd", ref, "hash")
    assert store.published("mpd")["web", "id?"].uris_hash == "hash"
    store.release("mpd", "web", "id\ud83d")
    assert store.published("mpd") == {}


@pytest.mark.parametrize("note", [TrackStore.claim, TrackStore.begin_rename])
def test_what_is_noted_before_mpd_changes_is_on_the_disk_before_mpd_can_change(tmp_path, note):
    """A power cut may cost the last moments of everything else in the file, which can be learned again."""
    statements: list[str] = []
    with TrackStore(tmp_path / "tracks.db") as store:
        store._connection.set_trace_callback(statements.append)
        note(store, "mpd", REF, "YT: Focus")
        store.mark_published("mpd", REF, "hash")
    first, *during = (word for one in statements for word in ["FULL", "NORMAL", "COMMIT"] if word in one)
    assert (first, during) == ("FULL", ["COMMIT", "NORMAL", "COMMIT"])


def test_a_claim_that_fails_leaves_the_database_as_quick_as_before(tmp_path):
    with TrackStore(tmp_path / "tracks.db") as store:
        with pytest.raises(StoreError):
            store.claim("mpd", REF, None)  # type: ignore[arg-type]
        assert store._connection.execute("PRAGMA synchronous").fetchone()[0] == 1
