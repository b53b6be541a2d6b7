"""The cookies that yt-dlp works with: a copy in memory, for the file has other writers.

yt-dlp would write its whole jar back over the file when it is closed, and so eat what YouTube Music's client has got
meanwhile. So it is given a copy and gets the file's changes as they come, and of what it is sent only new values of the
login's own cookies go into the file: an outdated one may end the login for everybody.
"""

import io
from contextlib import suppress
from dataclasses import replace
from http.cookiejar import CookieJar
from pathlib import Path

from mpdbridge.cookies import (
    Key,
    Lines,
    Login,
    LoginJar,
    jar_of,
    lines_of,
    merged,
    of_lines,
    read_cookies,
    read_login,
    sapisid,
    write_login,
)
from mpdbridge.files import locked, write_private

_YT_DLPS_OWN = ("PREF", "SOCS")  # it sets these itself, to be answered in English and without questions


class WorkerCookies:
    """The user's `file` if there is one, which is never written, else those of the `login`; neither need exist."""

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

    def take_changed(self, jar: CookieJar) -> bool:
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

    def keep_rotated(self, jar: CookieJar) -> None:
        """Puts what the login's cookies in yt-dlp's `jar` have become into its file.

        Not into one that has changed: what is new there is taken over first, when yt-dlp is asked the next time.
        """
        rotated = self._rotated(jar)
        if not rotated or self._path is None:
            return
        with suppress(OSError, ValueError), locked(self._path.resolve().parent):  # else they live on in memory
            if self._present_mark() == self._mark:
                login = read_login(self._path.read_text(encoding="utf-8"))
                now = {**self._base, **rotated}
                write_private(self._path, write_login(replace(login, jar=jar_of(of_lines(now)))))
                self._base, self._mark = now, self._present_mark()

    def _rotated(self, jar: CookieJar) -> dict[Key, str]:
        """The login's cookies whose value is another one now; one that is only to live longer is no matter."""
        if not self._is_login:
            return {}
        ours = lines_of(jar)
        known = [key for key in self._base if key in ours and key[2] not in _YT_DLPS_OWN]
        return {key: ours[key] for key in known if _value(ours[key]) != _value(self._base[key])}

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


def _value(line: str) -> str:
    return line.rpartition("\t")[2]
