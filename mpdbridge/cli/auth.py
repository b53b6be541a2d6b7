"""`mpdbridge auth`: log in at YouTube Music."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from mpdbridge.cli.options import State, json_option, pass_state, standard_options
from mpdbridge.models import Browser

if TYPE_CHECKING:
    from mpdbridge.cli.importing import Origin


@click.command(
    epilog="""\b
Examples:
  mpdbridge auth                          asks where from
  mpdbridge auth --browser firefox
  mpdbridge auth --browser firefox --container Music
  mpdbridge auth --headers -              paste them, end with Ctrl-D
  mpdbridge auth --check

\b
The login that lasts longest: log in at music.youtube.com in a private window,
open its developer tools (F12, Network), copy the request headers of any request
to music.youtube.com (right click, Copy), and close the window without logging
out. A login that a browser goes on using may die here within days.
"""
)
@click.option("--browser", type=click.Choice(get_args(Browser)), help="Take the login of this browser.")
@click.option("--profile", metavar="NAME|DIR", help="Which of its profiles; else the one used last.")
@click.option("--container", metavar="NAME", help="Which container of Firefox; else none.")
@click.option("--cookies", metavar="FILE", type=click.Path(path_type=Path), help="Take a cookies.txt (Netscape).")
@click.option("--headers", metavar="FILE|-", help="Take request headers copied in a browser: text, curl or JSON.")
@click.option("--force", is_flag=True, help="Save it even if YouTube Music does not know it.")
@click.option("--check", is_flag=True, help="Only tell whose login there is; exit code 1 if it is dead.")
@click.option("--remove", is_flag=True, help="Forget the login.")
@json_option
@standard_options
@pass_state
def auth(
    state: State,
    /,
    *,
    browser: str | None,
    profile: str | None,
    container: str | None,
    cookies: Path | None,
    headers: str | None,
    force: bool,
    check: bool,
    remove: bool,
    as_json: bool,
) -> None:
    """Log in at YouTube Music, for your whole library.

    The cookies of a browser that is logged in are copied into a file that only you can read, and kept alive there. A
    login is tried before it takes the place of the old one. Public playlists need none.
    """
    given = [browser, cookies, headers, check or None, remove or None]
    if len(list(filter(None, given))) > 1:
        raise click.UsageError("give one of --browser, --cookies, --headers, --check and --remove")
    if (profile or container) and not browser:
        raise click.UsageError("--profile and --container belong to --browser")
    if container and browser != "firefox":
        raise click.UsageError("only Firefox has containers")
    if as_json and not check:
        raise click.UsageError("--json belongs to --check")
    from mpdbridge.cli import importing

    settings = state.start()
    if check:
        importing.check(settings, as_json=as_json)
    elif remove:
        importing.remove(settings)
    else:
        origin: Origin | None = importing.origin(browser, profile, container, cookies, headers)
        if origin is None and not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise click.UsageError("say where the login comes from: --browser, --cookies or --headers")
        importing.save(settings, origin or importing.ask(), force=force)
