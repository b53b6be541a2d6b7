"""From links to tagged entries in the queue: looks them up, remembers their tracks, adds them in one go."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from mpdbridge.cli.summary import counted
from mpdbridge.config import Settings
from mpdbridge.doctor.facts import ask_relay
from mpdbridge.errors import SourceError
from mpdbridge.models import Track
from mpdbridge.mpd.address import resolve_address
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.queue import add_to_queue
from mpdbridge.resolver import ExtractorWorker
from mpdbridge.sources import OpenSources, open_sources
from mpdbridge.store import AsyncStore, TrackStore
from mpdbridge.text import one_line
from mpdbridge.urls import TRACK_ID

_SHOWN = 10  # of a long playlist nobody reads every title


@dataclass(frozen=True, slots=True)
class Added:
    """One entry of the queue: MPD's id of it, its track and its URL."""

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

    def to_json(self) -> dict[str, object]:
        return {"added": [asdict(each) for each in self.added], "failed": self.failed, "hint": self.hint}


async def add_links(
    settings: Settings, links: Sequence[str], *, position: Literal["end", "next"], play: bool
) -> Additions:
    """Adds every track behind `links`; a link that gives nothing does not stop the others.

    Raises:
        MpdUnavailableError, MpdRefusedError: MPD does not take them.
        StoreError: the TrackStore cannot be used.
    """
    async with (
        MpdConnection(resolve_address(settings.mpd), settings.mpd.timeout_seconds) as connection,
        AsyncStore.open(settings.proxy.track_mapping_db) as store,
    ):
        await connection.require("addid", "addtagid")  # asked before a site is
        tracks, failed = await _look_up(settings, links, store)
        await store.run(TrackStore.upsert_tracks, tracks)
        await connection.ensure_open()  # a site may have taken longer than MPD keeps a silent connection
        urls = settings.proxy.urls
        ids = await add_to_queue(connection, urls, tracks, position=position, play=play) if tracks else []
    relay = await ask_relay(settings.proxy)
    return Additions(
        added=tuple(
            Added(str(song_id), track.track_id, track.label, urls.of(track))
            for song_id, track in zip(ids, tracks, strict=True)
        ),
        failed=failed,
        hint=f"nothing plays it yet; {relay.url}: {relay.problem}" if ids and relay.problem else "",
    )


async def _look_up(settings: Settings, links: Sequence[str], store: AsyncStore) -> tuple[list[Track], dict[str, str]]:
    """The tracks behind all links, in order, and why a link has none."""
    tracks: list[Track] = []
    failed: dict[str, str] = {}
    async with (
        ExtractorWorker(settings=settings.resolver) as worker,
        open_sources(settings.sources, worker) as sources,
    ):
        for link in links:
            try:
                tracks += await _tracks_of(link, store, sources)
            except SourceError as error:
                failed[link] = str(error)
    return tracks, failed


async def _tracks_of(link: str, store: AsyncStore, sources: OpenSources) -> Sequence[Track]:
    if TRACK_ID.fullmatch(link) and (known := await store.run(TrackStore.track, link)):
        return (known,)
    return (await sources.lookup(link)).tracks


def told(done: Additions) -> Iterator[str]:
    """What was added, for a person to read."""
    if not done.added:
        return
    yield f"Added {counted(len(done.added), 'track')}:"
    for each in done.added[:_SHOWN]:
        yield f"  {one_line(each.label)}"
    if len(done.added) > _SHOWN:
        yield f"  … and {len(done.added) - _SHOWN} more"
