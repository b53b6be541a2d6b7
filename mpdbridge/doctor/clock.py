"""Whether this machine knows the time: signed links expire by it, and a login is proved with it."""

import ctypes
import sys
from datetime import UTC, date, datetime

from mpdbridge.doctor.checks import Check, fail, ok, warn

_FIX = "timedatectl set-ntp true"
_NOTICEABLE, _HARMFUL = 60.0, 600.0
_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised
_TIMEX_BYTES = 256  # struct timex has 208 on 64 bits; zeroed, it only asks


def against_server(now: float, server: float, host: str) -> Check:
    """`now` is our time and `server` that of an HTTP answer of `host` (to the second), both in epoch seconds."""
    off = now - server
    told = f"{abs(off):.0f} s {'ahead of' if off > 0 else 'behind'} {host}"
    if abs(off) > _HARMFUL:
        return fail("Clock", f"{told}: links expire at the wrong time, and logins fail", _FIX)
    return warn("Clock", told, _FIX) if abs(off) > _NOTICEABLE else ok("Clock", f"as {host} has it")


def by_itself(now: float, *, at_least: date | None, last_sync: float, synchronised: bool | None) -> Check:
    """What can be told without asking anybody.

    Args:
        now: our time, epoch seconds.
        at_least: a day that is surely over: the release of what is installed.
        last_sync: when the last sync ended, epoch seconds; 0 if never.
        synchronised: whether the kernel says that something keeps its clock right; None: it does not tell.
    """
    today = datetime.fromtimestamp(now, UTC)
    shown = f"{today:%Y-%m-%d %H:%M} UTC"
    if at_least is not None and today.date() < at_least:
        return fail("Clock", f"{shown}, before {at_least}, when the installed yt-dlp was released", _FIX)
    if last_sync > now + _NOTICEABLE:
        return warn("Clock", f"{shown}, before the last sync: it was set back", _FIX)
    doubt = "; the kernel knows of nothing that keeps it right, --online compares it" if synchronised is False else ""
    return ok("Clock", shown + doubt)


def kernel_says() -> bool | None:
    """Whether the kernel's clock is synchronised (adjtimex(2)); None where that cannot be asked."""
    if sys.platform != "linux":
        return None
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    return None if state < 0 else state != _TIME_ERROR
