"""How playlists get into this MPD today: by its protocol, or as files when it is away or takes no commands.

Only the fallback without a relay resolves streams; everything else writes links to the relay.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from http.client import HTTPException

from mpdbridge.config import Settings
from mpdbridge.errors import MpdBridgeError, MpdRefusedError, MpdUnavailableError
from mpdbridge.mpd.address import MpdAddress
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.directories import find_playlist_directory
from mpdbridge.mpd.publisher import PlaylistPublisher
from mpdbridge.relay.health import ask_health
from mpdbridge.resolver import StreamResolver
from mpdbridge.store import AsyncStore
from mpdbridge.sync.destination import Destination, NativeDestination
from mpdbridge.sync.events import Listener
from mpdbridge.sync.library import LibraryStep, known_songs, known_uris, open_library
from mpdbridge.sync.links import DirectLinks, Links, ProxyLinks
from mpdbridge.sync.m3u_fallback import M3UDirectory
from mpdbridge.urls import TrackUris

NEEDED = ("listplaylist", "playlistadd", "playlistdelete", "rename", "rm")
"""The commands without which MPD takes no playlists from us."""


@dataclass(frozen=True, slots=True)
class Way:
    """Where playlists go, what stands in them, and what the user should know about that.

    Attributes:
        uris: tell which entries of playlists are ours.
        library: library mode, when it is on or has to be cleared away.
    """

    destination: Destination
    links: Links
    uris: TrackUris
    library: LibraryStep | None = None
    warnings: tuple[str, ...] = ()


@asynccontextmanager
async def find_way(
    settings: Settings,
    *,
    address: MpdAddress,
    store: AsyncStore,
    resolver: StreamResolver,
    listener: Listener,
    relay_runs: bool,
    dry_run: bool,
) -> AsyncIterator[Way]:
    """The best way that works.

    Args:
        settings: the whole configuration.
        address: the MPD.
        store: knows the sheets of library mode.
        resolver: for the fallback without a relay.
        listener: hears of every stream that is resolved.
        relay_runs: it is known that the relay answers, so it need not be asked.
        dry_run: nothing will be written, so no stream is resolved.

    Raises:
        MpdUnavailableError: MPD is away or refuses, and where its playlist files are is not known either.
    """
    uris = await known_uris(settings, target=str(address), store=store)
    async with AsyncExitStack() as stack:
        try:
            connection = await stack.enter_async_context(MpdConnection(address, settings.mpd.timeout_seconds))
            await _check(connection)
        except (MpdUnavailableError, MpdRefusedError) as error:
            trouble = error
        else:
            library = await open_library(settings, address=address, store=store, connection=connection, uris=uris)
            yield _native(settings, connection, uris, *library)
            return
        directory = await find_playlist_directory(address, configured=settings.mpd.playlist_directory)
        if directory is None:
            raise MpdUnavailableError(_nowhere(trouble)) from trouble
        songs = await known_songs(settings, target=str(address), store=store)
        links: Links = ProxyLinks(uris, songs)
        warnings = [f"{trouble}; the playlists are written as files into {directory}"]
        if not settings.proxy.enabled or not (relay_runs or await _relay_answers(settings.proxy.urls.base)):
            links = DirectLinks(resolver=resolver, urls=settings.proxy.urls, listener=listener, dry_run=dry_run)
            warnings.append(_direct(settings))
        yield Way(M3UDirectory(directory), links, uris, None, tuple(warnings))


async def _check(connection: MpdConnection) -> None:
    """Raises MpdRefusedError if this MPD will not take playlists from us; nothing is written to find out."""
    await connection.command("listplaylists")  # refused when mpd.conf has no playlist_directory (ACK 5)
    await connection.require(*NEEDED)


def _native(
    settings: Settings, connection: MpdConnection, uris: TrackUris, library: LibraryStep | None, warning: str
) -> Way:
    warnings = [warning] if warning else []
    if not settings.proxy.enabled:
        warnings.append(f"proxy.enabled is false: the playlists play only where a relay answers at {uris.base}")
    destination = NativeDestination(publisher=PlaylistPublisher(connection=connection))
    return Way(destination, ProxyLinks(uris), uris, library, tuple(warnings))


def _direct(settings: Settings) -> str:
    base, enabled = settings.proxy.urls.base, settings.proxy.enabled
    why, fix = (
        (f"no relay answers at {base}", "start `mpdbridge watch`")
        if enabled
        else ("proxy.enabled is false", "set it to true")
    )
    return (
        f"{why}: the playlists get direct links, which expire after some hours; {fix} and sync again for lasting ones"
    )


async def _relay_answers(base: str) -> bool:
    """Whether our relay is what answers at `base`."""
    try:
        await ask_health(base)
    except (OSError, HTTPException, ValueError):  # refused, late, an error status; or somebody else's page
        return False
    return True


def _nowhere(trouble: MpdBridgeError) -> str:
    return (
        f"{trouble}. Nor can playlist files be written: neither MPD nor an mpd.conf of this user names their folder; "
        "set mpd.playlist_directory"
    )
