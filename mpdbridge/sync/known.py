"""A playlist that is known already, as a source: so it gets into MPD on the road of all others."""

from mpdbridge.models import Playlist, PlaylistRef
from mpdbridge.sources import Offer


class KnownPlaylist:
    """Offers one playlist, and asks nobody.

    Args:
        playlist: with all its tracks.
        lasting: False for what is there for a moment only: library mode makes no songs of it.
    """

    def __init__(self, playlist: Playlist, *, lasting: bool) -> None:
        self.name = playlist.ref.source
        self.playlist = playlist
        self.lasting = lasting

    async def playlists(self) -> Offer:
        return Offer((self.playlist.ref,))

    async def fetch(self, ref: PlaylistRef) -> Playlist:  # noqa: ARG002  # there is only the one
        return self.playlist

    async def lookup(self, link: str) -> Playlist | None:  # noqa: ARG002  # it has no link
        return None
