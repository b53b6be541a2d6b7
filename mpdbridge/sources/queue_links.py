"""Links that somebody has put into MPD's queue as they are: which of them are for us, and what they stand for.

MPD plays audio files, streams and their playlists itself, and nothing that it can play may be taken from it: a web
radio has no end, and no page. So a link of an unknown site is for us only when its server, asked in the same words that
MPD uses, answers with a web page, and yt-dlp then finds something to play on it.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from mpdbridge.errors import SourceError
from mpdbridge.models import Track
from mpdbridge.resolver.failures import shown
from mpdbridge.sources import OpenSources
from mpdbridge.sources.youtube_links import VideoLink, parse_link
from mpdbridge.urls import ProxyUrls, watch_url

if TYPE_CHECKING:
    import aiohttp

Sites = Literal["youtube", "all"]

_PAGES = ("text/html", "application/xhtml+xml")
_PATIENCE = 10.0  # seconds until a server has to have told what it has
# Some stations show a page to browsers, and play to everybody else: this is what MPD says, in its words.
_LIKE_MPD = {"User-Agent": "Music Player Daemon (mpdbridge)", "Icy-Metadata": "1"}
_AUDIO = re.compile(
    r"\.(aac|ac3|aiff?|alac|amr|ape|asx|au|cue|dsf|flac|m3u8?|m4[abpr]|mid|mk[av]|mod|mp[1234+]|mpc|mpga|oga|ogg|opus|pls"
    r"|rss|s3m|spx|tta|wav|weba|webm|wma|wv|xm|xspf);?",  # SHOUTcast wants a semicolon behind a name
    re.IGNORECASE,
)


class QueueLinks:
    """Tells links that are for us from all other URIs, and looks them up.

    Args:
        sources: asked what a link stands for.
        sites: `youtube` leaves all other sites' links to MPD.
        urls: of the relay, whose own links need nothing.
    """

    def __init__(self, *, sources: OpenSources, sites: Sites, urls: ProxyUrls) -> None:
        self._sources = sources
        self._all = sites == "all"
        self._urls = urls

    def may_be_ours(self, uri: str) -> bool:
        """Whether it has to be looked up; true for some that turn out to be MPD's own."""
        if not uri.lower().startswith(("http://", "https://")) or self._urls.track_id(uri) is not None:
            return False
        return parse_link(uri) is not None or (self._all and not _AUDIO.fullmatch(_suffix(uri)))

    def is_quick(self, link: str) -> bool:
        """Whether it is YouTube's, which answers in less than a second."""
        return parse_link(link) is not None

    def video(self, link: str) -> Track | None:
        """What can be told of a YouTube video's link without asking: a track without a title, but with its page."""
        found = parse_link(link)
        if not isinstance(found, VideoLink):
            return None
        return Track(found.video_id, "", source_url=watch_url(found.video_id))

    async def look_up(self, link: str) -> Sequence[Track] | None:
        """The tracks behind it, at least one; None when MPD is to play it.

        Raises:
            SourceError: nothing can be had from it, at present or ever.
        """
        if parse_link(link) is None and not await _is_page(link):
            return None
        return (await self._sources.lookup(link)).tracks


def _suffix(uri: str) -> str:
    try:
        name = urlsplit(uri).path.rpartition("/")[2]
    except ValueError:  # brackets that are no IPv6 address
        return ""
    return "." + name.rpartition(".")[2]


async def _is_page(url: str) -> bool:
    """Whether the server at `url` answers MPD with a web page. Only its head is read.

    Raises:
        SourceError: nobody answers.
    """
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=_PATIENCE)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, headers=_LIKE_MPD, auto_decompress=False) as session,
            session.get(url) as response,
        ):
            return _tells_page(response)
    except (aiohttp.ClientConnectionError, TimeoutError) as error:
        raise SourceError(f"{shown(url)}: no answer") from error
    except (aiohttp.ClientError, ValueError):
        return False  # no HTTP (SHOUTcast says `ICY 200 OK`), no URL: nothing for yt-dlp either


def _tells_page(response: "aiohttp.ClientResponse") -> bool:
    told = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    station = any(name.lower().startswith("icy-") for name in response.headers)
    return told in _PAGES and not station
