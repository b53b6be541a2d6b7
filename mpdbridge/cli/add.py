"""`mpdbridge add`: links into the queue."""

from typing import TYPE_CHECKING

import click

from mpdbridge.cli.options import State, json_option, pass_state, standard_options

if TYPE_CHECKING:
    from mpdbridge.cli.adding import Additions


@click.command(
    epilog="""\b
Examples:
  mpdbridge add https://music.youtube.com/watch?v=oLtmHdXKIYE --play
  mpdbridge add oLtmHdXKIYE --next
  mpdbridge add https://music.youtube.com/playlist?list=PLxxxxxxxxxxxxxxxx
  mpdbridge add https://example.org/some-show.mp3
  mpdbridge add -- -BnmZGmnwEE          an id that begins with -
"""
)
@click.argument("links", nargs=-1, required=True, metavar="URL|ID...")
@click.option("--play", is_flag=True, help="Play the first of them at once.")
@click.option("--next", "after_current", is_flag=True, help="Put them behind the current song, not at the end.")
@json_option
@standard_options
@pass_state
def add(state: State, *, links: tuple[str, ...], play: bool, after_current: bool, as_json: bool) -> None:
    """Put links into MPD's queue, with artist and title.

    Takes links and ids of YouTube and YouTube Music, and links of any site yt-dlp knows, plain audio files included. A
    playlist or an album adds all its tracks.
    """
    import asyncio

    from mpdbridge.cli import adding

    settings = state.start()
    done = asyncio.run(adding.add_links(settings, links, position="next" if after_current else "end", play=play))
    _tell(done, as_json=as_json)


def _tell(done: "Additions", *, as_json: bool) -> None:
    """What came of it, on stdout.

    Raises:
        ExceptionGroup: a SourceError for each link that gave nothing.
    """
    import json

    from mpdbridge.cli.adding import told
    from mpdbridge.errors import SourceError

    if as_json:
        click.echo(json.dumps(done.to_json(), ensure_ascii=False, indent=2))
    else:
        for line in told(done):
            click.echo(line)
    if done.hint:
        click.echo(f"mpdbridge: {done.hint}", err=True)
    if done.failed:
        reasons = (reason if reason.startswith(link) else f"{link}: {reason}" for link, reason in done.failed.items())
        raise ExceptionGroup("links that gave nothing", list(map(SourceError, reasons)))
