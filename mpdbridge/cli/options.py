"""What every command takes, and what it makes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from mpdbridge.config import Settings

F = TypeVar("F", bound=Callable[..., Any])


@dataclass
class State:
    """The options that stand before or behind any command's name.

    Attributes:
        config: file that --config names.
        verbose: -v was given.
    """

    config: Path | None = None
    verbose: bool = False

    @property
    def config_path(self) -> Path:
        """The configuration file that counts, whether it exists or not."""
        from mpdbridge.config import default_config_path

        return self.config or default_config_path()

    def settings(self) -> "Settings":
        """The configuration.

        Raises:
            ConfigError: something is wrong in it.
        """
        from mpdbridge.config import load_settings

        return load_settings(self.config)

    def start(self, *, daemon: bool = False) -> "Settings":
        """The configuration, with logging set up by it. Only a daemon tells of what goes well, unless -v is given.

        Raises:
            ConfigError: something is wrong in it.
        """
        from mpdbridge.logs import configure

        settings = self.settings()
        quiet = settings.log.level if daemon or settings.log.level == "error" else "warning"
        configure("debug" if self.verbose else quiet, settings.log.format)
        return settings


def _remember(ctx: click.Context, parameter: click.Parameter, value: object) -> None:
    if value and parameter.name:
        setattr(ctx.ensure_object(State), parameter.name, value)


def standard_options(command: F) -> F:
    """Adds --config and -v; they are kept in State, so they may stand before or behind the command's name."""
    config = click.option(
        "--config",
        metavar="FILE",
        type=click.Path(path_type=Path),
        expose_value=False,
        callback=_remember,
        help="Use this configuration file.",
    )
    verbose = click.option(
        "-v", "--verbose", is_flag=True, expose_value=False, callback=_remember, help="Log what is done, in detail."
    )
    return config(verbose(command))


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
pass_state = click.make_pass_decorator(State, ensure=True)
