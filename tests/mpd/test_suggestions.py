"""When an endless radio appends, and what it never plays twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpdbridge.models import Track
from mpdbridge.mpd.suggestions import Heard, left_to_play

PLAYING = {
    "state": "play",
    "song": "7",
    "nextsong": "8",
    "playlistlength": "10",
    "random": "0",
    "repeat": "0",
    "single": "0",
}
LAST = {**PLAYING, "playlistlength": "8"}
del LAST["nextsong"]

tracks = st.builds(
    Track, track_id=st.text("ab", min_size=1, max_size=2), title=st.sampled_from(["", "One", "one", "Two"]),
    artists=st.sampled_from([(), ("Björk",), ("BJÖRK", "Somebody")]),
)  # fmt: skip


@pytest.mark.parametrize(
    ("status", "positions"),
    [
        pytest.param(PLAYING, range(7, 10), id="two are left"),
        pytest.param({**PLAYING, "playlistlength": "11"}, None, id="three are left"),
        pytest.param(LAST, range(7, 8), id="it is the last one"),
        pytest.param({**PLAYING, "state": "pause"}, None, id="paused"),
        pytest.param({**PLAYING, "state": "stop"}, None, id="stopped"),
        pytest.param({**PLAYING, "repeat": "1"}, None, id="it begins again by itself"),
        pytest.param({**PLAYING, "single": "1"}, None, id="one song is wanted"),
        pytest.param({**PLAYING, "single": "oneshot"}, None, id="one song is wanted, once"),
        pytest.param({**PLAYING, "random": "1"}, None, id="random, and some are left"),
        pytest.param({**LAST, "random": "1"}, range(8), id="random, and it is the last one"),
    ],
)
def test_songs_are_appended_when_few_are_left(status, positions) -> None:
    assert left_to_play(status, 3) == positions


@given(st.lists(st.lists(tracks)), st.lists(tracks))
def test_nothing_is_suggested_twice(answers, queue) -> None:
    heard, told = Heard(), list(queue)
    for answer in answers:
        fresh = heard.new(answer, queue)
        heard.remember(fresh)
        for track in fresh:
            assert track.track_id not in {other.track_id for other in told}
            names = {(other.title.lower(), other.artists[0].lower()) for other in told if other.title and other.artists}
            assert not (track.title and track.artists) or (track.title.lower(), track.artists[0].lower()) not in names
            told.append(track)
        assert heard.new(answer, queue) == []


def test_what_was_heard_long_ago_comes_again() -> None:
    heard = Heard(remembered=5)
    numbered = [Track(f"track-{number}", f"Title {number}", ("Somebody",)) for number in range(12)]
    for track in numbered:
        heard.remember([track])
    assert heard.new(numbered, ()) == numbered[:7]
