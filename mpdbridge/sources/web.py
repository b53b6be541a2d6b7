"""Any page or file that yt-dlp can list or play: podcasts, albums on other sites, plain audio files.

A configured playlist is known by its name: links may be added to it or replaced, and it is still the same playlist.
(Under another name it is a new one, and the old one is removed.)
"""

from urllib.parse import unquote, urlsplit

from mpdbridge.config import WebSettings
from mpdbridge.errors import SourceError, YouTubeStreamError
from mpdbridge.models import Playlist, PlaylistRef
from mpdbridge.resolver import ExtractorWorker, Listing
from mpdbridge.resolver.failures import shown
from mpdbridge.sources.base import Offer
from mpdbridge.text import one_line
from mpdbridge.urls import YOUTUBE_ID, watch_url


class WebSource:
    """The playlists under `sources.web`, and every link that begins with http."""

    name = "web"

    def __init__(self, *, worker: ExtractorWorker, settings: WebSettings) -> None:
        self._worker = worker
        self._urls = {playlist.name: playlist.urls for playlist in settings.playlists}
        self._pieces: dict[str, Listing] = {}

    async def playlists(self) -> Offer:
        """The configured playlists; asks nobody."""
        return Offer(tuple(PlaylistRef(self.name, name, name) for name in self._urls))

    async def fetch(self, ref: PlaylistRef) -> Playlist:
        """The entries behind all links of a playlist, in order; a link that is gone for good counts as unavailable.

        Raises:
            SourceError: one of the links gives nothing at present, in which case the playlist as it was is worth more
                than a part of it; or all are gone.
        """
        urls = self._urls[ref.playlist_id]
        listings: list[Listing] = []
        gone: list[str] = []
        for url in urls:
            try:
                listings.append(await self._listing(url))
            except YouTubeStreamError as error:
                if not error.permanent or error.login:
                    raise SourceError(str(error)) from error
                gone.append(str(error))
                listings.append(Listing("", None, (), (_gone(url, error),)))
        if len(gone) == len(urls):
            raise SourceError(
                f"{'; '.join(gone)}; remove {'it' if len(gone) == 1 else 'them'} from sources.web.playlists"
            )
        return Playlist(
            ref,
            tracks=tuple(track for listing in listings for track in listing.entries),
            unavailable=tuple(label for listing in listings for label in listing.unavailable),
        )

    async def lookup(self, link: str) -> Playlist | None:
        """What stands behind a link, or behind a YouTube video's bare id."""
        if YOUTUBE_ID.fullmatch(link):
            link = watch_url(link)
        if not link.lower().startswith(("http://", "https://")):
            return None
        try:
            listing = await self._listing(link)
        except YouTubeStreamError as error:
            raise SourceError(str(error)) from error
        return Playlist(
            PlaylistRef(self.name, listing.playlist_id or link, listing.title), listing.entries, listing.unavailable
        )

    async def _listing(self, url: str) -> Listing:
        """What stands behind `url`. A single piece stays what it is: it is looked at once, not at every sync."""
        if url in self._pieces:
            return self._pieces[url]
        listing = await self._worker.list_entries(url)
        if not listing.entries and not listing.unavailable:
            raise SourceError(f"{shown(url)}: lists nothing")
        if listing.playlist_id is None and listing.entries:
            self._pieces[url] = listing
        return listing


def _gone(url: str, error: YouTubeStreamError) -> str:
    """`song.mp3 (there is no such page (HTTP 404))`; the whole address when it does not end like a file."""
    address = shown(url)
    name = one_line(unquote(urlsplit(url).path.rpartition("/")[2]))
    return f"{name if '.' in name else address} ({str(error).removeprefix(f'{address}: ')})"
