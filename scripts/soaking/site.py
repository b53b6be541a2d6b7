"""A site with six songs, in a thread of its own: each link leads to a freshly signed URL of a fake googlevideo."""

import asyncio
import threading
from collections.abc import Mapping
from typing import Self

from aiohttp import web
from support.upstream import Answer, FakeUpstream

from mpdbridge.catalogue import demo_file, demo_playlists

TROUBLES: Mapping[str, Answer] = {
    "403 for everything": Answer(status=403),
    "500 for everything": Answer(status=500),
    "connections are reset": Answer(reset_after=60_000),
    "bodies end early": Answer(stop_after=60_000),
    "bodies stall": Answer(stall_after=60_000),
    "answers come late": Answer(delay=0.7),
    "ranges are ignored": Answer(ignore_range=True),
    "nobody tells a length": Answer(ignore_range=True, chunked=True),
}
PEACE = Answer(status=429)
"""Asked so, a bridge leaves the site alone for ten minutes, or until it is started anew."""
_TYPES = {"webm": "audio/webm", "m4a": "audio/mp4"}


class Site:
    """`with Site() as site`: `site.links` lead to its songs.

    Attributes:
        pages: lead to web pages with one song each.
        upstream: where they are; its `default` answer may be set from another thread.
    """

    def __init__(self) -> None:
        self.upstream = FakeUpstream()
        self.links: list[str] = []
        self.pages: list[str] = []
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def revoke(self) -> None:
        """All URLs that were signed so far are worth nothing any more."""
        self._loop.call_soon_threadsafe(self.upstream.revoke)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(30):
            raise TimeoutError("the site does not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(30)

    async def _serve(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        async with self.upstream:
            songs = [track.file for playlist in demo_playlists() for track in playlist.tracks][::2]
            for song in songs:
                self.upstream.add(song, demo_file(song).read_bytes(), _TYPES[song.rpartition(".")[2]])
            app = web.Application()
            app.router.add_get("/{name}", self._signed)
            app.router.add_get("/page/{name}", self._page)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.links = [f"http://127.0.0.1:{runner.addresses[0][1]}/{song}" for song in songs]
            self.pages = [f"http://127.0.0.1:{runner.addresses[0][1]}/page/{song}.html" for song in songs]
            self._ready.set()
            await self._ended.wait()
            await runner.cleanup()

    async def _page(self, request: web.Request) -> web.Response:
        song = request.match_info["name"].removesuffix(".html")
        page = f'<html><head><title>A page</title></head><body><audio src="/{song}"></audio></body></html>'
        return web.Response(text=page, content_type="text/html")

    async def _signed(self, request: web.Request) -> web.Response:
        # Not HTTPFound, which would write the URL anew: a signature covers it as it is.
        return web.Response(status=302, headers={"Location": self.upstream.url(request.match_info["name"])})
