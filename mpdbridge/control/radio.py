"""`radio`: what is like a track, as a stored playlist, or at the end of the queue."""

from dataclasses import dataclass

from mpdbridge.control.adding import Additions, add
from mpdbridge.control.meaning import track_meant
from mpdbridge.control.publishing import publish
from mpdbridge.control.tools import Tools
from mpdbridge.errors import SourceError
from mpdbridge.models import Track


@dataclass(frozen=True, slots=True)
class Radio:
    """A radio.

    Attributes:
        seed: the track it was made for.
        tracks: those like it, without itself.
        playlist: the name of the stored playlist that holds the seed and them; None when they went into the queue.
        additions: what went into the queue.
    """

    seed: Track
    tracks: tuple[Track, ...]
    playlist: str | None = None
    additions: Additions | None = None


async def radio(tools: Tools, text: str = "", *, append: bool = False, play: bool = False) -> Radio:
    """Makes the radio of a track; no login is needed.

    Args:
        tools: what it works with.
        text: the track, see `track_meant`.
        append: put it into the queue, instead of into a stored playlist.
        play: append it, and play its first track at once.

    Raises:
        SourceError: there is none, or YouTube Music cannot be asked.
        MpdBridgeError: MPD plays nothing of ours, is away, or refuses.
        StoreError: the TrackStore cannot be used.
    """
    seed = await track_meant(tools, text)
    tracks = tuple(await tools.sources.music.related(seed.track_id))
    if not tracks:
        raise SourceError(f"YouTube Music knows nothing like {seed.label}")
    if append or play:
        return Radio(seed, tracks, additions=await add(tools, tracks, play=play))
    return Radio(seed, tracks, playlist=await publish(tools, "Radio", (seed, *tracks)))
