"""What MPD has before a sync: read once, only as far as it can concern us."""

from collections.abc import Collection, Iterable, Mapping

from mpdbridge.errors import MpdRefusedError
from mpdbridge.mpd.wire import ACK_NO_EXIST
from mpdbridge.store import AsyncStore, PublishedPlaylist, TrackStore
from mpdbridge.sync.destination import Destination
from mpdbridge.sync.naming import Key
from mpdbridge.sync.ownership import Evidence, owned
from mpdbridge.sync.plan import Present
from mpdbridge.urls import ProxyUrls


async def look(
    *,
    destination: Destination,
    store: AsyncStore,
    target: str,
    urls: ProxyUrls,
    claims: Mapping[Key, PublishedPlaylist],
    offered: Iterable[Key],
) -> Present:
    """The playlists of MPD, and which of them are ours.

    Args:
        destination: MPD.
        store: knows the claims under other addresses too.
        target: the address of this MPD.
        urls: tells which entries are ours.
        claims: what the TrackStore remembers for `target`.
        offered: the playlists of the sources.
    """
    names = await destination.names()
    elsewhere = await store.run(TrackStore.published_elsewhere, target)
    claimed = {name for claim in (*claims.values(), *elsewhere) for name in (claim.mpd_name, claim.former_name)}
    concerned = names & claimed
    contents = await _read(destination, concerned)
    names -= concerned - contents.keys()
    evidence = Evidence(claims, elsewhere, contents, lambda uri: urls.track_id(uri) is not None)
    return Present(names, owned(evidence, offered), contents, lambda uri: urls.track_id(uri) or uri)


async def _read(destination: Destination, names: Collection[str]) -> dict[str, list[str]]:
    contents = {}
    for name in sorted(names):
        try:
            contents[name] = await destination.read(name)
        except MpdRefusedError as error:
            if error.code != ACK_NO_EXIST:  # its user has deleted it just now
                raise
    return contents
