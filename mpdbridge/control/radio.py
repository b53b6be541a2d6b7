"""`radio`: what is like a track, as a stored playlist, or at the end of the queue."""

from dataclasses import dataclass

from mpdbridge.control.adding import Additions, add
from mpdbridge.control.meaning import track_meant
from mpdbridge.control.publishing import publish
from mpdbridge.control.tools import Tools
from mpdbridge.errors import MpdBridgeError, SourceError
from mpdbridge.models import Track
from mpdbridge.mpd.queue import entries_at
from mpdbridge.mpd.suggestions import Heard
from mpdbridge.store import TrackStore


@dataclass(frozen=True, slots=True)
class Radio:
    """A radio.

    Attributes:
        seed: the track it was made for.
        tracks: those like it, without itself; for the queue, without those that are in it already.
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
        MpdBridgeError: MPD plays nothing of ours, is away, or refuses; or all is in the queue already.
        StoreError: the TrackStore cannot be used.
    """
    seed = await track_meant(tools, text)
    tracks = tuple(await tools.sources.music.related(seed.track_id))
    if not tracks:
        raise SourceError(f"YouTube Music knows nothing like {seed.label}")
    if append or play:
        tracks = tuple(Heard().new(tracks, await _queued(tools)))
        if not tracks:
            raise MpdBridgeError(f"all that YouTube Music knows like {seed.label} is in the queue already")
        return Radio(seed, tracks, additions=await add(tools, tracks, play=play))
    return Radio(seed, tracks, playlist=await publish(tools, "Radio", (seed, *tracks)))


async def _queued(tools: Tools) -> list[Track]:
    """The tracks of ours in the queue, each once."""
    async with tools.connect() as connection:
        await connection.command("tagtypes", "clear")  # the URIs are enough
        status = dict(await connection.command("status"))
        entries = await entries_at(connection, range(int(status["playlistlength"])))
    uris = await tools.uris()
    ids = {uris.track_id(entry.uri) or "" for entry in entries}
    return list((await tools.store.run(TrackStore.tracks, ids)).values())
