"""Any page or file that yt-dlp can list or play: podcasts, albums on other sites, plain audio files.

A configured playlist is known by its name: links may be added to it or replaced, and it is still the same playlist.
(Under another name it is a new one, and the old one is removed.)
"""

import re

from mpdbridge.config import WebSettings
from mpdbridge.errors import SourceError, YouTubeStreamError
from mpdbridge.models import Playlist, PlaylistRef
from mpdbridge.resolver import ExtractorWorker, Listing
from mpdbridge.resolver.failures import shown

_YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{11}")


class WebSource:
    """The playlists under `sources.web`, and every link that begins with http."""

    name = "web"

    def __init__(self, *, worker: ExtractorWorker, settings: WebSettings) -> None:
        self._worker = worker
        self._urls = {playlist.name: playlist.urls for playlist in settings.playlists}
        self._pieces: dict[str, Listing] = {}

    async def playlists(self) -> list[PlaylistRef]:
        """The configured playlists; asks nobody."""
        return [PlaylistRef(self.name, name, name) for name in self._urls]

    async def fetch(self, ref: PlaylistRef) -> Playlist:
        """The entries behind all links of a playlist, in order.

        Raises:
            SourceError: one of the links gives nothing; the playlist as it was is worth more than a part of it.
        """
        listings = [await self._listing(url) for url in self._urls[ref.playlist_id]]
        return Playlist(
            ref,
            tracks=tuple(track for listing in listings for track in listing.entries),
            unavailable=tuple(label for listing in listings for label in listing.unavailable),
        )

    async def lookup(self, link: str) -> Playlist | None:
        """What stands behind a link, or behind a YouTube video's bare id."""
        if _YOUTUBE_ID.fullmatch(link):
            link = f"https://music.youtube.com/watch?v={link}"
        if not link.lower().startswith(("http://", "https://")):
            return None
        listing = await self._listing(link)
        return Playlist(
            PlaylistRef(self.name, listing.playlist_id or link, listing.title), listing.entries, listing.unavailable
        )

    async def _listing(self, url: str) -> Listing:
        """What stands behind `url`. A single piece stays what it is: it is looked at once, not at every sync."""
        if url in self._pieces:
            return self._pieces[url]
        try:
            listing = await self._worker.list_entries(url)
        except YouTubeStreamError as error:
            raise SourceError(str(error)) from error
        if not listing.entries and not listing.unavailable:
            raise SourceError(f"{shown(url)}: lists nothing")
        if listing.playlist_id is None and listing.entries:
            self._pieces[url] = listing
        return listing
