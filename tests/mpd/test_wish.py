"""Which link somebody wants to hear, read off where MPD has come to stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpdbridge.mpd.wish import Player, Seen, standing_for

URI = "https://youtu.be/abcdefghijk"
ERROR = f"Failed to decode {URI}; there is no music in it"
IDLE = Player("stop", length=3)
LINK = Seen("7", URI, 1, new=True)
KNOWN = Seen("7", URI, 1, new=False)
TRIED = Seen("7", URI, 1, new=False, stand="7")
PASSED = Seen("7", URI, 1, new=False, stand="9")


def playing(song_id, position, **more):
    return Player("play", song_id, position, **{"length": 3, **more})


@pytest.mark.parametrize(
    ("entry", "before", "now", "stand"),
    [
        pytest.param(LINK, IDLE, IDLE, None, id="it was only added"),
        pytest.param(LINK, IDLE, playing("7", 1), "7", id="MPD fetches its page"),
        pytest.param(KNOWN, IDLE, playing("7", 1), "7", id="an old one is started"),
        pytest.param(LINK, IDLE, Player("stop", "7", 1, error=ERROR), "7", id="MPD has given up already"),
        pytest.param(TRIED, IDLE, Player("stop", "7", 1, error=ERROR), "7", id="MPD gives up"),
        pytest.param(LINK, IDLE, Player("stop", error=ERROR), "7", id="MPD has given up at the end of the queue"),
        pytest.param(LINK, IDLE, Player("stop", error="Failed to decode another"), None, id="MPD gave up another one"),
        pytest.param(KNOWN, IDLE, Player("stop", "7", 1, error=ERROR), "7", id="MPD has given up since the last look"),
        pytest.param(
            KNOWN,
            Player("stop", "7", 1, error=ERROR),
            Player("stop", "7", 1, error=ERROR),
            None,
            id="MPD gave up long ago",
        ),
        pytest.param(TRIED, IDLE, Player("stop", "7", 1), None, id="somebody has stopped it"),
        pytest.param(TRIED, playing("7", 1), playing("9", 2), "9", id="MPD goes on to the next song"),
        pytest.param(LINK, playing("3", 0), playing("9", 2), "9", id="it was passed over while MPD was silent"),
        pytest.param(LINK, playing("3", 0), playing("3", 0), None, id="something else plays on"),
        pytest.param(LINK, playing("3", 0), playing("5", 3, length=4), None, id="something else was started"),
        pytest.param(PASSED, playing("9", 2), playing("9", 2), "9", id="the next song plays for the time being"),
        pytest.param(PASSED, playing("9", 2), playing("3", 0), None, id="another song was chosen since"),
        pytest.param(PASSED, playing("9", 2), Player("pause", "9", 2), None, id="that one was paused"),
        pytest.param(PASSED, playing("9", 2), Player("stop", "9", 2), None, id="that one was stopped"),
        pytest.param(TRIED, playing("7", 1), playing("3", 0, random=True), "3", id="in random mode any song follows"),
        pytest.param(LINK, playing("5", 2), playing("3", 0, random=True), None, id="which proves nothing by itself"),
        pytest.param(LINK, playing("3", 0), playing("9", 2, random=True), None, id="not even where it stands next"),
        pytest.param(
            Seen("7", URI, 2, new=False, stand="7"),
            playing("7", 2),
            playing("3", 0, repeat=True),
            "3",
            id="repeat wraps",
        ),
    ],
)
def test_what_mpd_stands_at_tells_what_was_asked_for(entry, before, now, stand) -> None:
    assert standing_for(entry, before, now) == stand


players = st.builds(
    Player,
    state=st.sampled_from(["play", "pause", "stop"]),
    song_id=st.none() | st.sampled_from("79"),
    position=st.integers(0, 3),
    length=st.just(4),
    error=st.sampled_from(["", ERROR]),
    random=st.booleans(),
    repeat=st.booleans(),
)


@given(st.booleans(), st.none() | st.sampled_from("79"), players, players)
def test_only_the_current_song_stands_for_a_link_and_a_pause_or_a_clean_stop_for_none(new, stand, before, now) -> None:
    told = standing_for(Seen("7", URI, 1, new=new, stand=stand), before, now)
    assert told in {None, now.song_id} or (told == "7" and now.song_id is None and now.error)
    if now.state == "pause" or (now.state == "stop" and not now.error):
        assert told is None
