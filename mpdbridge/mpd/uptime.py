"""When MPD was started: from then on its song ids are others, and its configuration may be."""

from mpdbridge.concurrency import Clock
from mpdbridge.mpd.connection import MpdConnection

_SAME = 5.0  # seconds; MPD tells its uptime in whole ones, and clocks are set


async def running_since(connection: MpdConnection, clock: Clock) -> float:
    """When MPD was started, epoch seconds give or take one (`stats`)."""
    return clock() - float(dict(await connection.command("stats")).get("uptime", 0))


def is_same_start(one: float, other: float) -> bool:
    """Whether MPD has been running all the time between two answers of `running_since`."""
    return abs(one - other) < _SAME
