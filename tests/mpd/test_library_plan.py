"""Which sheets are ours, where each track's stands, and which are to be written."""

import pytest

from mpdbridge import cue
from mpdbridge.models import Track
from mpdbridge.mpd.library_plan import our_sheets, plan_sheets, sheet_of
from mpdbridge.mpd.sheets import SheetFile, Shelf
from mpdbridge.store import SheetRecord
from mpdbridge.urls import ProxyUrls

URLS = ProxyUrls("http://localhost:8080")
OTHER = ProxyUrls("http://elsewhere:9000")
TRACK = Track("track00000001", "Title", ("Artist",), album="Album", duration=200.0)
PLACE = "Artist/Album/Title [track00000001].cue"
OLD = "Old/Album/Old title [track00000001].cue"


def text(track: Track = TRACK, urls: ProxyUrls = URLS) -> str:
    return cue.render(sheet_of(track, urls))


def shelf(**files: str) -> Shelf:
    """With a text at OLD, at PLACE, or both."""
    found = {place: files[name] for name, place in (("old", OLD), ("place", PLACE)) if name in files}
    sheets = {place: SheetFile(TRACK.track_id, place, content, 1000) for place, content in found.items()}
    return Shelf(list(found), ["Old", "Old/Album", "Artist", "Artist/Album"], sheets)


def plan(records, there):
    found = {record.track_id: record for record in records}
    sheets = {TRACK.track_id: sheet_of(TRACK, URLS)}
    return plan_sheets({TRACK.track_id: TRACK}, sheets, our_sheets(found, there, URLS), found, there)


def noted(place: str, read: int | None = 1000) -> SheetRecord:
    return SheetRecord(TRACK.track_id, place, read)


@pytest.mark.parametrize(
    ("records", "there", "place"),
    [
        ([], {}, None),
        ([], {"place": text()}, PLACE),
        ([], {"place": text(urls=OTHER)}, None),
        ([noted(PLACE)], {"place": text(urls=OTHER)}, PLACE),
        ([noted(PLACE)], {"place": ""}, PLACE),
        ([], {"place": ""}, None),
        ([noted(PLACE)], {"place": "TITLE x\n"}, None),
        ([noted(PLACE)], {"place": text(Track("track00000002", "Title"))}, None),
        ([noted(OLD)], {"old": text(), "place": text()}, OLD),
        ([noted(OLD)], {"place": text()}, PLACE),
    ],
)
def test_a_sheet_is_ours_by_its_record_or_by_where_it_leads(records, there, place) -> None:
    ours = our_sheets({record.track_id: record for record in records}, shelf(**there), URLS)
    assert {track_id: file.place for track_id, file in ours.items()} == ({TRACK.track_id: place} if place else {})


def test_a_right_sheet_is_left_alone() -> None:
    found = plan([noted(PLACE)], shelf(place=text()))
    assert (found.places, found.writes, found.right) == ({TRACK.track_id: PLACE}, (), {TRACK.track_id: 1000})


def test_a_wrong_one_is_written_again_at_its_place_and_later() -> None:
    found = plan([noted(OLD, read=2000)], shelf(old=text(urls=OTHER)))
    (write,) = found.writes
    assert (write.place, write.text, write.after, found.right) == (OLD, text(), 2000, {})


def test_one_that_is_gone_comes_back_where_it_was() -> None:
    (write,) = plan([noted(OLD)], shelf()).writes
    assert (write.place, write.after) == (OLD, 1000)


def test_a_place_that_somebody_else_took_is_given_up() -> None:
    (write,) = plan([noted(PLACE)], shelf(place="TITLE x\n")).writes
    assert write.place == "Artist/Album/Title (2) [track00000001].cue"


@pytest.mark.parametrize(
    ("told", "streamed", "end"),
    [
        (200.0, None, 200.99),
        (200.0, 199.4, 200.99),
        (200.0, 200.6, 200.99),
        (200.0, 203.1, 203.49),
        (None, None, None),
        (None, 203.1, 203.49),
        (0.0, None, None),
    ],
)
def test_a_song_ends_behind_its_music_and_its_sheet_changes_only_when_it_would_be_cut(told, streamed, end) -> None:
    track = Track("track00000001", "Title", duration=told)
    found = cue.parse(cue.render(sheet_of(track, URLS, streamed)))
    assert found is not None
    assert found.seconds == (None if end is None else pytest.approx(end, abs=1 / 75))


def test_of_other_sites_whole_seconds_are_not_believed() -> None:
    podcast = Track("track00000001", "Title", duration=3600.0, source="web", source_url="https://example.org/1.mp3")
    assert sheet_of(podcast, URLS).seconds is None
    assert sheet_of(podcast, URLS, 3725.5).seconds is None, "nor is what a stream with advertisements said today"
