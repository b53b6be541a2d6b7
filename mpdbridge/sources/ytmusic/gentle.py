"""Gentle requests: a few per second, again after a stumble, and none for a while when the server asks for peace.

For the client's thread, which it keeps waiting; imported only there, as requests costs a tenth of a second.
"""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from mpdbridge.concurrency import Clock

Sleep = Callable[[float], None]

BURST = 10  # requests that need not wait: whoever looks something up gets it at once
PER_SECOND = 4.0  # after that; a library of 10,000 tracks, some 150 pages, takes half a minute
TOO_MANY = 429
STUMBLES = frozenset({TOO_MANY, 500, 502, 503, 504})
DELAYS = (0.5, 1.5)  # seconds before the second and the third try; InnerTube's POSTs only ask, so they may be repeated
DELAYS_WHEN_TOO_MANY = (2.0, 8.0)  # unless the server says how long
LONGEST_WAIT = 30.0  # seconds; whom the server asks for more gives up at once
_PEACE, _LONGEST_PEACE = 60.0, 3600.0  # seconds without requests afterwards


class Pace:
    """So many at once, then so many per second (a token bucket)."""

    def __init__(
        self,
        *,
        burst: float = BURST,
        per_second: float = PER_SECOND,
        clock: Clock = time.monotonic,
        sleep: Sleep = time.sleep,
    ) -> None:
        self._burst = self._left = burst
        self._per_second = per_second
        self._clock = clock
        self._sleep = sleep
        self._at = clock()

    def wait(self) -> None:
        """Returns when it is time for one more."""
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._per_second) - 1
        self._at = now
        if self._left < 0:
            self._sleep(-self._left / self._per_second)


class GentleAdapter(HTTPAdapter):
    """Sends requests at a pace, each up to three times.

    Once the server has refused for good with a 429, it is left in peace: until then everybody gets that refusal again,
    and nothing is sent.
    """

    def __init__(self, *, pace: Pace | None = None, clock: Clock = time.monotonic, sleep: Sleep = time.sleep) -> None:
        super().__init__(max_retries=0)
        self._pace = pace or Pace()
        self._clock = clock
        self._sleep = sleep
        self._peace: tuple[float, requests.Response] | None = None

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        if self._peace is not None and self._clock() < self._peace[0]:
            self._peace[1].raw = None  # its cookies were taken when it came, and may be outdated by now
            return self._peace[1]
        self._peace = None
        for number in range(len(DELAYS) + 1):
            self._pace.wait()
            try:
                response = super().send(request, *args, **kwargs)
            except (requests.ConnectionError, requests.Timeout):
                if number == len(DELAYS):
                    raise
                delay = DELAYS[number]
            else:
                told = delay_before_next(response.status_code, response.headers, number)
                if told is None:
                    return self._last(response)
                delay = told
                response.content  # noqa: B018  # read, so that the connection can be used again
            self._sleep(delay)
        raise AssertionError("the last try has returned or raised")

    def _last(self, response: requests.Response) -> requests.Response:
        if response.status_code == TOO_MANY:
            response.content  # noqa: B018  # it may be handed out more than once
            peace = min(retry_after(response.headers) or _PEACE, _LONGEST_PEACE)
            self._peace = self._clock() + peace, response
        return response


def delay_before_next(status: int, headers: Mapping[str, str], number: int) -> float | None:
    """Seconds to wait after answer `number` (from 0) before the same request is sent again; None: not again."""
    if status not in STUMBLES or number >= len(DELAYS):
        return None
    told = retry_after(headers)
    if told is None:
        return (DELAYS_WHEN_TOO_MANY if status == TOO_MANY else DELAYS)[number]
    return told if told <= LONGEST_WAIT else None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, as RFC 9110 10.2.3 has it: a number, or a date; None when there is none, or nobody understands it."""
    told = headers.get("Retry-After", "").strip()
    if told.isascii() and told.isdigit():
        return float(told)
    try:
        moment = parsedate_to_datetime(told)
    except (ValueError, IndexError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
