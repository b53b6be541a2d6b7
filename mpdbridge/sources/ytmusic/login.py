"""The login's file: read, watched for what others write into it, and kept up to date as YouTube rotates its cookies.

Several processes use it at the same time (`watch`, `sync`, `auth`), and each gets rotations of its own. So nobody
writes back what it once read: under a lock, the file is read again and only what this process got is changed in it.
yt-dlp's worker does likewise (`resolver.cookies`). Blocking; MusicClient has it in its thread.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from mpdbridge.cookies import Lines, Login, LoginJar, lines_of, merged, of_lines, read_login, sapisid, write_login
from mpdbridge.errors import LoginError
from mpdbridge.files import locked, write_private
from mpdbridge.logs import get_logger

HOW = "run `mpdbridge auth`"

log = get_logger(__name__)


class LoginFile:
    """A login file in use.

    Attributes:
        path: where it is.
        jar: its cookies, for a session to send and to receive into; the same object for good.
        login: everything else in it, as last read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.jar = LoginJar()
        self.login = Login(self.jar)
        self._known: tuple[int, ...] = ()  # what marks the file's state that we know
        self._base: Lines = {}
        self._troubled = False

    def refresh(self, *, keep: bool = True) -> bool:
        """Takes over what others have written since the last time. True: it is another login, or the first.

        Args:
            keep: rotations that are not in the file yet are worth something; otherwise whatever others write is new.

        Raises:
            LoginError: there is no such file, or what it holds is no login.
        """
        mark = self._mark()
        if mark == self._known:
            return False
        login = self._read()
        theirs = lines_of(login.jar)
        # The accounts of one browser differ by nothing but their number.
        who, was = ((sapisid(one.jar), one.auth_user) for one in (login, self.login))
        replaced = not keep or who != was
        now = theirs if replaced else merged(self._base, self._lines(), theirs)
        self.jar.clear()
        for cookie in of_lines(now):
            self.jar.set_cookie(cookie)
        self.login = replace(login, jar=self.jar)
        self._base, self._known = theirs, mark
        return replaced

    @property
    def changed(self) -> bool:
        """Whether the jar has what the file has not. A jar that YouTube has thrown the login out of has nothing new."""
        return bool(self._known) and sapisid(self.jar) is not None and self._lines() != self._base

    def save(self) -> bool:
        """Puts what is new in the jar into the file. If that fails, it is said once, and the login lives on in memory.

        A file that is gone is not made again: the user has logged out. Returns what `refresh` does.
        """
        if not self.changed:
            return False
        replaced = False
        try:
            with locked(self.path.resolve().parent), suppress(LoginError):
                replaced = self.refresh()
                if self.changed:
                    write_private(self.path, write_login(self.login))
                    self._known, self._base = self._mark(), self._lines()
            self._troubled = False
        except OSError as error:
            if not self._troubled:
                log.warning("the login's new cookies cannot be kept", file=str(self.path), reason=error.strerror)
            self._troubled = True
        return replaced

    def _lines(self) -> Lines:
        """The jar as it comes back from the file: headers as JSON keep no more than names and values."""
        if self.login.headers is None:
            return lines_of(self.jar)
        return lines_of(read_login(write_login(self.login)).jar)

    def _mark(self) -> tuple[int, ...]:
        with _told(self.path):
            found = self.path.stat()
        return found.st_ino, found.st_size, found.st_mtime_ns

    def _read(self) -> Login:
        login = login_at(self.path)
        if not self._known and self.path.stat().st_mode & 0o077:
            log.warning("login readable by others", file=str(self.path), fix=f"chmod 600 {self.path}")
        return login


def login_at(path: Path) -> Login:
    """The login in the file.

    Raises:
        LoginError: there is none, or it cannot be read.
    """
    try:
        with _told(path):
            return read_login(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise LoginError(f"{path}: holds neither cookies nor browser headers: {HOW}") from error
    except ValueError as error:
        raise LoginError(f"{path}: {error}: {HOW}") from error


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What the system says of `path`, as a LoginError."""
    try:
        yield
    except FileNotFoundError:
        raise LoginError(f"there is no login at {path}: {HOW}", absent=True) from None
    except OSError as error:
        raise LoginError(f"{path}: {error.strerror}: {HOW}") from error
