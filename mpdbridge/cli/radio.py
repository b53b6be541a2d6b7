"""`mpdbridge radio`: more music like a track."""

import click

from mpdbridge.cli.options import State, json_option, pass_state, standard_options


@click.command(
    epilog="""\b
Examples:
  mpdbridge radio                     like the song that MPD plays
  mpdbridge radio --append            the same, to the end of the queue
  mpdbridge radio --play oLtmHdXKIYE

\b
TRACK is an id, a link, or a number of the last `mpdbridge search`.
"""
)
@click.argument("track", default="", metavar="[TRACK]")
@click.option("--append", is_flag=True, help="Put what the queue lacks of it at its end, not into a playlist.")
@click.option("--play", is_flag=True, help="Append it, and play the first of it at once.")
@json_option
@standard_options
@pass_state
def radio(state: State, *, track: str, append: bool, play: bool, as_json: bool) -> None:
    """Find more music like a track: YouTube Music's radio of it.

    Some 50 tracks go into MPD's playlist "YT: Radio", which holds the newest radio, or into the queue. No login is
    needed. Without TRACK it is the song that MPD plays.
    """
    import shlex

    from mpdbridge.cli.verbs import ask_and_tell
    from mpdbridge.control.commands import Command

    flags = frozenset(["--append"] * append + ["--play"] * play)
    reply = ask_and_tell(state.start(), Command("radio", track, flags), as_json=as_json)
    if reply.data.get("playlist") and not as_json:
        click.echo(f"Load it in your MPD client, or: mpc load {shlex.quote(reply.data['playlist'])}")
