"""What a source is: something that offers playlists, and knows what a link of its own stands for."""

from dataclasses import dataclass
from typing import Protocol

from mpdbridge.models import Playlist, PlaylistRef


@dataclass(frozen=True, slots=True)
class Offer:
    """The playlists that a source has.

    Attributes:
        refs: in its order.
        lacking: one line, why it may have others besides, e.g. because its login is dead; empty when these are all.
            Nothing may be concluded about a playlist that is not among the `refs` of such an offer.
        login_is_dead: that is why, so only the user can mend it.
        untold: beginnings of ids; nor may anything be concluded about a playlist whose id has one of them.
        by_login: ids among `refs` that only a login shows; None: nobody is logged in, so nothing may be concluded about
            those that an earlier login showed either.
    """

    refs: tuple[PlaylistRef, ...]
    lacking: str = ""
    login_is_dead: bool = False
    untold: tuple[str, ...] = ()
    by_login: tuple[str, ...] | None = ()


class Source(Protocol):
    """A place where playlists come from.

    Attributes:
        name: "ytmusic", "web" or "demo"; the `source` of its playlists.
    """

    name: str

    async def playlists(self) -> Offer:
        """The playlists it offers; all of them, or as many as can be had at present.

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
