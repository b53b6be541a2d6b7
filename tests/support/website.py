"""A small website for yt-dlp to look at: audio files, pages, a podcast, and the ways in which sites fail.

It runs in a thread of its own with an event loop of its own, so that a stalled answer stalls nobody else.
"""

import asyncio
import mimetypes
import subprocess
import threading
from collections import Counter
from pathlib import Path
from typing import Self

import pytest
from aiohttp import web

_ENCODERS = {"mp3": "libmp3lame", "m4a": "aac", "webm": "libopus", "ogg": "libvorbis", "flac": "flac"}
_PAGE = "<html><head><title>{title}</title></head><body>{body}</body></html>"
_FEED = """<?xml version="1.0"?>
<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><title>Nachtfunk · Ünï</title>
<item><title>Folge 1: "Anfang"</title><enclosure url="{base}/tone.mp3" type="audio/mpeg" length="1"/>
<itunes:duration>0:01:05</itunes:duration></item>
<item><title>Folge 2</title><enclosure url="{base}/tone.m4a" type="audio/mp4" length="1"/></item>
</channel></rss>"""
_EMPTY_FEED = '<?xml version="1.0"?><rss version="2.0"><channel><title>Empty</title></channel></rss>'
_HLS = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nseg.ts\n#EXT-X-ENDLIST\n"


def make_tones(folder: Path) -> Path:
    """One second of a tone in each container, by ffmpeg."""
    for suffix, encoder in _ENCODERS.items():
        tone = ["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "sine=440:d=1:r=48000", "-strict", "-2", "-c:a"]
        subprocess.run([*tone, encoder, folder / f"tone.{suffix}"], check=True)
    return folder


class Website:
    """`with Website(folder) as site`: `site.base` is its address, `site.hits` counts requests by path.

    A name may say before its last dash how it is served: `stalls-tone.mp3` never comes, `first-stalls-tone.mp3`
    comes from the second request on, `late-tone.mp3` after half a second. `status/404/x` answers just that status.
    """

    def __init__(self, tones: Path) -> None:
        self._tones = tones
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._ready = threading.Event()
        self.hits: Counter[str] = Counter()
        self.cookies: list[str | None] = []
        self.base = ""

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(30)
        assert not self._thread.is_alive()

    def url(self, path: str) -> str:
        return f"{self.base}/{path}"

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        app = web.Application()
        app.router.add_route("*", "/status/{status}/{name}", self._status)
        app.router.add_route("*", "/{name:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._ready.set()
        await self._ended.wait()
        await runner.cleanup()

    async def _status(self, request: web.Request) -> web.Response:
        self.hits[request.path] += 1
        return web.Response(status=int(request.match_info["status"]))

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        self.hits[f"/{name}"] += 1
        self.cookies.append(request.headers.get("Cookie"))
        if name.startswith("stall") or (name.startswith("first-stalls") and self.hits[f"/{name}"] == 1):
            await self._ended.wait()
            raise web.HTTPServiceUnavailable  # nobody waits any more; a file opened now would be left open
        if name.startswith("late"):
            await asyncio.sleep(0.5)
        name = name.rpartition("-")[2]
        if (file := self._tones / name).is_file():
            # Not a FileResponse: a client that is killed in the middle would leave its file open.
            return web.Response(body=file.read_bytes(), content_type=mimetypes.guess_type(name)[0])
        pages = {
            "one.html": _PAGE.format(title="One song", body='<audio src="/tone.mp3"></audio>'),
            "two.html": _PAGE.format(
                title="Two songs", body='<audio src="/tone.webm"></audio><audio src="/tone.mp3"></audio>'
            ),
            "nothing.html": _PAGE.format(title="Nothing", body="no sound here"),
        }
        texts = {"feed.xml": _FEED.format(base=self.base), "empty.xml": _EMPTY_FEED}
        if name in pages:
            return web.Response(text=pages[name], content_type="text/html")
        if name in texts:
            return web.Response(text=texts[name], content_type="application/rss+xml")
        if name == "only.m3u8":
            return web.Response(text=_HLS, content_type="application/vnd.apple.mpegurl")
        return web.Response(status=404)


@pytest.fixture(scope="session")
def tones(tmp_path_factory):
    return make_tones(tmp_path_factory.mktemp("tones"))


@pytest.fixture
def site(tones):
    with Website(tones) as site:
        yield site
