"""Logs: one line per event, readable on a terminal, JSON elsewhere, everyone's events through one door."""

import io
import json
import logging
import os
import re

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from mpdbridge.logs import configure, get_logger
from mpdbridge.logs.rendering import console_line

log = get_logger("mpdbridge.test")  # made before configure(), as every module does


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def _as_it_was():
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    structlog.reset_defaults()
    root.setLevel(level)
    root.handlers[:] = handlers


@pytest.fixture
def stream():
    return io.StringIO()


def test_the_console_form(stream):
    configure("info", "console", stream)
    log.info("playlist updated", playlist="YT: Demo", added=3, track_id="oLtmHdXKIYE")
    expected = (
        r'\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] info playlist updated playlist="YT: Demo" added=3 track_id=oLtmHdXKIYE\n'
    )
    assert re.fullmatch(expected, stream.getvalue())


def test_json_lines_where_there_is_no_terminal(stream):
    configure("info", "auto", stream)
    log.warning("track is gone", track_id="oLtmHdXKIYE", title="Ágætis")
    line = json.loads(stream.getvalue())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("timestamp"))
    assert line == {
        "level": "warning",
        "event": "track is gone",
        "logger": "mpdbridge.test",
        "track_id": "oLtmHdXKIYE",
        "title": "Ágætis",
    }


def test_a_terminal_gets_the_console_form_with_coloured_levels(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Terminal()
    configure("info", "auto", stream)
    log.error("bad")
    assert "\x1b[31merror\x1b[0m bad" in stream.getvalue()


@pytest.fixture
def journal(tmp_path, monkeypatch):
    """A file that systemd says is its journal."""
    with (tmp_path / "journal").open("w+") as file:
        status = os.fstat(file.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino}")
        yield file


def test_the_journal_gets_levels_as_it_reads_them_and_no_time_of_ours(journal):
    configure("debug", "auto", journal)
    log.warning("track is gone", title="Ágætis byrjun")
    log.debug("more", n=1)
    try:
        int("two\nlines")
    except ValueError:
        log.exception("bad")
    journal.seek(0)
    first, second, *rest = journal.read().splitlines()
    assert (first, second) == ('<4>track is gone title="Ágætis byrjun"', "<7>more n=1")
    assert len(rest) > 3
    assert all(line.startswith("<3>") for line in rest)


def test_what_was_said_to_be_json_is_json_in_the_journal_too(journal):
    configure("info", "json", journal)
    log.info("x")
    journal.seek(0)
    assert json.loads(journal.read())["event"] == "x"


def test_a_file_is_no_journal_because_the_parent_wrote_to_one(journal, tmp_path):
    with (tmp_path / "log").open("w+") as file:
        configure("info", "auto", file)
        log.info("x")
        file.seek(0)
        assert json.loads(file.read())["event"] == "x"


def test_no_color_is_respected(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    configure("info", "auto", stream)
    log.error("bad")
    assert "\x1b" not in stream.getvalue()


def test_levels_below_the_configured_one_are_silent(stream):
    configure("warning", "console", stream)
    log.info("no")
    logging.getLogger("aiohttp.server").info("no")
    log.warning("yes")
    assert len(stream.getvalue().splitlines()) == 1


def test_other_libraries_speak_through_it_and_are_redacted(stream):
    configure("debug", "json", stream)
    logging.getLogger("aiohttp.server").error("refused %s", "Cookie: SID=abc")
    line = json.loads(stream.getvalue())
    assert (line["logger"], line["event"]) == ("aiohttp.server", "aiohttp.server: refused Cookie: [redacted]")


def test_the_mpd_library_never_tells_the_password(stream):
    configure("debug", "json", stream)
    logging.getLogger("mpd").debug("Calling MPD %s%r", "password", ("geheim",))
    assert stream.getvalue() == ""


@pytest.mark.parametrize("form", ["console", "json"])
def test_an_exception_is_told_in_full_and_redacted(stream, form):
    configure("info", form, stream)
    try:
        int("https://rr1.googlevideo.com/videoplayback?sig=geheim")
    except ValueError as problem:
        log.exception("no stream", cause=problem)
        logging.getLogger("asyncio").exception("task failed")
    told = stream.getvalue()
    assert told.count("Traceback (most recent call last)") == 2
    assert "ValueError" in told
    assert "geheim" not in told


def test_to_configure_twice_does_not_double_the_lines(stream):
    configure("info", "json", io.StringIO())
    configure("info", "json", stream)
    logging.getLogger("aiohttp").error("once")
    assert len(stream.getvalue().splitlines()) == 1


def test_a_reader_that_went_away_does_not_stop_the_program(stream):
    configure("info", "console", stream)
    stream.close()
    log.info("nobody hears")


def test_context_variables_are_part_of_the_event(stream):
    configure("info", "json", stream)
    with structlog.contextvars.bound_contextvars(track_id="oLtmHdXKIYE"):
        log.info("served")
    assert json.loads(stream.getvalue())["track_id"] == "oLtmHdXKIYE"


anything = st.text(st.characters(codec=None), max_size=30)


@given(
    anything, st.dictionaries(anything.filter(lambda key: key != "logger"), anything | st.lists(anything), max_size=4)
)
def test_an_event_is_one_line_whatever_it_holds(event, fields):
    fields = {key: value for key, value in fields.items() if key not in ("timestamp", "level", "event", "exception")}
    line = console_line({"timestamp": 0.0, "level": "info", "event": event, **fields}, colours=False)
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line


def test_a_traceback_cannot_speak_to_the_terminal():
    line = console_line(
        {"timestamp": 0.0, "level": "error", "event": "x", "exception": "a\n\x1b]0;title\x07"}, colours=True
    )
    assert "\x1b]" not in line


@given(st.dictionaries(anything, anything, max_size=3))
def test_whatever_is_logged_arrives_as_one_json_object(fields):
    stream = io.StringIO()
    configure("info", "json", stream)
    log.info("x", fields=fields)
    assert json.loads(stream.getvalue())["event"] == "x"
    stream.getvalue().encode("utf-8")
