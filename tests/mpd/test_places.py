"""Places of sheets: legal everywhere, never two on one, never where something else stands."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpdbridge.models import Track
from mpdbridge.mpd.places import Places, legal_part
from mpdbridge.urls import TRACK_ID

anything = st.text(st.characters(codec=None), max_size=400)
few = st.sampled_from(
    ["ABBA", "Abba", "abba", "a/b", "a∕b", "", ".", "..", ".hidden", "x.", "x", "CON", "é", "e\u0301"]
)
track_ids = st.from_regex(TRACK_ID, fullmatch=True)
tracks = st.builds(
    Track,
    track_id=track_ids,
    title=few | anything,
    artists=st.lists(few | anything, max_size=2).map(tuple),
    album=st.none() | few | anything,
    album_artist=st.none() | few,
)


@given(anything)
def test_a_part_is_legal_on_any_file_system(text):
    part = legal_part(text, "none")
    assert part
    assert len(part.encode()) <= 160
    assert not set('/\\:*?"<>|') & set(part)
    assert not part.startswith((".", " "))
    assert not part.endswith((".", " "))
    assert legal_part(part, "none") == part
    assert part.isprintable() or not any(unicodedata.category(char) == "Cc" for char in part)


@given(st.lists(tracks, max_size=12, unique_by=lambda track: track.track_id), st.lists(tracks, max_size=3))
def test_no_two_share_a_place_even_where_case_does_not_count(mine, foreign):
    others = [Places((), ()).choose(track) for track in foreign]
    places = Places(others, ())
    chosen = [places.choose(track) for track in mine]
    keys = [unicodedata.normalize("NFC", place).casefold() for place in chosen]
    assert len(set(keys)) == len(keys)
    assert not set(keys) & {unicodedata.normalize("NFC", place).casefold() for place in others}
    assert all(place.count("/") == 2 for place in chosen)
    folders = {place.rsplit("/", depth)[0] for place in chosen for depth in (1, 2)}
    assert len({folder.casefold() for folder in folders}) == len(folders), "one spelling for each folder"


def test_it_reads_as_artist_album_title():
    track = Track("oLtmHdXKIYE", "Intro: What?", ("A", "B"), album="Live/Dead")
    assert Places((), ()).choose(track) == "A/Live∕Dead/Intro： What？ [oLtmHdXKIYE].cue"
    bare = Track("oLtmHdXKIYE", "...")
    assert Places((), ()).choose(bare) == "Unknown artist/Unknown album/oLtmHdXKIYE [oLtmHdXKIYE].cue"


@pytest.mark.parametrize(
    ("files", "folders", "place"),
    [
        ([], ["abba"], "abba/Gold/Waterloo [oLtmHdXKIYE].cue"),
        (["ABBA"], [], "ABBA (2)/Gold/Waterloo [oLtmHdXKIYE].cue"),
        (["ABBA/gold"], ["ABBA"], "ABBA/Gold (2)/Waterloo [oLtmHdXKIYE].cue"),
        (["ABBA/Gold/waterloo [oLtmHdXKIYE].cue"], [], "ABBA/Gold/Waterloo (2) [oLtmHdXKIYE].cue"),
        ([], ["ABBA/Gold/Waterloo [oLtmHdXKIYE].cue"], "ABBA/Gold/Waterloo (2) [oLtmHdXKIYE].cue"),
    ],
)
def test_what_stands_there_already_is_shared_or_avoided(files, folders, place):
    track = Track("oLtmHdXKIYE", "Waterloo", ("ABBA",), album="Gold")
    assert Places(files, folders).choose(track) == place
