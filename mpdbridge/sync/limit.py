"""How many entries MPD loads of a playlist (max_playlist_length): learned once, remembered as long as MPD runs.

MPD tells nobody. It shows when a playlist is longer; asking that anew at each sync would write, and wake every client.
"""

import json

from mpdbridge.mpd.uptime import is_same_start
from mpdbridge.store import AsyncStore, TrackStore
from mpdbridge.sync.destination import Destination

Known = tuple[int | None, int | None]


async def recall_limit(destination: Destination, *, store: AsyncStore, target: str) -> Known:
    """Tells `destination` what its MPD has shown; after a restart, with another mpd.conf perhaps, it is only a doubt.

    Returns what `note_limit` has to know.
    """
    noted = await store.run(TrackStore.note, _key(target))
    told = json.loads(noted) if noted is not None else None
    if told is not None:
        since = await destination.running_since()
        if since is not None and is_same_start(since, told["since"]):
            destination.longest = told["longest"]
        else:
            destination.doubted = told["longest"]
    return destination.longest, destination.doubted


async def note_limit(destination: Destination, *, store: AsyncStore, target: str, recalled: Known) -> None:
    """Remembers what `destination` has learned since, be it that there is no such limit any more."""
    if (destination.longest, destination.doubted) == recalled:
        return
    since = await destination.running_since()
    known = {"longest": destination.longest, "since": since} if destination.longest is not None else None
    await store.run(TrackStore.set_note, _key(target), json.dumps(known))


def noted_limit(store: TrackStore, target: str) -> int | None:
    """What a sync has learned of this MPD, perhaps before it was started anew; None when it ran into no limit."""
    told = json.loads(store.note(_key(target)) or "null")
    return None if told is None else int(told["longest"])


def _key(target: str) -> str:
    return f"longest_playlist {target}"
