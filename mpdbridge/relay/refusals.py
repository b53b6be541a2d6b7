"""How a failure is told over HTTP: a status and one plain line, and the same line in the log with the track's id."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from mpdbridge.errors import MpdBridgeError, StoreError, TrackNotFoundError, YouTubeStreamError
from mpdbridge.logs import Troubles, get_logger, redact_text
from mpdbridge.relay.limits import AllStreamsTakenError
from mpdbridge.relay.reply import UpstreamError
from mpdbridge.text import one_line

log = get_logger(__name__)

_BUSY_FOR = 5.0  # seconds; a song ends or is skipped now and then

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class MalformedIdError(MpdBridgeError):
    """The request names something that no track id looks like."""


def status_of(error: Exception) -> int:
    """The status that tells `error`."""
    match error:
        case MalformedIdError():
            return 400
        case TrackNotFoundError() | YouTubeStreamError(permanent=True):
            return 404
        case AllStreamsTakenError() | YouTubeStreamError(retry_after=float() | int()):
            return 503
        case TimeoutError() | UpstreamError(timed_out=True):
            return 504
        case StoreError():
            return 500
        case _:
            return 502


def retry_after(error: Exception) -> float | None:
    """After how many seconds to come again, for a 503."""
    match error:
        case AllStreamsTakenError():
            return _BUSY_FOR
        case YouTubeStreamError():
            return error.retry_after
        case _:
            return None


class Refusals:
    """Turns what handlers raise into answers. They raise only before anything was sent.

    A client that asks for the same again and again through an outage is logged once. What the resolver tells, and has
    told for all tracks of a site, is not told again here for each.
    """

    def __init__(self) -> None:
        self._troubles = Troubles()

    @web.middleware
    async def answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """A middleware of aiohttp's."""
        track = request.match_info.get("track_id", "")
        try:
            response = await handler(request)
        except (MpdBridgeError, TimeoutError) as error:
            status, seconds = status_of(error), retry_after(error)
            line = redact_text(one_line(str(error))) or "no audio in time"
            told = isinstance(error, YouTubeStreamError) and not error.permanent
            news = self._troubles.begins(track, line) and not told
            (log.warning if news else log.debug)("request refused", track=track or None, status=status, cause=line)
            headers = {} if seconds is None else {"Retry-After": str(max(1, round(seconds)))}
            return web.Response(status=status, headers=headers, text=f"{line}\n")
        self._troubles.ends(track)
        return response
