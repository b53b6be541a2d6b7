"""structlog, set up once by the command that runs. The standard library's loggers speak through it, too."""

import logging
import os
import sys
import time
from collections.abc import Callable, MutableMapping
from functools import partial
from typing import Any, Literal, TextIO, cast

import structlog

from mpdbridge.logs.journal import is_journal
from mpdbridge.logs.redaction import redact
from mpdbridge.logs.rendering import console_line, journal_line, json_line

# What these say below is of no use here, and mpd's tells the password.
_QUIET = {"asyncio": logging.INFO, "mpd": logging.INFO, "urllib3": logging.INFO, "aiohttp.access": logging.WARNING}

Event = MutableMapping[str, Any]


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger whose events carry `logger=name`; may be made before `configure` is called."""
    return cast("structlog.typing.FilteringBoundLogger", structlog.get_logger(_name=name))


def configure(
    level: str = "info",
    format: Literal["auto", "console", "json"] = "auto",  # noqa: A002  # as the configuration calls it
    stream: TextIO | None = None,
) -> None:
    """Log events from `level` on to `stream` (stderr when None).

    `auto` is console on a terminal, what the journal wants where it listens, else JSON lines.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    line = _rendering(format, stream or sys.stderr)

    def render(_logger: object, _method: str, event: Event) -> str:
        return line(event)

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _in_order,
            structlog.processors.format_exc_info,
            _redacted,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: _Lines(stream),
        cache_logger_on_first_use=False,  # loggers are made at import, before this is called
    )
    _route_standard_logging(number)


def _rendering(format: str, stream: TextIO) -> Callable[[Event], str]:  # noqa: A002  # as above
    terminal = stream.isatty()
    if format == "console" or (format == "auto" and terminal):
        return partial(console_line, colours=terminal and not os.environ.get("NO_COLOR"))
    return journal_line if format == "auto" and is_journal(stream) else json_line


def _in_order(_logger: object, _method: str, event: Event) -> Event:
    head = {"timestamp": time.time(), "level": event.pop("level"), "event": event.pop("event")}
    name = event.pop("_name", None)
    return {**head, "logger": name, **event} if name else {**head, **event}


def _redacted(_logger: object, _method: str, event: Event) -> Event:
    return cast("Event", redact(event))


class _Lines:
    """Writes lines to a stream. When nobody reads it any more, that is no reason to stop playing."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def msg(self, line: str) -> None:
        stream = self._stream or sys.stderr  # a progress bar puts itself there, and lines above it
        try:
            stream.write(line.encode("utf-8", "replace").decode() + "\n")
            stream.flush()
        except (OSError, ValueError):  # a broken pipe, or a closed file
            return

    debug = info = warning = error = critical = exception = log = msg


class _ThroughStructlog(logging.Handler):
    """Hands records of the standard library's loggers (aiohttp, asyncio, mpd) to structlog."""

    def emit(self, record: logging.LogRecord) -> None:
        told = f"{record.name}: {record.getMessage()}"
        get_logger(record.name).log(record.levelno, told, exc_info=record.exc_info or None)


def _route_standard_logging(level: int) -> None:
    root = logging.getLogger()
    for handler in [each for each in root.handlers if isinstance(each, _ThroughStructlog)]:
        root.removeHandler(handler)
    root.addHandler(_ThroughStructlog())
    root.setLevel(level)
    for name, lowest in _QUIET.items():
        logging.getLogger(name).setLevel(max(level, lowest))
