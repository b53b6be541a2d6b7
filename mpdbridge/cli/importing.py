"""What `mpdbridge auth` does: gets a login from where the user says, has it tried and saved, and tells."""

import asyncio
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeAlias, cast

import click

from mpdbridge.config import Settings
from mpdbridge.cookies import Login, login_cookies, read_login, sapisid
from mpdbridge.errors import LoginError, SourceError
from mpdbridge.models import Browser
from mpdbridge.resolver.browsers import browser_cookies, found_browsers
from mpdbridge.sources.ytmusic.account import Account, probe
from mpdbridge.sources.ytmusic.pasted import login_of
from mpdbridge.sources.ytmusic.renewal import Renewed, renew

Origin: TypeAlias = Callable[[], Login]
_PASTE, _FILE = "paste request headers", "read a cookies.txt"
_END_OF_TEXT = b"\x04"  # Ctrl-D


def origin(
    browser: str | None, profile: str | None, container: str | None, cookies: Path | None, headers: str | None
) -> Origin | None:
    """Where the command line says that the login is; None when it does not say."""
    if browser:
        return partial(_of_browser, cast("Browser", browser), profile, container or "none")
    if cookies:
        return partial(_of_cookies, cookies)
    if headers:
        return partial(_of_headers, headers)
    return None


def ask() -> Origin:
    """Where the user on the terminal says that it is."""
    browsers = found_browsers()
    choices = [*(f"take the login of {each.capitalize()}" for each in browsers), _PASTE, _FILE]
    click.echo("Where shall the login come from? You have to be logged in at music.youtube.com there.")
    for number, choice in enumerate(choices, 1):
        click.echo(f"  {number}  {choice}")
    number = click.prompt("Number", type=click.IntRange(1, len(choices)), default=1)
    match choices[number - 1]:
        case str() as choice if choice == _PASTE:
            return partial(_of_headers, "-")
        case str() as choice if choice == _FILE:
            return partial(_of_cookies, Path(click.prompt("File")))
    return partial(_of_browser, browsers[number - 1], None, "none")


def save(settings: Settings, origin: Origin, *, force: bool) -> None:
    """Has the login tried and saved, and says what came of it.

    Raises:
        LoginError: there is none, or it does not work; the old one is as it was.
    """
    ytmusic = settings.sources.ytmusic
    done = asyncio.run(renew(ytmusic, origin(), force=force))
    click.echo(_saved(done))
    if ytmusic.enabled:
        click.echo("`mpdbridge sync` brings your library into MPD; a running `watch` does so at its next sync.")
    elif "enabled" in ytmusic.model_fields_set:
        click.echo("mpdbridge: sources.ytmusic.enabled is false: set it to true, or the login is not used", err=True)
    else:
        click.echo("`mpdbridge sync` brings your library into MPD. A running `watch` has to be started anew.")


def check(settings: Settings, *, as_json: bool) -> None:
    """Tells whose login there is.

    Raises:
        SourceError: it is dead, there is none, or YouTube Music cannot be asked.
    """
    path = settings.sources.ytmusic.login_file
    problem: SourceError | None = None
    account: Account | None = None
    try:
        account = asyncio.run(probe(settings.sources.ytmusic))
    except SourceError as error:
        problem = error
    if as_json:
        dead = isinstance(problem, LoginError)
        alive = None if problem and not dead else account is not None
        name, handle = (account.name, account.handle) if account else (None, None)
        told = {"file": str(path), "logged_in": alive, "name": name, "handle": handle, "problem": str(problem or "")}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    if problem:
        raise problem
    if not as_json:
        click.echo(f"Logged in as {account}. The login is in {path}")


def remove(settings: Settings) -> None:
    """Forgets the login.

    Raises:
        LoginError: there is none, or its file cannot be removed.
    """
    path = settings.sources.ytmusic.login_file
    try:
        path.unlink()
    except FileNotFoundError:
        raise LoginError(f"there is no login at {path}") from None
    except OSError as error:
        raise LoginError(f"{path}: {error.strerror}") from error
    click.echo(f"Removed {path}. What it brought stays in MPD as it is; `mpc rm NAME` removes a playlist.")


def _saved(done: Renewed) -> str:
    if done.account:
        return f"Logged in as {done.account}. The login is kept in {done.path}, which only you can read."
    return f"Saved in {done.path}, not known to work ({done.doubt}). `mpdbridge auth --check` tries it."


def _of_browser(browser: Browser, profile: str | None, container: str) -> Login:
    jar = browser_cookies(browser, profile=profile, container=container)
    if sapisid(jar) is None:
        others = "--profile or --container" if browser == "firefox" else "--profile"
        raise LoginError(f"{browser} is not logged in at music.youtube.com: log in there, or name another {others}")
    return Login(jar)


def _of_cookies(path: Path) -> Login:
    try:
        login = read_login(path.expanduser().read_text(encoding="utf-8"))
    except OSError as error:
        raise LoginError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise LoginError(f"{path}: holds no cookies: export them in the Netscape format (cookies.txt)") from error
    except ValueError as error:
        raise LoginError(f"{path}: {error}: export them in the Netscape format (cookies.txt)") from error
    return Login(login_cookies(login.jar), auth_user=login.auth_user)


def _of_headers(source: str) -> Login:
    try:
        if source == "-":
            return login_of(_pasted() if sys.stdin.isatty() else sys.stdin.read())
        return login_of(Path(source).expanduser().read_text(encoding="utf-8"))
    except OSError as error:
        raise LoginError(f"{source}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise LoginError(f"{source}: holds no text") from error
    except ValueError as error:
        raise LoginError(str(error)) from error


def _pasted() -> str:
    """What is pasted into the terminal, up to Ctrl-D; not echoed, for it is a secret.

    By lines a terminal takes no more than 4,095 characters of each, and a `cookie` may well be longer.
    """
    import os
    import termios
    import tty

    click.echo("Paste the request headers, then press Ctrl-D. Nothing of them is shown.")
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    read = b""
    try:
        tty.setcbreak(descriptor)
        while _END_OF_TEXT not in read:
            chunk = os.read(descriptor, 65536)
            if not chunk:
                break
            read += chunk
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
    return read.partition(_END_OF_TEXT)[0].decode(errors="replace")
