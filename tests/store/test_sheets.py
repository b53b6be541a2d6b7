"""Records of CUE sheets: by folder and track, whole, and gone when they are forgotten."""

from hypothesis import given
from hypothesis import strategies as st

from mpdbridge.store import LibraryFolder, SheetRecord, TrackStore

MUSIC = LibraryFolder("/run/mpd/socket", "/music", "YouTube Music")
OTHER = LibraryFolder("/run/mpd/socket", "/music", "Other")
ONE = SheetRecord("track00000001", "A/B/One [track00000001].cue", 1_700_000_000, {"rating": "5", "ö": "a=b"})
TWO = SheetRecord("track00000002", "A/B/Two [track00000002].cue")


def test_each_folder_has_its_own() -> None:
    with TrackStore(":memory:") as store:
        assert store.sheet_folders(MUSIC.target) == store.sheet_folders("elsewhere") == []
        store.keep_sheets(MUSIC, [ONE, TWO])
        store.keep_sheets(OTHER, [TWO])
        assert store.sheets(MUSIC) == {ONE.track_id: ONE, TWO.track_id: TWO}
        assert set(store.sheet_folders(MUSIC.target)) == {MUSIC, OTHER}
        store.forget_sheets(OTHER, [ONE.track_id, TWO.track_id])
        assert store.sheet_folders(MUSIC.target) == [MUSIC]
        assert store.sheet_folders("elsewhere") == []


def test_what_mpd_has_read_and_is_still_there_is_a_song() -> None:
    with TrackStore(":memory:") as store:
        gone = SheetRecord("track00000003", "", 1_700_000_000)
        store.keep_sheets(MUSIC, [ONE, TWO, gone])
        song = {ONE.track_id: f"{MUSIC.folder}/{ONE.place}/track0001"}
        assert store.songs(MUSIC.target, MUSIC.folder) == song
        assert store.songs(MUSIC.target, MUSIC.folder, [ONE.track_id, TWO.track_id]) == song
        assert store.songs(MUSIC.target, MUSIC.folder, [TWO.track_id]) == {}
        assert store.songs(MUSIC.target, OTHER.folder) == {}


def test_a_new_record_replaces_the_one_of_the_same_track() -> None:
    with TrackStore(":memory:") as store:
        store.keep_sheets(MUSIC, [ONE])
        store.keep_sheets(MUSIC, [SheetRecord(ONE.track_id, ONE.place)])
        assert store.sheets(MUSIC) == {ONE.track_id: SheetRecord(ONE.track_id, ONE.place)}


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=4))
def test_any_stickers_come_back(stickers) -> None:
    with TrackStore(":memory:") as store:
        store.keep_sheets(MUSIC, [SheetRecord("track00000001", "x", None, stickers)])
        assert store.sheets(MUSIC)["track00000001"].stickers == stickers
