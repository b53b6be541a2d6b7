"""How long a queue entry is before it was ever played: `rangeid ID 0:END`, which MPD shows as its length. Pure.

MPD plays no further than END, so END stands behind the music's own end, where it does no harm: the song ends by itself,
and while it plays MPD shows its real length. A range that would cut is worse than none, so nothing is said of a length
that may be wrong. Our ranges are told from a user's by where they begin and by END's fraction; no others are touched.
"""

import math

from mpdbridge.models import Track
from mpdbridge.mpd.tag_diff import QueueEntry
from mpdbridge.mpd.wire import Command
from mpdbridge.resolver.pacing import site

_GRID = 0.25  # our ENDs lie a quarter of a second apart,
_OFFSET = 0.24  # at .24, .49, .74 and .99, where nobody else's will
_BLUR = 0.006  # MPD reads them as a 32 bit float
_BEYOND_WHOLE = 0.98  # seconds behind a length in whole seconds, of which nobody tells how they were rounded
_BEYOND_EXACT = 0.2
_NEAREST, _FARTHEST = 0.1, 1.5  # an END so far behind a length that is known better by now stays: no churn
_LONGEST = 12 * 3600.0  # seconds; the float is too coarse for more


def length_commands(entry: QueueEntry, track: Track) -> list[Command]:
    """The one `rangeid` that gives `entry` the length of `track`, or none when it needs none or must not have it.

    Args:
        entry: what MPD reports now; one that plays takes no range, which is for the caller to see.
        track: what the entry plays.
    """
    length = sure_length(track)
    if length is None:
        return []
    if told := entry.tags.get("Range"):
        end = our_end(told[0])
        if end is None or _NEAREST <= end - length <= _FARTHEST:
            return []
    elif "duration" in entry.tags:
        return []  # MPD has been told it otherwise (EXTINF), and then takes no END behind that
    return [("rangeid", entry.song_id, f"0:{end_for(length):.2f}")]


def sure_length(track: Track) -> float | None:
    """The length of `track` in seconds, unless it is unknown, or somebody's word for a file that may have grown.

    Sites round like everyone else, but a podcast's whole seconds do not count the advertisements put into it since. So
    of sites other than YouTube only fractions are believed, which nobody writes by hand.
    """
    length = float(track.duration or 0)
    if not 0 < length <= _LONGEST:
        return None
    if track.source == "web" and length.is_integer() and site(track.source_url or "") != "youtube.com":
        return None
    return length


def end_for(length: float) -> float:
    """The END that we give to a song of `length` seconds."""
    beyond = _BEYOND_WHOLE if length.is_integer() else _BEYOND_EXACT
    return math.ceil((length + beyond - _OFFSET) / _GRID) * _GRID + _OFFSET


def our_end(told: str) -> float | None:
    """The END of a `Range` as MPD reports it (`0.000-200.990`), or None when it is none of ours."""
    start, _, end = told.partition("-")
    try:
        seconds = float(end)
    except ValueError:
        return None
    off = math.fmod(seconds - _OFFSET + _BLUR, _GRID)
    return seconds if start == "0.000" and 0 <= off <= 2 * _BLUR else None
