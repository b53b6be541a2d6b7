"""Where playlists go. MPD's own protocol is the rule; `m3u_fallback` is the exception, with the same shape."""

from collections.abc import Sequence
from typing import Protocol

from mpdbridge.m3u import M3UEntry
from mpdbridge.mpd.publisher import PlaylistPublisher
from mpdbridge.sync.events import Change, Via


class Destination(Protocol):
    """The stored playlists of one MPD.

    A method that cannot do its work raises an MpdBridgeError. No client of MPD ever sees a change half done.

    Attributes:
        longest: entries of a playlist that MPD loads, as far as that is known; what is longer is published so far.
        doubted: what MPD once loaded; None as soon as it has taken more.
    """

    via: Via

    longest: int | None
    doubted: int | None

    async def running_since(self) -> float | None:
        """When MPD was started, epoch seconds give or take one; None when nobody can tell."""

    async def clear_leftovers(self) -> None:
        """Takes away what a killed run left half done."""

    async def names(self) -> set[str]:
        """The names of all stored playlists, whosoever they are."""

    async def read(self, name: str) -> list[str]:
        """The URIs of a playlist, in order."""

    async def publish(self, name: str, entries: Sequence[M3UEntry], *, new: bool = False) -> Change:
        """Makes the playlist hold exactly `entries`, or the `longest` beginning; the return value says how.

        If it has to be `new`, one that is there by now is somebody else's, and left alone: MpdBridgeError.
        """

    async def rename(self, old: str, new: str) -> None:
        """Gives a playlist a name that no other has."""

    async def remove(self, name: str) -> None:
        """Takes a playlist out of MPD."""


class NativeDestination:
    """Stored playlists through MPD's protocol, which takes URIs only."""

    via: Via = "mpd"

    def __init__(self, *, publisher: PlaylistPublisher) -> None:
        self._publisher = publisher
        self.clear_leftovers = publisher.clear_leftovers
        self.names = publisher.names
        self.read = publisher.read
        self.rename = publisher.rename
        self.remove = publisher.remove
        self.running_since = publisher.running_since

    @property
    def longest(self) -> int | None:
        return self._publisher.longest

    @longest.setter
    def longest(self, entries: int | None) -> None:
        self._publisher.longest = entries

    @property
    def doubted(self) -> int | None:
        return self._publisher.doubted

    @doubted.setter
    def doubted(self, entries: int | None) -> None:
        self._publisher.doubted = entries

    async def publish(self, name: str, entries: Sequence[M3UEntry], *, new: bool = False) -> Change:
        return (await self._publisher.publish(name, [entry.uri for entry in entries], new=new)).change
