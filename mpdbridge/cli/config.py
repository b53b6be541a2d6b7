"""`mpdbridge config`: write, show and find the configuration."""

import json

import click

from mpdbridge.cli.options import State, json_option, pass_state, standard_options
from mpdbridge.errors import MpdBridgeError
from mpdbridge.files import write_private


@click.group()
@standard_options
def config() -> None:
    """Write, show or find the configuration file."""


@config.command(
    epilog="""\b
Examples:
  mpdbridge config init
  mpdbridge --config ~/other.yaml config init
"""
)
@click.option("--force", is_flag=True, help="Replace a file that exists.")
@standard_options
@pass_state
def init(state: State, *, force: bool) -> None:
    """Write a configuration file that explains itself.

    Every key stands in it with its default and the reason to change it. The file can be read by you alone, since it may
    hold MPD's password.
    """
    from mpdbridge.config import example_config

    path = state.config_path.expanduser()
    if path.exists() and not force:
        raise MpdBridgeError(f"{path} exists already: edit it, or replace it with --force")
    try:
        write_private(path, example_config())
    except OSError as problem:
        raise MpdBridgeError(f"{path} cannot be written: {problem.strerror}; name another with --config") from problem
    click.echo(f"Wrote {path}\nPut your playlists under `sources:` in it, then run `mpdbridge sync`.")


@config.command()
@json_option
@standard_options
@pass_state
def show(state: State, *, as_json: bool) -> None:
    """Print the settings in effect, without passwords.

    Defaults are included, ~ and relative paths are resolved.
    """
    import yaml

    data = state.settings().model_dump(mode="json")
    if as_json:
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    path = state.config_path
    click.echo(f"# {path}" if path.exists() else f"# the defaults; there is no {path}")
    click.echo(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120), nl=False)


@config.command()
@json_option
@standard_options
@pass_state
def path(state: State, *, as_json: bool) -> None:
    """Print the path of the configuration file."""
    where = state.config_path
    click.echo(json.dumps({"path": str(where), "exists": where.exists()}) if as_json else where)
