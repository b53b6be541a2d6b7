"""The cookies that yt-dlp works with: a copy in memory, for the file has other writers.

yt-dlp would write its whole jar back over the file when it is closed, and so eat what YouTube Music's client has got
meanwhile. So it is given a copy, keeps in it what it is sent itself, and gets the file's changes as they come.
"""

import io
from pathlib import Path
from typing import Any

from mpdbridge.cookies import Lines, Login, LoginJar, lines_of, merged, of_lines, read_cookies, sapisid, write_login


class WorkerCookies:
    """The user's `file` if there is one, else those of the `login`; neither need exist, and neither is ever written."""

    def __init__(self, *, file: str | None, login: str | None) -> None:
        self._path = Path(file) if file else Path(login) if login else None
        self._is_login = not file
        self._mark = self._present_mark()
        self._base: Lines = {}

    def stream(self) -> io.StringIO:
        """What the file holds now, as yt-dlp's `cookiefile`.

        Raises:
            ValueError, OSError: the user's file cannot be read. A login that cannot is no obstacle to a guest.
        """
        self._mark = self._present_mark()
        jar = self._read()
        self._base = lines_of(jar)
        return io.StringIO(write_login(Login(jar)))

    def take_changed(self, jar: Any) -> bool:
        """Puts the file's changes into yt-dlp's `jar`. False: they are another login's, so yt-dlp has to begin anew."""
        before, self._mark = self._mark, self._present_mark()
        if self._mark == before:
            return True
        found = self._read()
        if sapisid(found) != sapisid(jar):
            return False
        theirs = lines_of(found)
        now = merged(self._base, theirs, lines_of(jar))
        jar.clear()
        for cookie in of_lines(now):
            jar.set_cookie(cookie)
        self._base = theirs
        return True

    def _read(self) -> LoginJar:
        if self._path is None or self._mark is None:
            return LoginJar()
        try:
            return read_cookies(self._path.read_text(encoding="utf-8")).jar
        except (OSError, ValueError):
            if self._is_login:
                return LoginJar()
            raise

    def _present_mark(self) -> tuple[int, ...] | None:
        """What tells one state of the file from the next; None while there is none."""
        try:
            found = self._path.stat() if self._path else None
        except OSError:
            return None
        return (found.st_ino, found.st_size, found.st_mtime_ns) if found else None
