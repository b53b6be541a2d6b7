"""Tracks that upstream refuses though their URL is fresh: not gone, but not to be had for some minutes.

Unlike what yt-dlp calls gone, which the TrackStore keeps for a day, this is forgotten with the process.
"""

import time
from dataclasses import dataclass

from mpdbridge.concurrency import Clock
from mpdbridge.errors import ProxyError


@dataclass(frozen=True, slots=True)
class _Refusal:
    reason: str
    until: float


class RefusedTracks:
    """Remembers for `seconds` why a track was refused."""

    def __init__(self, *, seconds: float, clock: Clock = time.time) -> None:
        self._seconds = seconds
        self._clock = clock
        self._refusals: dict[str, _Refusal] = {}

    @property
    def reasons(self) -> dict[str, str]:
        """Why, by track id, of all that are refused at present."""
        now = self._clock()
        self._refusals = {track: refusal for track, refusal in self._refusals.items() if refusal.until > now}
        return {track: refusal.reason for track, refusal in self._refusals.items()}

    def add(self, track_id: str, reason: str) -> str:
        """Upstream refused `track_id` just now. Returns how to tell it, but for the minutes as `check` does."""
        self._refusals[track_id] = _Refusal(reason, self._clock() + self._seconds)
        return _told(reason, self._seconds)

    def remove(self, track_id: str) -> None:
        """It gave bytes again."""
        self._refusals.pop(track_id, None)

    def check(self, track_id: str) -> None:
        """Raises ProxyError while `track_id` need not be tried again."""
        refusal = self._refusals.get(track_id)
        left = 0.0 if refusal is None else refusal.until - self._clock()
        if refusal is not None and left > 0:
            raise ProxyError(_told(refusal.reason, left))


def _told(reason: str, seconds: float) -> str:
    return f"{reason} (trying again in {max(1, round(seconds / 60))} min)"
