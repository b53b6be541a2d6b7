"""What each part says of itself: asks each by itself, and says plainly which does not answer."""

import asyncio
import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mpdbridge.config import MpdSettings, ProxySettings, Settings, SourcesSettings
from mpdbridge.errors import MpdBridgeError
from mpdbridge.mpd.address import resolve_address
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.relay.health import ask_health
from mpdbridge.store import AsyncStore, TrackStore
from mpdbridge.urls import ProxyUrls

_PATIENCE = 3.0  # seconds; an MPD that takes longer is not well


@dataclass(frozen=True, slots=True)
class RelayFacts:
    """The relay's own account of itself (`/health`), or why there is none.

    Attributes:
        absent: nobody listens there.
    """

    url: str
    problem: str = ""
    absent: bool = False
    health: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MpdFacts:
    """MPD's `status` and `currentsong`, or why there is none."""

    address: str
    problem: str = ""
    protocol: str = ""
    status: Mapping[str, str] = field(default_factory=dict)
    song: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What the TrackStore holds; nothing when there is none yet.

    Attributes:
        playlists: those of ours in the MPD that the configuration means.
        last_sync: the note that a sync leaves: its report, and when it was.
    """

    path: Path
    problem: str = ""
    exists: bool = False
    tracks: int = 0
    resolved: int = 0
    dead: int = 0
    playlists: int = 0
    last_sync: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that can be told at this moment."""

    relay: RelayFacts
    mpd: MpdFacts
    store: StoreFacts
    sources: SourcesSettings


async def gather(settings: Settings) -> Facts:
    """Asks relay, MPD and TrackStore at the same time. What does not answer is told as a problem, never raised."""
    async with asyncio.TaskGroup() as group:
        relay = group.create_task(ask_relay(settings.proxy))
        mpd = group.create_task(ask_mpd(settings.mpd))
        store = group.create_task(ask_store(settings.proxy.track_mapping_db, settings.mpd))
    return Facts(relay=relay.result(), mpd=mpd.result(), store=store.result(), sources=settings.sources)


async def ask_relay(settings: ProxySettings) -> RelayFacts:
    """What the relay says on this machine, where `mpdbridge watch` runs."""
    url = ProxyUrls.for_listener(settings.host, settings.port).base
    if not settings.enabled:
        return RelayFacts(url, problem="switched off by proxy.enabled")
    try:
        return RelayFacts(url, health=await ask_health(url))
    except ConnectionRefusedError:
        return RelayFacts(url, problem="not running; start `mpdbridge watch`", absent=True)
    except (OSError, http.client.HTTPException) as error:
        return RelayFacts(url, problem=f"no answer: {error or type(error).__name__}")
    except ValueError:
        return RelayFacts(url, problem="another program answers there: set proxy.port to a free port")


async def ask_mpd(settings: MpdSettings) -> MpdFacts:
    address = ""
    try:
        found = resolve_address(settings)
        address = str(found)
        async with MpdConnection(found, timeout=min(_PATIENCE, settings.timeout_seconds)) as connection:
            status, song = await connection.command_list([("status",), ("currentsong",)])
            return MpdFacts(address, protocol=connection.version, status=dict(status), song=dict(song))
    except MpdBridgeError as error:
        return MpdFacts(address, problem=str(error))


async def ask_store(path: Path, mpd: MpdSettings) -> StoreFacts:
    if not await asyncio.to_thread(path.exists):
        return StoreFacts(path)
    try:
        async with AsyncStore.open(path) as store:
            counts = await store.run(TrackStore.counts)
            claims = await store.run(TrackStore.published, str(resolve_address(mpd)))
            note = await store.run(TrackStore.note, "last_sync")
    except MpdBridgeError as error:
        return StoreFacts(path, problem=str(error), exists=True)
    return StoreFacts(
        path,
        exists=True,
        tracks=counts.tracks,
        resolved=counts.resolved,
        dead=counts.dead,
        playlists=len(claims),
        last_sync=json.loads(note) if note else {},
    )
