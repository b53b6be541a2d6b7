"""Ranges that tell lengths: never too short, never for nothing, and never in place of somebody else's."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpdbridge.models import Track
from mpdbridge.mpd.lengths import end_for, length_commands, our_end, sure_length
from mpdbridge.mpd.tag_diff import QueueEntry

LONGEST = 12 * 3600
whole = st.integers(1, LONGEST).map(float)
exact = st.floats(0.5, LONGEST)
lengths = whole | exact | st.floats(1, 1000).map(lambda seconds: round(seconds, 3))


def song(length, source="ytmusic", url=None):
    return Track("oLtmHdXKIYE", "Thin Brown Layer", duration=length, source=source, source_url=url)


def entry(**tags):
    return QueueEntry("http://localhost:8080/proxy/oLtmHdXKIYE/x", "7", {tag: [value] for tag, value in tags.items()})


def reported(argument):
    """The `Range` that MPD makes of `rangeid`'s argument: a 32 bit float, cut to milliseconds."""
    start, _, end = argument.partition(":")
    [seconds] = struct.unpack("f", struct.pack("f", float(end)))
    return f"{int(start)}.000-{int(seconds * 1000) / 1000:.3f}"


def range_for(length):
    [(name, song_id, argument)] = length_commands(entry(), song(length))
    assert (name, song_id) == ("rangeid", "7")
    return reported(argument)


@given(lengths)
def test_the_end_is_behind_the_musics_and_not_far(length):
    end = float(range_for(length).partition("-")[2])
    assert (0.97 if length.is_integer() else 0.19) < end - length < 1.25


@given(lengths)
def test_a_range_of_ours_is_known_again_and_right(length):
    told = range_for(length)
    assert our_end(told) == pytest.approx(end_for(length), abs=0.01)
    assert length_commands(entry(Range=told, duration="1"), song(length)) == []


@given(whole, st.floats(-0.5, 0.85))
def test_what_is_known_better_later_changes_nothing_as_long_as_it_was_only_rounded(length, off):
    assert length_commands(entry(Range=range_for(length)), song(length + off)) == []


@given(lengths, lengths)
def test_a_range_that_would_cut_or_is_far_off_is_set_anew(before, after):
    behind = end_for(before) - after
    commands = length_commands(entry(Range=range_for(before)), song(after))
    if behind < 0.09 or behind > 1.51:
        assert commands == [("rangeid", "7", f"0:{end_for(after):.2f}")]
    elif 0.11 < behind < 1.49:
        assert commands == []


@pytest.mark.parametrize(
    "told",
    [
        "0.000-60.000",
        "0.000-60.500",
        "10.000-200.990",
        "0.500-200.990",
        "0.000-",
        "200.000-",
        "0.000-61.100",
        "",
        "x-y",
    ],
)
def test_a_users_own_range_stays(told):
    assert length_commands(entry(Range=told), song(200.0)) == []


@given(st.integers(0, 9999), st.integers(0, 9))
def test_no_range_in_seconds_and_tenths_is_taken_for_ours(seconds, tenths):
    assert our_end(f"0.000-{seconds}.{tenths}00") is None


def test_an_entry_whose_length_mpd_knows_needs_none():
    """It would drop an END behind that, and we would send it for ever."""
    assert length_commands(entry(duration="200.000"), song(213.0)) == []


@pytest.mark.parametrize("length", [None, 0, 0.0, -1.0, LONGEST + 1.0, float("inf"), float("nan")])
def test_what_is_no_length_is_not_told(length):
    assert length_commands(entry(), song(length)) == []


YOUTUBE = ("https://www.youtube.com/watch?v=x", "https://music.youtube.com/watch?v=x", "https://youtu.be/x")


@pytest.mark.parametrize("url", YOUTUBE)
def test_youtubes_own_word_counts(url):
    assert sure_length(song(200.0, "web", url)) == 200.0


@pytest.mark.parametrize("url", ["https://example.org/episode.mp3", "https://youtube.com.example.org/", "", None])
def test_whole_seconds_of_other_sites_are_not_believed_and_fractions_are(url):
    assert sure_length(song(200.0, "web", url)) is None
    assert sure_length(song(200.25, "web", url)) == 200.25
