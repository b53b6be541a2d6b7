"""What a client sends that is no HTTP is the client's mistake: a line in the debug log, not a traceback in the log."""

import logging

from aiohttp.http_exceptions import HttpProcessingError

from mpdbridge.logs import get_logger
from mpdbridge.text import cut_chars, one_line

log = get_logger(__name__)
_CHARS = 200  # of what was sent


def _is_about_us(record: logging.LogRecord) -> bool:
    """A filter: lets pass whatever is not about such a request."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        log.debug("request not understood", reason=cut_chars(one_line(str(error)), _CHARS))
        return False
    return True


server_log = logging.getLogger("mpdbridge.relay.aiohttp")
"""For aiohttp's server, in place of its own."""
server_log.addFilter(_is_about_us)
