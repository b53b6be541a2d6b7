"""What each part says of itself: asks each by itself, and says plainly which does not answer."""

import asyncio
import http.client
import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from mpdbridge.config import MpdSettings, ProxySettings, Settings, SourcesSettings
from mpdbridge.doctor.login_facts import LoginFacts, ask_login
from mpdbridge.errors import MpdBridgeError
from mpdbridge.mpd.address import resolve_address
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.relay.health import ask_health
from mpdbridge.store import TrackStore
from mpdbridge.sync.limit import noted_limit
from mpdbridge.sync.session import LAST_SYNC
from mpdbridge.urls import ProxyUrls

_PATIENCE = 3.0  # seconds; an MPD that takes longer is not well
LITTLE_ROOM = 500 * 2**20  # bytes on the disk


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
        last_sync: the note that a sync of everything leaves: its report, and when it was.
        bytes: of the file and what SQLite keeps beside it.
        damage: what is wrong inside the file, if that was looked for.
        playlist_limit: entries that MPD takes in a playlist, if a sync ran into that.
    """

    path: Path
    problem: str = ""
    exists: bool = False
    tracks: int = 0
    resolved: int = 0
    dead: int = 0
    playlists: int = 0
    last_sync: Mapping[str, object] = field(default_factory=dict)
    bytes: int = 0
    damage: str = ""
    playlist_limit: int | None = None

    @property
    def longest(self) -> int:
        """Tracks of the longest playlist that the last sync has seen, those included that MPD had no room for."""
        playlists = self.last_sync.get("playlists")
        each = playlists if isinstance(playlists, list) else []
        return max((int(one["tracks"]) + int(one.get("left_out", 0)) for one in each), default=0)


@dataclass(frozen=True, slots=True)
class DiskFacts:
    """What lies on the disk, in bytes.

    Attributes:
        folder: where the TrackStore is or will be, as far as that is there.
        free: left there for this user.
        cache: of heads and covers, whichever bridge of this user has put them there.
        writable: whether this user may put files into the folder.
    """

    folder: Path
    free: int = 0
    cache: int = 0
    writable: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """All that can be told at this moment."""

    relay: RelayFacts
    mpd: MpdFacts
    store: StoreFacts
    disk: DiskFacts
    login: LoginFacts
    sources: SourcesSettings


async def gather(settings: Settings) -> Facts:
    """Asks all of them at the same time. What does not answer is told as a problem, never raised."""
    async with asyncio.TaskGroup() as group:
        relay = group.create_task(ask_relay(settings.proxy))
        mpd = group.create_task(ask_mpd(settings.mpd))
        store = group.create_task(ask_store(settings.proxy.track_mapping_db, settings.mpd))
        disk = group.create_task(ask_disk(settings.proxy.track_mapping_db))
    return Facts(
        relay=relay.result(),
        mpd=mpd.result(),
        store=store.result(),
        disk=disk.result(),
        login=await ask_login(settings.sources.ytmusic, store.result().last_sync),
        sources=settings.sources,
    )


async def ask_relay(settings: ProxySettings) -> RelayFacts:
    """What the relay says on this machine, where `mpdbridge watch` runs."""
    if not settings.enabled:
        return RelayFacts(settings.urls.base, problem="none here (proxy.enabled: false); how `watch` is, its log tells")
    url = ProxyUrls.for_listener(settings.host, settings.port).base
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


async def ask_store(path: Path, mpd: MpdSettings, *, thoroughly: bool = False) -> StoreFacts:
    """Opens the TrackStore as `watch` does, but makes none; `thoroughly` looks for damage, too."""
    return await asyncio.to_thread(_look_into_store, path, mpd, thoroughly=thoroughly)


async def ask_disk(path: Path) -> DiskFacts:
    """How much room there is for the TrackStore at `path`, and how much our caches take."""
    return await asyncio.to_thread(_look_at_disk, path)


def _look_at_disk(path: Path) -> DiskFacts:
    folder = next(folder for folder in path.absolute().parents if folder.exists())
    cached = platformdirs.user_cache_path("mpdbridge").rglob("*")
    sizes = 0
    for file in cached:
        with suppress(FileNotFoundError):  # a running bridge has removed it meanwhile
            sizes += file.stat().st_size if file.is_file() else 0
    return DiskFacts(folder, shutil.disk_usage(folder).free, sizes, writable=os.access(folder, os.W_OK | os.X_OK))


def _look_into_store(path: Path, mpd: MpdSettings, *, thoroughly: bool) -> StoreFacts:
    if not path.exists():
        return StoreFacts(path)
    try:
        with TrackStore(path) as store:
            counts, note = store.counts(), store.note(LAST_SYNC)
            return StoreFacts(
                path,
                exists=True,
                tracks=counts.tracks,
                resolved=counts.resolved,
                dead=counts.dead,
                playlists=len(store.published(str(resolve_address(mpd)))),
                last_sync=json.loads(note) if note else {},
                bytes=sum(each.stat().st_size for each in path.parent.glob(f"{path.name}*")),
                damage=store.damage() if thoroughly else "",
                playlist_limit=noted_limit(store, str(resolve_address(mpd))),
            )
    except MpdBridgeError as error:
        return StoreFacts(path, problem=str(error), exists=True)
