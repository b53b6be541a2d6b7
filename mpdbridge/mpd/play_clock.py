"""How long somebody has listened to a song, from looks at MPD's player now and then. Pure.

It counts what has sounded: not pauses, not the time while MPD waits for audio, and not what a seek jumps over. MPD does
not tell of seeks, so between two looks the position has moved on by as much as was heard at the most, or there was a
seek, and the clock on the wall tells. Who looks again after `next_look` seconds is off by no more than `LOOK`.
"""

from dataclasses import dataclass

LOOK = 5.0  # seconds between two looks at the most
_SOON = 0.25  # seconds between them at the least
ENOUGH = 30.0  # seconds that make a play
_JUMP = 1.0  # seconds by which MPD's position moves at once, in the pieces in which audio is played
_START = 3.0  # seconds around a song's ends: there MPD's times are not exact


@dataclass(frozen=True, slots=True)
class Look:
    """What MPD's player does at a moment.

    Attributes:
        at: when, in seconds of a monotonic clock.
        track_id: what plays, or is paused; None for nothing, and for what nobody has to know.
        song_id: MPD's id of the queue entry.
        playing: it sounds, or is about to.
        elapsed: position in the song, seconds.
        duration: seconds, when it is known.
    """

    at: float
    track_id: str | None = None
    song_id: str = ""
    playing: bool = False
    elapsed: float = 0.0
    duration: float | None = None


class PlayClock:
    """Tells each play once, as soon as it is one: after `enough` seconds, or half of the song if that is less."""

    def __init__(self, enough: float = ENOUGH) -> None:
        self._most = enough
        self._last = Look(0.0)
        self._heard = 0.0
        self._told = False

    @property
    def next_look(self) -> float | None:
        """Seconds until the next look; None when nobody listens to what is no play yet, and any change will do."""
        if self._last.track_id is None or self._told or not self._last.playing:
            return None
        return max(_SOON, min(LOOK, self._enough(self._last.duration) - self._heard))

    def see(self, look: Look) -> bool:
        """Takes a look. Returns whether this made a play of what it shows."""
        if self._goes_on(look):
            self._heard += self._listened(look)
        else:
            self._heard, self._told = 0.0, False
        self._last = look
        if look.track_id is None or self._told or self._heard < self._enough(look.duration):
            return False
        self._told = True
        return True

    def skip(self) -> None:
        """The play that the last look shows has been told before."""
        self._told = True

    def _goes_on(self, look: Look) -> bool:
        """Whether `look` shows the same play as the last one, and not the next one of the same song."""
        last = self._last
        if look.track_id is None or look.track_id != last.track_id:
            return False
        reached = last.elapsed + (look.at - last.at if last.playing else 0.0)
        ended = last.duration is not None and reached >= last.duration - _START
        again = look.elapsed < _START + (look.at - last.at) and look.elapsed < last.elapsed
        # After a restart MPD goes on with the same song under another id.
        same = look.song_id == last.song_id or look.elapsed >= last.elapsed
        return same and not (ended and again)

    def _listened(self, look: Look) -> float:
        last = self._last
        if not last.playing:
            return 0.0
        passed, moved = look.at - last.at, look.elapsed - last.elapsed
        if 0 <= moved <= passed + _JUMP:
            return moved
        return min(passed, LOOK)  # later than that, MPD was away

    def _enough(self, duration: float | None) -> float:
        return min(self._most, duration / 2) if duration else self._most
