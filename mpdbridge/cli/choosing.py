"""The results of a search on a terminal: a table, and a short talk about what to do with them."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import click
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from mpdbridge.cli.adding import add_and_tell
from mpdbridge.cli.summary import plain_console, print_table
from mpdbridge.config import Settings
from mpdbridge.control.searching import Search, parse_numbers
from mpdbridge.errors import ConfigError, MpdBridgeError
from mpdbridge.models import SearchResult
from mpdbridge.text import clock_time, one_line

_PROMPT = "Number to play, a N to add, n N to add as next, Enter to end:"
_SAID = re.compile(r"(?P<verb>[a-z]*)\s*(?P<numbers>[\d\s,-]+)")
_VERBS = {"": "play", "p": "play", "play": "play", "a": "add", "add": "add", "n": "add_next", "next": "add_next"}
_GAP = 2
_NARROWEST = 8  # characters; a column that shows less tells nothing
_DONE = ("", "q", "quit", "exit")


@dataclass(frozen=True, slots=True)
class Choice:
    """What to do with which results: "add", "add_next" (behind the current song) or "play"."""

    verb: str
    numbers: tuple[int, ...]


def parse(verb: str, numbers: str) -> Choice:
    """A choice made by an option of the command line.

    Raises:
        ConfigError: those are no numbers.
    """
    return Choice(verb, tuple(parse_numbers(numbers)))


def parse_answer(text: str) -> Choice:
    """A choice made at the prompt: `3`, `a 3`, `n 1,4-6`.

    Raises:
        ConfigError: it is none.
    """
    said = _SAID.fullmatch(text.strip().casefold())
    if said is None or said["verb"] not in _VERBS:
        raise ConfigError(f"{one_line(text)!r} is nothing I know: {_PROMPT.rstrip(':')}")
    return parse(_VERBS[said["verb"]], said["numbers"])


def carry_out(settings: Settings, found: Search, choice: Choice, *, as_json: bool = False) -> None:
    """Adds the chosen results, and prints what came of it.

    Raises:
        ConfigError: there is no result of such a number.
        MpdUnavailableError, MpdRefusedError, StoreError, ExceptionGroup: as add_and_tell.
    """
    chosen = found.pick(choice.numbers)
    where: Literal["end", "next"] = "next" if choice.verb == "add_next" else "end"
    add_and_tell(settings, chosen, position=where, play=choice.verb == "play", as_json=as_json)


def show(found: Search, *, as_json: bool) -> None:
    """The results, numbered."""
    if as_json:
        click.echo(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
    elif found.results:
        console = plain_console()
        print_table(_table(found, console.width), console)
    else:
        click.echo(f"Nothing found for {found.query!r}.")


def ask(settings: Settings, found: Search) -> None:
    """Asks what to do with the results, and does it, until the answer is an empty line."""
    while (answer := _answer()) not in _DONE:
        try:
            carry_out(settings, found, parse_answer(answer))
        except* MpdBridgeError as problems:
            for problem in problems.exceptions:
                click.echo(f"mpdbridge: {problem}", err=True)


def _answer() -> str:
    try:
        said: str = click.prompt(_PROMPT, default="", show_default=False, prompt_suffix=" ")
    except click.Abort:  # Ctrl-C, or Ctrl-D
        click.echo()
        return ""
    return said.strip()


def _table(found: Search, width: int) -> Table:
    rows = [_columns(one) for one in found.results]
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    numbers, times = len(str(len(rows))), max(cell_len(row[-1]) for row in rows)
    table.add_column("", justify="right", style="dim", min_width=numbers)
    widths = [max(cell_len(text.plain) for text in column) for column in zip(*(row[:-1] for row in rows), strict=True)]
    shown = fitted(widths, width - numbers - max(times, len("Time")) - 4 * _GAP)
    for name, most in zip(("Artist", "Title", "Album"), shown, strict=True):
        table.add_column(name, no_wrap=True, overflow="ellipsis", max_width=most)
    table.add_column("Time", justify="right", min_width=times)
    before = found.results[0].kind
    for number, (one, row) in enumerate(zip(found.results, rows, strict=True), 1):
        if one.kind != before:
            table.add_row()
        before = one.kind
        table.add_row(str(number), *row)
    return table


def fitted(widths: Sequence[int], available: int) -> list[int]:
    """The widths of columns that have `available` characters together: only the widest ones give way, to the same."""
    limit = max(widths)
    while sum(min(width, limit) for width in widths) > available and limit > _NARROWEST:
        limit -= 1
    return [min(width, limit) for width in widths]


def _columns(one: SearchResult) -> tuple[Text, Text, Text, str]:
    """Artist, title, album or what else it is, and its time."""
    artist, title = (one.title, "most played songs") if one.kind == "artist" else (one.artist, one.title)
    seconds = one.track.duration if one.track is not None else None
    return (
        Text(one_line(artist or "")),
        Text(one_line(title), style="dim" if one.kind == "artist" else ""),
        Text(one_line(_about(one)), style="" if one.kind == "song" else "dim"),
        "" if seconds is None else clock_time(seconds),
    )


def _about(one: SearchResult) -> str:
    if one.kind == "song":
        return one.about
    told = one.kind.capitalize() if one.kind != "album" or not one.about[:1].isalpha() else ""
    return ", ".join(filter(None, (told, one.about)))
