"""From an `Audio` into a response: each chunk as it came, in one write."""

import asyncio

from aiohttp import web

from mpdbridge.icy import IcyEncoder
from mpdbridge.relay.audio import Audio


async def send_audio(response: web.StreamResponse, audio: Audio, encoder: IcyEncoder | None, *, pause: float) -> None:
    """Sends all of `audio`, with titles if there is an `encoder`.

    A client that takes nothing for `pause` seconds holds only its own connection and the handler that waits for it
    from then on; what it reads later is fetched from the byte where it stopped.

    Raises:
        ProxyError: the audio cannot go on.
    """
    loop = asyncio.get_running_loop()
    while chunk := await audio.read():
        letting_go = loop.call_later(pause, audio.release)
        try:
            await response.write(chunk if encoder is None else encoder.feed(chunk))
        finally:
            letting_go.cancel()
