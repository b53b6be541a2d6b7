"""One SQLite connection that threads may share: opening, transactions, and errors a user can act on."""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from mpdbridge.concurrency import Clock
from mpdbridge.errors import StoreError
from mpdbridge.store.schema import migrate, must_migrate

_BUSY_SECONDS = 10.0  # a `sync` beside a `watch` writes for some 50 ms at a time; longer means something is stuck
_QUICK = "PRAGMA synchronous = NORMAL"  # in WAL: sound after a crash, and 50 times faster than FULL
_FIXES = {
    "SQLITE_NOTADB": "is not a database: move it away, or set proxy.track_mapping_db to another file",
    "SQLITE_CORRUPT": "is damaged: move it away, `mpdbridge sync` makes a new one",
    "SQLITE_FULL": "cannot grow, the disk is full: free some space",
    "SQLITE_IOERR": "cannot be read or written: check the disk (full, over quota, or failing)",
    "SQLITE_READONLY": "is read-only: make the file and its folder writable for this user",
    "SQLITE_PERM": "is read-only: make the file and its folder writable for this user",
    "SQLITE_CANTOPEN": "cannot be opened: make it a file in a folder that this user can write to",
    "SQLITE_BUSY": "is locked by another program: close that program, or try again",
    "SQLITE_LOCKED": "is locked by another program: close that program, or try again",
}


class Database:
    """An open database file, or `":memory:"`; a context manager.

    The file is private (0600, as are SQLite's `-wal` and `-shm` beside it), missing parent folders are made (0700).

    Raises:
        StoreError: from every method, when the file cannot be opened, read or written.
    """

    def __init__(self, path: Path | str, *, clock: Clock = time.time) -> None:
        self.path = str(path)
        self._clock = clock
        self._lock = threading.RLock()
        with self._told():
            if self.path != ":memory:":
                _make_private(Path(self.path))
            # Autocommit: transactions are begun by hand, so that none is open longer than it must be.
            self._connection = sqlite3.connect(
                self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def close(self) -> None:
        """Close the file; closing twice is harmless."""
        with self._lock, self._told():
            self._connection.close()

    def damage(self) -> str:
        """The first thing that is wrong inside the file (`PRAGMA quick_check`); empty when it is sound.

        10,000 tracks take some 10 ms.
        """
        with self._reading() as connection:
            told = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        return "" if told == "ok" else told

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for this thread alone."""
        with self._lock, self._told():
            yield self._connection

    @contextmanager
    def _writing(self, *, durable: bool = False) -> Iterator[sqlite3.Connection]:
        """The connection inside a transaction that is committed whole, or rolled back on any error.

        `durable`: a power cut does not undo it, nor any before it; the last of the others may be lost by one.
        """
        with self._reading() as connection:
            if durable:
                connection.execute("PRAGMA synchronous = FULL")
            try:
                connection.execute("BEGIN IMMEDIATE")  # wait for the lock now: a later upgrade could only fail
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            finally:
                if durable:
                    connection.execute(_QUICK)

    def _prepare(self) -> None:
        connection = self._connection
        connection.row_factory = sqlite3.Row
        _enter_wal(connection)
        connection.execute(_QUICK)
        if must_migrate(connection, self.path):
            with self._writing():
                migrate(connection)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: {_explain(error)}") from error
        except OSError as error:
            raise StoreError(
                f"{error.filename or self.path}: {error.strerror}: give this user the right to write there, "
                "or set proxy.track_mapping_db to another place"
            ) from error


def _make_private(path: Path) -> None:
    missing = [folder for folder in path.parents if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
    # SQLite gives its -wal and -shm the mode of the database file, so it must be right before they are made.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        if file.exists() and file.stat().st_mode & 0o077:
            file.chmod(0o600)


def _enter_wal(connection: sqlite3.Connection) -> None:
    """Writers no longer keep readers waiting. Kept in the file, so this works only once.

    The switch needs the file alone, and SQLite's own busy timeout does not cover it: two first starts meet here.
    """
    give_up = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(0.02)
        else:
            return


def _explain(error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", "")
    for start, fix in _FIXES.items():  # extended codes, such as SQLITE_IOERR_WRITE, start with the plain one
        if name.startswith(start):
            return fix
    return f"{error} ({name or type(error).__name__})"
