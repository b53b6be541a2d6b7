"""From an `Audio` into a response: each chunk as it came, in one write."""

from contextlib import closing

from aiohttp import web

from mpdbridge.icy import IcyEncoder
from mpdbridge.logs import get_logger
from mpdbridge.relay.alarm import Alarm
from mpdbridge.relay.audio import Audio

log = get_logger(__name__)


async def send_audio(
    request: web.Request, response: web.StreamResponse, audio: Audio, encoder: IcyEncoder | None, *, pause: float
) -> None:
    """Sends all of `audio`, with titles if there is an `encoder`.

    A client that takes nothing for `pause` seconds holds only its own connection and the handler that waits for it
    from then on; what it reads later is fetched from the byte where it stopped.

    Raises:
        ProxyError: the audio cannot go on.
    """

    def let_go() -> None:
        log.info("the client pauses: upstream let go", track=request.match_info["track_id"], client=request.remote)
        audio.release()

    if request.transport is not None:
        # At most one chunk waits here: the kernel's buffer, bounded as well, keeps the client busy meanwhile.
        request.transport.set_write_buffer_limits(high=0)
    with closing(Alarm(pause, let_go)) as alarm:
        while chunk := await audio.read():
            if encoder is not None:
                chunk = encoder.feed(chunk)  # the audio without titles is not kept while we wait
            alarm.set()
            await response.write(chunk)
            alarm.clear()
