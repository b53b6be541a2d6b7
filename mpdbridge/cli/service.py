"""`mpdbridge service`: the bridge starts with your session, and is started again should it fail."""

import click

from mpdbridge.cli.options import State, json_option, pass_state, standard_options

_BY_HAND = """\
Wrote {path}
{reason}. Once there is a systemd for your user:

  systemctl --user daemon-reload
  systemctl --user enable --now mpdbridge
"""
_RUNS = """\
Wrote {path}
The bridge runs, and starts with your session.

  systemctl --user status mpdbridge       how it is
  journalctl --user -u mpdbridge          what it says
  loginctl enable-linger                  let it run also while you are not logged in
"""


@click.group(
    epilog="""\b
Examples:
  mpdbridge service install
  mpdbridge service status
  mpdbridge service uninstall
"""
)
@standard_options
def service() -> None:
    """Let systemd run the bridge, for your user."""


@service.command(
    epilog="""\b
Examples:
  mpdbridge service install
  mpdbridge --config ~/other.yaml service install
"""
)
@standard_options
@pass_state
def install(state: State) -> None:
    """Write a unit for systemd, enable and start it.

    It runs `mpdbridge watch` with the configuration file given here, if one is, and with MPD_HOST, MPD_PORT and the XDG
    folders as they are set now. Run this again after you have changed one of these, or moved mpdbridge.
    """
    import asyncio

    from mpdbridge.doctor.facts import ask_relay
    from mpdbridge.errors import ProxyError
    from mpdbridge.service import installation

    settings, path = state.start(), installation.unit_path()
    relay = asyncio.run(ask_relay(settings.proxy))
    if relay.health and not installation.is_installed(path):
        raise ProxyError(
            f"`mpdbridge watch` runs already (process {relay.health.get('pid', 'unknown')}); stop it first"
        )
    installation.install(path, state.config)
    try:
        installation.systemctl("daemon-reload")
    except installation.SystemctlError as error:
        click.echo(_BY_HAND.format(path=path, reason=error), nl=False)
        return
    installation.start()
    click.echo(_RUNS.format(path=path), nl=False)


@service.command()
@standard_options
def uninstall() -> None:
    """Stop the bridge, and take its unit away.

    Only a unit that `service install` has written is touched.
    """
    from mpdbridge.service import installation

    path = installation.unit_path()
    if not installation.is_installed(path):
        click.echo(f"There is no {path}")
        return
    try:
        installation.stop()
        reachable = True
    except installation.SystemctlError as error:
        reachable = False
        click.echo(f"mpdbridge: {error}; a bridge that runs goes on until you log out", err=True)
    installation.remove(path)
    if reachable:
        installation.systemctl("daemon-reload")
    click.echo(f"Removed {path}")


@service.command()
@json_option
@standard_options
def status(*, as_json: bool) -> None:
    """Tell whether the unit is there, enabled and running."""
    import json

    from mpdbridge.service import installation

    path = installation.unit_path()
    installed = installation.is_installed(path)
    state = installation.state() if installed else {}
    if as_json:
        click.echo(json.dumps({"unit": str(path) if installed else None, **state}))
        return
    click.echo(path if installed else f"There is no {path}; `mpdbridge service install` writes it")
    for name, value in state.items():
        click.echo(f"{name}: {value}")
