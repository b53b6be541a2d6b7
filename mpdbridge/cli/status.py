"""`mpdbridge status`: how everything is, at one glance."""

import click

from mpdbridge.cli.options import State, json_option, pass_state, standard_options


@click.command(
    epilog="""\b
Examples:
  mpdbridge status
  mpdbridge status --json | jq .mpd.song
"""
)
@json_option
@standard_options
@pass_state
def status(state: State, *, as_json: bool) -> None:
    """Show how relay, MPD, tracks and sources are.

    A line with `ok` is as it should be; one with `–` says what is missing. Nothing is changed, and the exit code is 0
    whatever is found: a script reads --json.
    """
    import asyncio

    from mpdbridge.cli import overview
    from mpdbridge.doctor import facts

    settings = state.start()
    found = asyncio.run(facts.gather(settings))
    if as_json:
        overview.print_json(found, state.config_path)
    else:
        overview.print_overview(found, state.config_path)
