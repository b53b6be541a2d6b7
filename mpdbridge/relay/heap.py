"""Memory that was freed, back to the system.

glibc keeps what lies between two blocks that are still in use: up to half a megabyte for each stream that was fast for
a moment and then stood still. Other allocators do not have the trouble, nor the function.
"""

import asyncio
import ctypes

_SOON = 0.5  # seconds; it takes milliseconds, and one look serves many streams


class HeapTrimmer:
    """Has the C library look through its heap, at most twice a second."""

    def __init__(self) -> None:
        self._timer: asyncio.TimerHandle | None = None
        self._malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # malloc_trim(3)

    def soon(self) -> None:
        """Something large may have been freed."""
        if self._timer is None and self._malloc_trim is not None:
            self._timer = asyncio.get_running_loop().call_later(_SOON, self._trim)

    def close(self) -> None:
        """Leaves no timer behind."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _trim(self) -> None:
        self._timer = None
        if self._malloc_trim is not None:
            self._malloc_trim(0)
