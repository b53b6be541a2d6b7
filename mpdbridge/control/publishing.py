"""Stored playlists that are answers: `YT: Search`, `YT: Radio`. Each holds the newest one.

They are claimed like all playlists of ours, so a user's own of the same name stays, and no sync removes them: no source
of playlists has that name, and a sync removes only what a source does not have any more.
"""

from collections.abc import Sequence
from typing import Literal

from mpdbridge.control.tools import Tools
from mpdbridge.models import Playlist, PlaylistRef, Track
from mpdbridge.sync.known import KnownPlaylist

SOURCE = "mpdbridge"
Name = Literal["Search", "Radio"]


async def publish(tools: Tools, name: Name, tracks: Sequence[Track]) -> str:
    """Puts `tracks` into the playlist; returns its name in MPD.

    Raises:
        MpdBridgeError: MPD does not take it, or a sync is running.
    """
    async with tools.session.publishing() as publish_one:
        ref = PlaylistRef(SOURCE, name.casefold(), name, len(tracks))
        return (await publish_one(KnownPlaylist(Playlist(ref, tuple(tracks)), lasting=False))).mpd_name
