"""Which version of a track is played, its official audio or its music video, when there are both.

The sync never waits for this: what is known of counterparts is used, what is not is noted, and asked by `enriching`
later.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from mpdbridge.models import Playlist, PlaylistRef, Track
from mpdbridge.sources import Offer, Source
from mpdbridge.sources.ytmusic.parse import LIKED
from mpdbridge.store import AsyncStore, TrackStore

Preference = Literal["audio", "video", "as-is"]


class PreferredVersions:
    """A source whose playlists hold the version of each track that the user prefers, as far as it is known.

    Args:
        source: has the playlists.
        store: knows counterparts, and which are wanted.
        prefer: "audio" or "video".
        note: whether to note what is unknown.
    """

    def __init__(self, source: Source, *, store: AsyncStore, prefer: Preference, note: bool) -> None:
        self.name = source.name
        self._source = source
        self._store = store
        self._other_is_better = prefer == "audio"  # of a track that is a video, and likewise for audio
        self._note = note

    async def playlists(self) -> Offer:
        return await self._source.playlists()

    async def lookup(self, link: str) -> Playlist | None:
        """What was asked for by its own link is that, whichever version it is."""
        return await self._source.lookup(link)

    async def fetch(self, ref: PlaylistRef) -> Playlist:
        playlist = await self._source.fetch(ref)
        wanted = [track.track_id for track in playlist.tracks if track.video is self._other_is_better]
        if not wanted:
            return playlist
        known = await self._store.run(TrackStore.counterparts, wanted)
        if self._note and (unknown := set(wanted) - known.keys()):
            await self._store.run(TrackStore.wish_counterparts, sorted(unknown))
        tracks = tuple(known.get(track.track_id, track) for track in playlist.tracks)
        return replace(playlist, tracks=_each_once(tracks) if ref.playlist_id == LIKED else tracks)


def _each_once(tracks: Sequence[Track]) -> tuple[Track, ...]:
    """Of a song both versions may be liked."""
    found: dict[str, Track] = {}
    for track in tracks:
        found.setdefault(track.track_id, track)
    return tuple(found.values())


def preferred(sources: Sequence[Source], *, store: AsyncStore, prefer: Preference, note: bool) -> Sequence[Source]:
    """`sources`, their tracks in the version that `prefer` says."""
    if prefer == "as-is":
        return sources
    return [PreferredVersions(source, store=store, prefer=prefer, note=note) for source in sources]
