"""When listening becomes a play, on players that are played with as listeners do."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpdbridge.mpd.play_clock import LOOK, Look, PlayClock

LONG, SHORT = 200.0, 40.0


@dataclass
class Listener:
    """A song in a player with a listener; `looks` are what a follower sees, at every event and every LOOK seconds."""

    duration: float | None = LONG
    now: float = 1000.0
    elapsed: float = 0.0
    playing: bool = True
    heard: float = 0.0

    def __post_init__(self):
        self.looks = [self.look()]

    def look(self):
        return Look(self.now, "a-track", "7", self.playing, self.elapsed, self.duration)

    def wait(self, seconds, *, stalled=False):
        """Time passes; MPD may be waiting for audio meanwhile, though it says that it plays."""
        while seconds > 0:
            step = min(seconds, LOOK)
            seconds -= step
            self.now += step
            if self.playing and not stalled:
                step = min(step, (self.duration or 1e9) - self.elapsed)
                self.elapsed += step
                self.heard += step
            self.looks.append(self.look())

    def toggle(self):
        self.playing = not self.playing
        self.looks.append(self.look())

    def seek(self, to):
        self.elapsed = to
        self.looks.append(self.look())


def plays(looks):
    """The clock's times at which it told a play."""
    clock = PlayClock()
    return [look.at for look in looks if clock.see(look)]


@pytest.mark.parametrize(("duration", "enough"), [(LONG, 30), (SHORT, 20), (None, 30)])
def test_half_a_minute_or_half_a_song_is_a_play_once(duration, enough) -> None:
    listener = Listener(duration)
    listener.wait(enough - LOOK / 2)
    assert plays(listener.looks) == []
    listener.wait(LOOK)
    assert len(plays(listener.looks)) == 1
    listener.wait(1000)
    assert len(plays(listener.looks)) == 1


def test_a_pause_is_not_listening() -> None:
    listener = Listener()
    listener.wait(20)
    listener.toggle()
    listener.wait(1000)
    listener.toggle()
    listener.wait(8)
    assert plays(listener.looks) == []
    listener.wait(5)
    assert len(plays(listener.looks)) == 1


def test_what_a_seek_in_a_pause_jumps_over_was_not_heard() -> None:
    listener = Listener()
    listener.wait(20)
    listener.toggle()
    listener.now += 60  # nobody looks: a pause tells no event
    listener.seek(70)
    listener.toggle()
    listener.wait(8)
    assert plays(listener.looks) == []


def test_what_a_seek_jumps_over_was_not_heard_and_what_it_goes_back_to_counts() -> None:
    listener = Listener()
    for to in (150, 0, 90):
        listener.wait(9)
        listener.seek(to)
    assert plays(listener.looks) == []
    listener.wait(6)
    assert len(plays(listener.looks)) == 1


def test_waiting_for_audio_is_not_listening() -> None:
    listener = Listener()
    listener.wait(60, stalled=True)
    assert plays(listener.looks) == []


def test_a_song_that_begins_again_after_its_end_is_another_play() -> None:
    listener = Listener()
    for _ in range(3):
        listener.wait(LONG)
        listener.seek(0)
    assert len(plays(listener.looks)) == 3


def test_a_song_that_is_begun_anew_in_the_middle_is_not() -> None:
    listener = Listener()
    for _ in range(3):
        listener.wait(50)
        listener.seek(0)
    assert len(plays(listener.looks)) == 1


def test_another_song_and_a_stop_begin_another_play() -> None:
    listener = Listener()
    listener.wait(20)
    first = listener.looks
    other = [replace(look, track_id="b-track", song_id="8", at=look.at + 21) for look in first]
    stop = Look(1050.0)
    again = [replace(look, at=look.at + 51) for look in first]
    assert plays([*first, *other, stop, *again]) == []


def test_mpd_restarted_in_the_middle_goes_on_with_the_same_play() -> None:
    listener = Listener()
    listener.wait(40)
    before = len(listener.looks)
    listener.wait(60)
    looks = listener.looks[:before] + [replace(look, song_id="1") for look in listener.looks[before:]]
    assert len(plays(looks)) == 1


def test_while_mpd_was_away_nobody_has_listened() -> None:
    """It begins again where its state file says, a little earlier and with the same song id."""
    listener = Listener()
    listener.wait(10)
    listener.now += 60
    listener.seek(8)
    assert plays(listener.looks) == []
    listener.wait(10)
    assert plays(listener.looks) == []
    listener.wait(20)
    assert len(plays(listener.looks)) == 1


def test_nothing_and_what_is_not_for_it_is_never_a_play() -> None:
    clock = PlayClock()
    assert not any(clock.see(Look(float(at), None, "7", playing=True, elapsed=at)) for at in range(100))
    assert clock.next_look is None


def test_it_wants_looks_only_while_it_waits_for_a_play() -> None:
    clock, listener = PlayClock(), Listener()
    clock.see(listener.look())
    assert clock.next_look == LOOK
    listener.wait(28)
    for look in listener.looks:
        clock.see(look)
    assert clock.next_look == pytest.approx(2)
    clock.see(replace(listener.look(), playing=False))
    assert clock.next_look is None
    clock.see(listener.look())
    clock.skip()
    assert clock.next_look is None


actions = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.floats(0.1, 40)),
        st.tuples(st.just("stall"), st.floats(0.1, 40)),
        st.tuples(st.just("seek"), st.floats(0, 150)),
        st.tuples(st.just("toggle"), st.none()),
    ),
    max_size=12,
)


@given(actions)
def test_however_it_is_played_with_there_is_one_play_when_enough_was_heard(doings) -> None:
    """A seek hides at most the seconds since the last look, a stall before one adds as many."""
    listener, seeks = Listener(), 0
    for what, value in doings:
        if what == "toggle":
            listener.toggle()
        elif what == "seek" and listener.elapsed < LONG - 10:
            listener.seek(value)
            seeks += 1
        elif what != "seek" and listener.elapsed + value < LONG - 10:
            listener.wait(value, stalled=what == "stall")
    found, doubt = len(plays(listener.looks)), seeks * LOOK + 0.1
    assert found <= 1
    if listener.heard > 30 + doubt:
        assert found == 1
    if listener.heard < 30 - doubt:
        assert found == 0
