"""Fetches the thumbnails that sources tell of. One small GET each, over a session of their own."""

from contextlib import AsyncExitStack
from typing import Self
from urllib.parse import urlsplit

import aiohttp

from mpdbridge import __version__
from mpdbridge.errors import MpdBridgeError
from mpdbridge.relay.reply import TRY_AGAIN
from mpdbridge.relay.upstream import exact

_LIMIT = 8 * 1024 * 1024  # bytes
_TIMEOUT = aiohttp.ClientTimeout(total=20, sock_connect=10)
_HEADERS = {
    "User-Agent": f"mpdbridge/{__version__}",
    "Accept": "image/webp,image/png,image/jpeg,image/gif",
    "Accept-Encoding": "identity",
}


class ThumbnailError(MpdBridgeError):
    """There is no thumbnail to be had.

    Attributes:
        lasting: asking again soon would be of no use.
    """

    def __init__(self, message: str, *, lasting: bool) -> None:
        super().__init__(message)
        self.lasting = lasting


class ThumbnailClient:
    """The pooled session; `async with` it."""

    def __init__(self) -> None:
        self._running = AsyncExitStack()

    async def __aenter__(self) -> Self:
        session = aiohttp.ClientSession(
            timeout=_TIMEOUT,
            headers=_HEADERS,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            requote_redirect_url=False,  # ytimg's sizes are signed
        )
        self._session = await self._running.enter_async_context(session)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._running.aclose()

    async def fetch(self, url: str) -> bytes:
        """What `url` gives, if it says that it is a picture; at most 8 MiB.

        Raises:
            ThumbnailError: it gives nothing, or something else.
        """
        try:
            if urlsplit(url).scheme not in ("http", "https"):
                raise ThumbnailError("its address is no link", lasting=True)
            async with self._session.get(exact(url), max_redirects=3) as response:
                return await _body(response)
        except TimeoutError as error:
            raise ThumbnailError("the picture server is too slow", lasting=False) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise ThumbnailError(f"no picture ({type(error).__name__})", lasting=False) from error


async def _body(response: aiohttp.ClientResponse) -> bytes:
    if response.status != 200:
        lasting = response.status < 500 and response.status not in TRY_AGAIN
        raise ThumbnailError(f"the picture server answered {response.status}", lasting=lasting)
    if not response.content_type.startswith("image/"):
        raise ThumbnailError(f"no picture, but {response.content_type}", lasting=True)
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > _LIMIT:
            raise ThumbnailError(f"the picture has more than {_LIMIT >> 20} MiB", lasting=True)
    return bytes(body)
