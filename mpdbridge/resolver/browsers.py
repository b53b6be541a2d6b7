"""Cookies out of the user's browsers, by yt-dlp's own means. They are not public there: this file is their only user.

Blocking, and yt-dlp takes a second to import: for a command that has nothing else to do.
"""

import os
from collections.abc import Iterator
from http.cookiejar import Cookie
from pathlib import Path
from typing import get_args

from mpdbridge.cookies import LoginJar, jar_of, login_cookies
from mpdbridge.errors import LoginError
from mpdbridge.models import Browser
from mpdbridge.text import cut_chars, one_line

_CHROMES_EPOCH = 11_644_473_600  # seconds from 1601 to 1970
_MICROSECONDS = 10**14  # more than any time in seconds


def found_browsers() -> list[Browser]:
    """The browsers that have cookies of this user."""
    return [browser for browser in get_args(Browser) if any(map(os.path.exists, _folders(browser)))]


def browser_cookies(browser: Browser, *, profile: str | None = None, container: str = "none") -> LoginJar:
    """The cookies for YouTube and Google that a browser has on disk; it may be running.

    Args:
        browser: which one.
        profile: name or path of a profile; None for the one used last.
        container: name of a container of Firefox; "none" for the cookies that are in no container.

    Raises:
        LoginError: there is no such browser, profile or container, or its cookies cannot be read.
    """
    from yt_dlp.cookies import extract_cookies_from_browser

    said = _Words()
    try:
        jar = extract_cookies_from_browser(
            browser, profile, said, container=container if browser == "firefox" else None
        )
    except Exception as error:
        raise LoginError(f"{browser}: {_reason(error)}") from error
    cookies = login_cookies(jar_of(map(_in_seconds, jar)))
    if not len(cookies) and said.warnings:
        raise LoginError(f"{browser}: {cut_chars(one_line(said.warnings[-1]), 200)}")
    return cookies


def _folders(browser: Browser) -> Iterator[str]:
    from yt_dlp import cookies

    if browser == "firefox":
        yield from cookies._firefox_browser_dirs()  # noqa: SLF001
    elif browser == "safari":
        yield str(Path.home() / "Library/Cookies/Cookies.binarycookies")
    else:
        yield cookies._get_chromium_based_browser_settings(browser)["browser_dir"]  # noqa: SLF001


def _in_seconds(cookie: Cookie) -> Cookie:
    """yt-dlp leaves the times of Chrome's kin as they are: microseconds since 1601."""
    if cookie.expires is not None and cookie.expires > _MICROSECONDS:
        cookie.expires = cookie.expires // 1_000_000 - _CHROMES_EPOCH
    return cookie


def _reason(error: Exception) -> str:
    text = one_line(getattr(error, "orig_msg", None) or str(error)) or type(error).__name__
    if isinstance(error, FileNotFoundError):  # yt-dlp names every folder that might have been there
        what = "containers.json" if "containers.json" in text else "cookies"
        return f"no {what} of it found for this user: start it once, or name its --profile"
    return cut_chars(text, 300)


class _Words:
    """yt-dlp's logger: keeps its warnings, which tell e.g. that the keyring is locked."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warning(self, message: str, only_once: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002  # as yt-dlp calls
        self.warnings.append(message)

    def error(self, message: str) -> None:
        self.warnings.append(message)

    def debug(self, message: str) -> None:
        """Not of interest."""

    info = debug
