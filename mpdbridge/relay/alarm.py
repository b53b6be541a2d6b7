"""A limit for waits that begin thousands of times a second and hardly ever last."""

import asyncio
from collections.abc import Callable


class Alarm:
    """Calls `ring` when `seconds` have passed since it was set, unless it was cleared or set anew meanwhile.

    Setting and clearing it only notes a time: one timer, which looks again when it came too early, serves all of them.
    A timer of asyncio's for each wait is a tenth of what a chunk of audio costs.
    """

    def __init__(self, seconds: float, ring: Callable[[], None]) -> None:
        self._seconds = seconds
        self._ring: Callable[[], None] | None = ring
        self._due: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def set(self) -> None:
        """Rings in `seconds` from now on."""
        loop = asyncio.get_running_loop()
        self._due = loop.time() + self._seconds
        if self._timer is None:
            self._timer = loop.call_at(self._due, self._look)

    def clear(self) -> None:
        """Does not ring until it is set again."""
        self._due = None

    def close(self) -> None:
        """Leaves no timer behind, and lets go of what it was to call, which may well hold the alarm itself."""
        self.clear()
        self._ring = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        if self._due is None or self._ring is None:
            return
        loop = asyncio.get_running_loop()
        if loop.time() < self._due:
            self._timer = loop.call_at(self._due, self._look)
        else:
            self._due = None
            self._ring()
