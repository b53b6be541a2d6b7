"""Structured logs: lines for people on a terminal and in the journal, JSON elsewhere, and no secret in either."""

from mpdbridge.logs.redaction import redact, redact_text
from mpdbridge.logs.setup import configure, get_logger
from mpdbridge.logs.troubles import Troubles

__all__ = ["Troubles", "configure", "get_logger", "redact", "redact_text"]
