"""`mpdbridge add`: links into the queue."""

import click

from mpdbridge.cli.options import State, json_option, pass_state, standard_options


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

    Takes links and ids of YouTube and YouTube Music, and links of any other site that yt-dlp knows, plain audio files
    included. A playlist or an album adds all its tracks.
    """
    from mpdbridge.cli.adding import add_and_tell

    add_and_tell(state.start(), links, position="next" if after_current else "end", play=play, as_json=as_json)
