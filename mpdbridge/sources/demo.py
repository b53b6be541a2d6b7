"""The embedded catalogue as a source: to try the bridge without the net, and without an account."""

from mpdbridge.catalogue import DemoPlaylist, DemoTrack, demo_playlists
from mpdbridge.errors import SourceError
from mpdbridge.models import Playlist, PlaylistRef, Track
from mpdbridge.sources.base import Offer

_SCHEME = "demo:"


class DemoSource:
    """The demo catalogue's playlists. Links of it are `demo:<file name>` and `demo:<playlist id>`."""

    name = "demo"

    async def playlists(self) -> Offer:
        """All playlists of the catalogue."""
        return Offer(tuple(self._ref(playlist) for playlist in demo_playlists()))

    async def fetch(self, ref: PlaylistRef) -> Playlist:
        """A playlist of the catalogue with its tracks.

        Raises:
            SourceError: there is none of this id.
        """
        for playlist in demo_playlists():
            if playlist.playlist_id == ref.playlist_id:
                return Playlist(self._ref(playlist), tuple(map(_track, playlist.tracks)))
        raise SourceError(f"demo: there is no playlist {ref.playlist_id!r} in the demo catalogue")

    async def lookup(self, link: str) -> Playlist | None:
        """A playlist or a single piece by its `demo:` link.

        Raises:
            SourceError: it begins with `demo:`, but names nothing in the catalogue.
        """
        if not link.startswith(_SCHEME):
            return None
        name = link.removeprefix(_SCHEME)
        for playlist in demo_playlists():
            if playlist.playlist_id == name:
                return await self.fetch(self._ref(playlist))
            for track in playlist.tracks:
                if name in (track.file, track.track_id):
                    return Playlist(PlaylistRef(self.name, track.track_id, track.title, 1), (_track(track),))
        raise SourceError(f"demo: there is no {name!r} in the demo catalogue")

    def _ref(self, playlist: DemoPlaylist) -> PlaylistRef:
        return PlaylistRef(self.name, playlist.playlist_id, playlist.name, len(playlist.tracks))


def _track(piece: DemoTrack) -> Track:
    return Track(
        track_id=piece.track_id,
        title=piece.title,
        artists=piece.artists,
        album=piece.album,
        album_artist=piece.album_artist,
        track_number=piece.track,
        date=piece.date,
        duration=piece.duration,
        art_url=_SCHEME + piece.cover,
        source=DemoSource.name,
        source_url=_SCHEME + piece.file,
    )
