"""How much we may ask: so many questions an hour, and none of a site that has had enough.

Guests get about 300 resolutions an hour from YouTube, and accounts have been banned for bulk [yt-dlp#11426].
"""

import re
from collections import deque
from dataclasses import dataclass
from urllib.parse import urlsplit

_HOUR = 3600.0
_LONGEST = 6 * _HOUR
_YOUTUBE = re.compile(r"(.+\.)?(youtube(-nocookie)?\.com|youtu\.be)")


class HourlyBudget:
    """At most `limit` takes in any 60 minutes, each at its own time; all times in epoch seconds."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken: deque[float] = deque()

    def used(self, now: float) -> int:
        """How many were taken in the hour before `now`."""
        while self._taken and not now - _HOUR < self._taken[0] <= now:  # a clock set back frees what lies ahead
            self._taken.popleft()
        return len(self._taken)

    def wait(self, now: float, *, reserve: float = 0.0) -> float:
        """Seconds until one more may be taken and the share `reserve` (0 to 1) is still left over; 0 is now."""
        usable = max(1, int(self._limit * (1 - reserve)))
        used = self.used(now)
        return 0.0 if used < usable else self._taken[used - usable] + _HOUR - now

    def take(self, now: float) -> None:
        """Note one question."""
        self._taken.append(now)


@dataclass(slots=True)
class _Rest:
    until: float
    seconds: float
    reason: str


class BackOff:
    """Sites that asked to be left alone, each until its time; asking twice in a row doubles it."""

    def __init__(self) -> None:
        self._rests: dict[str, _Rest] = {}

    def start(self, url: str, seconds: float, reason: str, *, now: float) -> None:
        """The site of `url` wants rest for at least `seconds`."""
        before = self._rests.get(site(url))
        if before is not None:
            seconds = max(seconds, min(before.seconds * 2, _LONGEST))
        self._rests[site(url)] = _Rest(now + seconds, seconds, reason)

    def end(self, url: str) -> None:
        """The site of `url` answers again."""
        self._rests.pop(site(url), None)

    def left(self, url: str, *, now: float) -> tuple[float, str] | None:
        """Seconds to go, and why, or None when the site may be asked."""
        rest = self._rests.get(site(url))
        return (rest.until - now, rest.reason) if rest is not None and rest.until > now else None

    def until(self, now: float) -> float | None:
        """When the last of the sites may be asked again, or None when all may."""
        return max((rest.until for rest in self._rests.values() if rest.until > now), default=None)


def site(url: str) -> str:
    """What counts as one site: the host, and all of YouTube's together."""
    host = urlsplit(url).hostname or ""
    return "youtube.com" if _YOUTUBE.fullmatch(host) else host
