"""A user's Firefox and Chromium on disk, as far as cookies go: their databases, profiles and containers."""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

_FAR = 2_000_000_000  # epoch seconds
_FIREFOX = """\
CREATE TABLE moz_cookies (id INTEGER PRIMARY KEY, originAttributes TEXT NOT NULL DEFAULT '', name TEXT, value TEXT,
    host TEXT, path TEXT, expiry INTEGER, lastAccessed INTEGER, creationTime INTEGER, isSecure INTEGER,
    isHttpOnly INTEGER, inBrowserElement INTEGER DEFAULT 0, sameSite INTEGER DEFAULT 0, schemeMap INTEGER DEFAULT 0,
    CONSTRAINT moz_uniqueid UNIQUE (name, host, path, originAttributes))
"""
_CHROMIUM = """\
CREATE TABLE cookies (creation_utc INTEGER NOT NULL, host_key TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
    encrypted_value BLOB DEFAULT '', path TEXT NOT NULL, expires_utc INTEGER NOT NULL, is_secure INTEGER NOT NULL)
"""


def make_firefox(
    home: Path, cookies: Iterable[tuple[str, str, str, int]], *, profile: str = "abcd1234.default", schema: int = 16
) -> Path:
    """`~/.mozilla/firefox` with one more profile.

    Args:
        home: the user's home.
        cookies: host, name, value and number of the container, 0 for none.
        profile: folder of the profile.
        schema: version of the database; from 16 on it has expiries in milliseconds.
    """
    root = home / ".mozilla" / "firefox"
    folder = root / profile
    folder.mkdir(parents=True)
    (root / "profiles.ini").write_text(f"[Profile0]\nName=default\nIsRelative=1\nPath={profile}\nDefault=1\n")
    identities = [
        {"userContextId": 1, "l10nID": "userContextPersonal.label", "icon": "fingerprint", "public": True},
        {"userContextId": 2, "name": "Music", "icon": "circle", "public": True},
    ]
    (folder / "containers.json").write_text(json.dumps({"version": 4, "identities": identities}))
    with closing(sqlite3.connect(folder / "cookies.sqlite")) as database, database:
        database.execute(_FIREFOX)
        database.execute(f"PRAGMA user_version = {schema}")
        database.executemany(
            "INSERT INTO moz_cookies (originAttributes, name, value, host, path, expiry, isSecure, isHttpOnly)"
            " VALUES (?, ?, ?, ?, '/', ?, 1, 1)",
            [
                (f"^userContextId={number}" if number else "", name, value, host, _FAR * (1000 if schema >= 16 else 1))
                for host, name, value, number in cookies
            ],
        )
    return folder


def make_chromium(home: Path, cookies: Iterable[tuple[str, str, str]]) -> None:
    """`~/.config/chromium` with a default profile whose cookies are not encrypted: host, name, value."""
    folder = home / ".config" / "chromium" / "Default"
    folder.mkdir(parents=True)
    with closing(sqlite3.connect(folder / "Cookies")) as database, database:
        database.execute("CREATE TABLE meta (key TEXT, value TEXT)")
        database.execute("INSERT INTO meta VALUES ('version', '23')")
        database.execute(_CHROMIUM)
        database.executemany(
            "INSERT INTO cookies (creation_utc, host_key, name, value, path, expires_utc, is_secure)"
            " VALUES (0, ?, ?, ?, '/', ?, 1)",
            [(host, name, value, (_FAR + 11_644_473_600) * 1_000_000) for host, name, value in cookies],
        )
