"""`add`: from links to tagged entries in the queue. Looks them up, remembers their tracks, adds them in one go."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from mpdbridge.control.tools import Tools
from mpdbridge.errors import SourceError
from mpdbridge.models import SearchResult, Track
from mpdbridge.mpd.queue import add_to_queue
from mpdbridge.store import TrackStore
from mpdbridge.sync.library import library_songs
from mpdbridge.urls import TRACK_ID

Position = Literal["end", "next"]
Wanted = str | SearchResult | Track
"""A link, an id, what a search has found, or a track itself."""


@dataclass(frozen=True, slots=True)
class Added:
    """One entry of the queue: MPD's id of it, its track and its URI."""

    song_id: str
    track_id: str
    label: str
    uri: str


@dataclass(frozen=True, slots=True)
class Additions:
    """What `add` did.

    Attributes:
        added: in the queue's order.
        failed: why a link gave nothing, by link.
        hint: what the user has to do to hear it; empty when nothing.
    """

    added: tuple[Added, ...]
    failed: dict[str, str]
    hint: str = ""

    @property
    def failures(self) -> list[str]:
        """One line for each link that gave nothing."""
        return [reason if reason.startswith(link) else f"{link}: {reason}" for link, reason in self.failed.items()]

    def to_json(self) -> dict[str, object]:
        return {"added": [asdict(each) for each in self.added], "failed": self.failed, "hint": self.hint}


async def add(tools: Tools, wanted: Sequence[Wanted], *, position: Position = "end", play: bool = False) -> Additions:
    """Adds every track behind what is `wanted`; a link that gives nothing does not stop the others.

    Raises:
        MpdUnavailableError, MpdRefusedError: MPD does not take them.
        StoreError: the TrackStore cannot be used.
    """
    async with tools.connect() as connection:
        await connection.require("addid", "addtagid")  # asked before a site is
        tracks, failed = await _look_up(tools, wanted)
        await connection.ensure_open()  # a site may have taken longer than MPD keeps a silent connection
        songs = library_songs(tools.settings, store=tools.store)
        new = await add_to_queue(
            connection,
            tools.settings.proxy.urls,
            tracks,
            position=position,
            play=play,
            songs=songs,
            durations=tools.settings.watch.durations,
        )
    added = (
        Added(entry.song_id, track.track_id, track.label, entry.uri) for entry, track in zip(new, tracks, strict=True)
    )
    return Additions(tuple(added), failed)


async def _look_up(tools: Tools, wanted: Sequence[Wanted]) -> tuple[list[Track], dict[str, str]]:
    """All the tracks, in order, and why a link has none; the TrackStore knows them then."""
    tracks: list[Track] = []
    failed: dict[str, str] = {}
    for one in wanted:
        try:
            tracks += await tracks_of(tools, one)
        except SourceError as error:
            failed[_name(one)] = str(error)
    return await tools.store.run(TrackStore.remember, tracks), failed


async def tracks_of(tools: Tools, wanted: Wanted) -> Sequence[Track]:
    """What is wanted, at least one track; asks nobody about what is known.

    Raises:
        SourceError: there is nothing to play.
    """
    match wanted:
        case Track():
            return (wanted,)
        case SearchResult(track=Track(artists=(_, *_)) as track):  # the search has told all
            return (track,)
        case SearchResult(link=link):
            return (await tools.sources.lookup(link)).tracks
    if TRACK_ID.fullmatch(wanted) and (known := await tools.store.run(TrackStore.track, wanted)):
        return (known,)
    return (await tools.sources.lookup(wanted)).tracks


def _name(wanted: Wanted) -> str:
    return wanted if isinstance(wanted, str) else wanted.link if isinstance(wanted, SearchResult) else wanted.label
