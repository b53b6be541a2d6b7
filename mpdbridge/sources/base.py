"""What a source is: something that offers playlists, and knows what a link of its own stands for."""

from typing import Protocol

from mpdbridge.models import Playlist, PlaylistRef


class Source(Protocol):
    """A place where playlists come from.

    Attributes:
        name: "ytmusic", "web" or "demo"; the `source` of its playlists.
    """

    name: str

    async def playlists(self) -> list[PlaylistRef]:
        """The playlists it offers, in its order.

        Raises:
            SourceError: it did not answer; nothing may be concluded about its playlists.
        """

    async def fetch(self, ref: PlaylistRef) -> Playlist:
        """One of those playlists with all its tracks that came; `ref.announced` in it tells how many there should be.

        Raises:
            SourceError: nothing came that could be trusted.
        """

    async def lookup(self, link: str) -> Playlist | None:
        """What a link or id stands for, or None when it is not of this source; one track is a playlist of one.

        Raises:
            SourceError: the link is of this source, and nothing can be had from it.
        """
