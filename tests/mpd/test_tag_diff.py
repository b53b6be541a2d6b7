"""The tag diff: few commands, the right tags, and nothing in a value that MPD could take for a command."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpdbridge.models import Track
from mpdbridge.mpd.tag_diff import OWNED, QueueEntry, desired_tags, diff, queue_entries, tag_value

anything = st.text(st.characters(codec=None), max_size=40)
tracks = st.builds(
    Track,
    track_id=st.just("oLtmHdXKIYE"),
    title=anything,
    artists=st.lists(anything, max_size=3).map(tuple),
    album=st.none() | anything,
    album_artist=st.none() | anything,
    track_number=st.none() | st.integers(0, 99),
    date=st.none() | anything,
)
# Values of which some are also those of a track below, so that entries are found half right.
words = st.sampled_from(["a", "b", "c"])
word_tracks = st.builds(
    Track,
    track_id=st.just("oLtmHdXKIYE"),
    title=words,
    artists=st.lists(words, max_size=3).map(tuple),
    album=st.none() | words,
    date=st.none() | words,
)
word_tags = st.dictionaries(st.sampled_from([*OWNED, "Name", "Genre"]), st.lists(words, min_size=1, max_size=3))

TRACK = Track(
    "oLtmHdXKIYE",
    "Thin Brown Layer",
    ("Tommy Guerrero", "Gadget"),
    album="A Little Bit of Somethin'",
    album_artist="Tommy Guerrero",
    track_number=3,
    date="2000",
)
TAGS = {
    "Artist": ["Tommy Guerrero", "Gadget"],
    "Title": ["Thin Brown Layer"],
    "Album": ["A Little Bit of Somethin'"],
    "AlbumArtist": ["Tommy Guerrero"],
    "Track": ["3"],
    "Date": ["2000"],
}


def entry(tags, song_id="7"):
    return QueueEntry("http://localhost:8080/proxy/oLtmHdXKIYE/x", song_id, tags)


def applied(tags, commands):
    """What MPD makes of `commands`: the tags after them."""
    after = {tag: list(values) for tag, values in tags.items()}
    for name, song_id, tag, *value in commands:
        assert song_id == "7"
        if name == "cleartagid":
            after.pop(tag, None)
        else:
            after.setdefault(tag, []).extend(value)
    return after


def test_a_track_is_told_by_one_artist_each_and_what_else_is_known():
    assert desired_tags(TRACK) == TAGS


def test_what_is_not_known_or_empty_is_left_out():
    assert desired_tags(Track("oLtmHdXKIYE", "\n", ("", " \t", "A", "A"), album="")) == {"Artist": ["A"]}


@given(tracks)
def test_no_value_can_end_its_line_or_be_too_long_for_it(track):
    for tag, values in desired_tags(track).items():
        for value in values:
            assert value
            assert not re.search("[\x00-\x1f\x7f-\x9f]", value)
            quoted = value.replace("\\", "\\\\").replace('"', '\\"')
            assert len(f'addtagid 4294967295 {tag} "{quoted}"'.encode()) <= 8191


@pytest.mark.parametrize("char", ["x", '"', "\\", "é", "🎵", '\\"', 'a\\"é🎵'])
@pytest.mark.parametrize("offset", range(4))
def test_a_long_value_is_cut_to_one_line_and_not_more(char, offset):
    value = "x" * offset + char * 9000
    cut = tag_value(value)
    assert value.startswith(cut)
    assert 3990 <= len(cut.encode()) <= 4000
    assert tag_value(cut) == cut
    quoted = cut.replace("\\", "\\\\").replace('"', '\\"')
    assert len(f'addtagid 4294967295 AlbumArtist "{quoted}"'.encode()) <= 8191


def test_an_untagged_entry_gets_every_tag_and_nothing_is_cleared():
    commands = diff(entry({"Pos": ["0"], "Id": ["7"]}), TRACK)
    assert commands == [("addtagid", "7", tag, value) for tag, values in TAGS.items() for value in values]


def test_an_entry_that_is_right_needs_nothing():
    assert diff(entry({**TAGS, "Genre": ["Funk"], "Name": ["icy"], "Pos": ["1"]}), TRACK) == []


def test_only_the_tag_that_differs_is_written():
    assert diff(entry({**TAGS, "Album": ["Other"]}), TRACK) == [
        ("cleartagid", "7", "Album"),
        ("addtagid", "7", "Album", "A Little Bit of Somethin'"),
    ]


def test_a_missing_second_artist_is_only_added():
    assert diff(entry({**TAGS, "Artist": ["Tommy Guerrero"]}), TRACK) == [("addtagid", "7", "Artist", "Gadget")]


def test_a_doubled_value_is_cleared():
    assert diff(entry({**TAGS, "Title": TAGS["Title"] * 2}), TRACK) == [
        ("cleartagid", "7", "Title"),
        ("addtagid", "7", "Title", "Thin Brown Layer"),
    ]


def test_the_name_of_a_stream_goes_with_the_tags_it_wiped():
    commands = diff(entry({"Title": ["Tommy Guerrero - Thin Brown Layer"], "Name": ["Tommy Guerrero"]}), TRACK)
    assert ("cleartagid", "7", "Name") in commands
    assert ("cleartagid", "7", "Title") in commands


def test_a_tag_that_mpd_does_not_keep_is_not_written():
    commands = diff(entry({}), TRACK, kept={"Artist", "Title", "Name"})
    assert {tag for _, _, tag, _ in commands} == {"Artist", "Title"}


@given(word_tags, word_tracks)
def test_after_the_commands_the_entry_is_right_and_the_next_diff_is_empty(tags, track):
    after = applied(tags, diff(entry(tags), track))
    wanted = desired_tags(track)
    assert {tag: after.get(tag) for tag in wanted} == wanted
    assert diff(entry(after), track) == []


@given(word_tags, word_tracks)
def test_tags_that_are_not_ours_and_those_we_do_not_know_stay(tags, track):
    after = applied(tags, diff(entry(tags), track))
    others = set(tags) - set(desired_tags(track)) - {"Name"}
    assert {tag: after.get(tag) for tag in others} == {tag: tags[tag] for tag in others}


@given(word_tags, word_tracks)
def test_a_tag_is_touched_only_when_it_differs(tags, track):
    touched = {tag for _, _, tag, *_ in diff(entry(tags), track)} - {"Name"}
    assert touched == {tag for tag, values in desired_tags(track).items() if tags.get(tag) != values}


def test_entries_are_read_from_an_answer_with_several_values_and_attributes_after_the_id():
    pairs = [
        *[("file", "http://h/1"), ("Artist", "A"), ("Title", "T"), ("Artist", "B"), ("Pos", "0"), ("Id", "1")],
        *[("Prio", "5"), ("file", "http://h/2"), ("Pos", "1"), ("Id", "2")],
    ]
    first, second = queue_entries(pairs)
    assert (first.uri, first.song_id, first.tags["Artist"], first.tags["Title"]) == (
        "http://h/1",
        "1",
        ["A", "B"],
        ["T"],
    )
    assert (second.uri, second.song_id, second.tags.get("Prio")) == ("http://h/2", "2", None)
    assert queue_entries([]) == []
