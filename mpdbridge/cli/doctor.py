"""`mpdbridge doctor`: what is wrong, and what to do about it."""

import click

from mpdbridge.cli.options import State, json_option, pass_state, standard_options


@click.command(
    epilog="""\b
Examples:
  mpdbridge doctor
  mpdbridge doctor --online
  mpdbridge doctor --json | jq '.checks[] | select(.state != "ok")'
"""
)
@click.option("--online", is_flag=True, help="Also look up one track, and compare the clock; asks its site.")
@json_option
@standard_options
@pass_state
def doctor(state: State, *, online: bool, as_json: bool) -> None:
    """Find out what is wrong, and say how to mend it.

    Looks at the configuration, MPD, the relay, the database, yt-dlp, the login and the clock, and changes nothing. A
    line with `fail` names something that does not work; then the exit code is 1.
    """
    import asyncio

    from mpdbridge.cli import diagnosis
    from mpdbridge.doctor.configuration import read
    from mpdbridge.doctor.examination import examine
    from mpdbridge.doctor.probes import probes
    from mpdbridge.errors import MpdBridgeError
    from mpdbridge.logs import configure

    configure("debug" if state.verbose else "error")
    settings, found = read(state.config, state.config_path)
    if settings is not None:
        found += asyncio.run(examine(probes(settings, asking=online)))
    if as_json:
        diagnosis.print_json(found)
    else:
        diagnosis.print_checks(found)
    if failure := diagnosis.failure_of(found):
        raise MpdBridgeError(failure)
