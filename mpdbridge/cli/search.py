"""`mpdbridge search`: find music at YouTube Music, and put it into the queue."""

import sys
from typing import TYPE_CHECKING

import click

from mpdbridge.cli.options import State, json_option, pass_state, standard_options

if TYPE_CHECKING:
    from mpdbridge.config import Settings
    from mpdbridge.control.searching import Search
    from mpdbridge.models import ResultKind

_TYPES: dict[str, "ResultKind"] = {
    "songs": "song",
    "albums": "album",
    "artists": "artist",
    "playlists": "playlist",
    "videos": "video",
}
_FEW, _MANY = 10, 20  # results of a type, among all types and alone; YouTube Music tells 20 on a page


@click.command(
    epilog="""\b
Examples:
  mpdbridge search blue in green
  mpdbridge search --play 1             of the last search
  mpdbridge search --add 2,5-7
  mpdbridge search kind of blue --type albums --json
"""
)
@click.argument("words", nargs=-1, metavar="[QUERY]...")
@click.option("--type", "only", type=click.Choice(list(_TYPES)), help="Only results of this type.")
@click.option("--limit", type=click.IntRange(1, 200), metavar="N", help="At most so many of each type.")
@click.option("--add", "add", metavar="N[,N...]", help="Add these results to the queue.")
@click.option("--next", "add_next", metavar="N[,N...]", help="Add them behind the current song.")
@click.option("--play", "play", metavar="N[,N...]", help="Add them, and play the first at once.")
@json_option
@standard_options
@pass_state
def search(
    state: State,
    /,
    *,
    words: tuple[str, ...],
    only: str | None,
    limit: int | None,
    as_json: bool,
    **chosen: str | None,
) -> None:
    """Find songs, albums, artists and playlists at YouTube Music.

    No login is needed. The results are numbered, and kept until the next search: --add, --next and --play without a
    QUERY mean the last one. An album or a playlist adds all its tracks, an artist the songs most played. On a terminal
    you are asked what to do with them.
    """
    import asyncio

    from mpdbridge.cli import choosing

    choices = [choosing.parse(option, text) for option, text in chosen.items() if text is not None]
    if len(choices) > 1:
        raise click.UsageError("give one of --add, --next and --play")
    settings = state.start()
    kind = _TYPES[only] if only else None
    limit = limit or (_MANY if only else _FEW)
    found = asyncio.run(_find(settings, " ".join(words), kind, limit, chosen=bool(choices)))
    if choices:
        choosing.carry_out(settings, found, choices[0], as_json=as_json)
        return
    choosing.show(found, as_json=as_json)
    if found.results and not as_json and sys.stdin.isatty() and sys.stdout.isatty():
        choosing.ask(settings, found)


async def _find(settings: "Settings", query: str, kind: "ResultKind | None", limit: int, *, chosen: bool) -> "Search":
    """The search that is meant: the last one without a query, or when a number follows the same question."""
    from rich.console import Console

    from mpdbridge.control.searching import last_search, search
    from mpdbridge.control.tools import open_tools

    async with open_tools(settings) as tools:
        last = await last_search(tools)
        if not query and last is None:
            raise click.UsageError("there was no search yet: give a QUERY")
        if last is not None and (not query or (chosen and (last.query, last.kind, last.limit) == (query, kind, limit))):
            return last
        with Console(stderr=True).status("Searching …"):  # shows nothing where there is no terminal
            return await search(tools, query, kind, limit)
