"""`mpdbridge like`, `dislike` and `unlike`: what you think of a track, told to YouTube Music."""

import click

from mpdbridge.cli.options import State, json_option, pass_state, standard_options

_EPILOG = """\b
Examples:
  mpdbridge {verb}                      the song that MPD plays
  mpdbridge {verb} oLtmHdXKIYE
  mpdbridge {verb} https://music.youtube.com/watch?v=oLtmHdXKIYE

\b
TRACK may also be a number of the last `mpdbridge search`.
"""


def _command(verb: str, about: str) -> click.Command:
    @click.command(name=verb, help=about, epilog=_EPILOG.format(verb=verb))
    @click.argument("track", default="", metavar="[TRACK]")
    @json_option
    @standard_options
    @pass_state
    def command(state: State, *, track: str, as_json: bool) -> None:
        from mpdbridge.cli.verbs import ask_and_tell
        from mpdbridge.control.commands import Command

        ask_and_tell(state.start(), Command(verb, track), as_json=as_json)

    return command


like = _command(
    "like",
    """Like a track at YouTube Music.

    It is put on top of your liked songs, in MPD as well, without waiting for a sync. Needs a login. Without TRACK it is
    the song that MPD plays.""",
)
dislike = _command(
    "dislike",
    """Dislike a track at YouTube Music.

    It leaves your liked songs, in MPD as well, and YouTube Music plays it no more on its own. Needs a login. Without
    TRACK it is the song that MPD plays.""",
)
unlike = _command(
    "unlike",
    """Take a like or a dislike back.

    The track leaves your liked songs, in MPD as well. Needs a login. Without TRACK it is the song that MPD plays.""",
)
