"""The database's shape, as the steps that lead to it.

`PRAGMA user_version` counts the steps a file has taken. The first is the five-column table that a file made by
anybody else may already have, so such a file passes it unharmed and takes the rest. Steps are only ever appended.
"""

import sqlite3

from mpdbridge.errors import StoreError

STEPS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE IF NOT EXISTS tracks (
            video_id TEXT PRIMARY KEY,
            stream_url TEXT,
            title TEXT NOT NULL,
            artist TEXT,
            updated_at REAL NOT NULL
        )""",
        "CREATE INDEX IF NOT EXISTS tracks_updated_at ON tracks (updated_at)",
    ),
    (
        # What the source tells. `artist` is the display name; `artists` holds a JSON list when there are several.
        "ALTER TABLE tracks ADD COLUMN artists TEXT",
        "ALTER TABLE tracks ADD COLUMN album TEXT",
        "ALTER TABLE tracks ADD COLUMN album_artist TEXT",
        "ALTER TABLE tracks ADD COLUMN track_number INTEGER",
        "ALTER TABLE tracks ADD COLUMN date TEXT",
        "ALTER TABLE tracks ADD COLUMN duration REAL",
        "ALTER TABLE tracks ADD COLUMN art_url TEXT",
        "ALTER TABLE tracks ADD COLUMN source TEXT NOT NULL DEFAULT 'ytmusic'",
        "ALTER TABLE tracks ADD COLUMN source_url TEXT",
        # What the resolver found, beside stream_url and updated_at.
        "ALTER TABLE tracks ADD COLUMN expires_at REAL",
        "ALTER TABLE tracks ADD COLUMN available_at REAL",
        "ALTER TABLE tracks ADD COLUMN content_type TEXT",
        "ALTER TABLE tracks ADD COLUMN content_length INTEGER",
        "ALTER TABLE tracks ADD COLUMN stream_duration REAL",
        "ALTER TABLE tracks ADD COLUMN format_id TEXT",
        "ALTER TABLE tracks ADD COLUMN headers TEXT",
        "ALTER TABLE tracks ADD COLUMN dead_reason TEXT",
        "ALTER TABLE tracks ADD COLUMN dead_until REAL",
        """CREATE TABLE playlists (
            target TEXT NOT NULL,
            source TEXT NOT NULL,
            playlist_id TEXT NOT NULL,
            source_name TEXT NOT NULL,
            mpd_name TEXT NOT NULL,
            published_at REAL,
            uris_hash TEXT,
            PRIMARY KEY (target, source, playlist_id)
        ) WITHOUT ROWID""",
        "CREATE INDEX playlists_mpd_name ON playlists (mpd_name)",
        "CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    ),
    (
        # What sources are asked beside their playlists, slowly and once: when it may be asked again.
        "ALTER TABLE tracks ADD COLUMN album_id TEXT",
        "CREATE INDEX tracks_of_unasked_albums ON tracks (album_id) WHERE album_id NOT NULL AND track_number IS NULL",
        "CREATE TABLE albums (album_id TEXT PRIMARY KEY, ask_again REAL NOT NULL) WITHOUT ROWID",
        """CREATE TABLE counterparts (
            video_id TEXT PRIMARY KEY,
            counterpart TEXT,
            ask_again REAL NOT NULL
        ) WITHOUT ROWID""",
        "CREATE INDEX counterparts_ask_again ON counterparts (ask_again)",
    ),
    (
        """CREATE TABLE sheets (
            target TEXT NOT NULL,
            music_directory TEXT NOT NULL,
            folder TEXT NOT NULL,
            track_id TEXT NOT NULL,
            place TEXT NOT NULL,
            read INTEGER,
            stickers TEXT,
            PRIMARY KEY (target, music_directory, folder, track_id)
        ) WITHOUT ROWID""",
    ),
    (
        # The name under which a playlist may still stand in MPD, from before its renaming until that is known.
        "ALTER TABLE playlists ADD COLUMN former_name TEXT",
    ),
)


def must_migrate(connection: sqlite3.Connection, path: str) -> bool:
    """Whether the file lacks steps.

    Raises:
        StoreError: a newer mpdbridge made the file.
    """
    version = _version(connection)
    if version > len(STEPS):
        raise StoreError(
            f"{path}: made by a newer mpdbridge (schema {version}, this one knows {len(STEPS)}): "
            "install the newest mpdbridge, or choose another file as proxy.track_mapping_db"
        )
    return version < len(STEPS)


def migrate(connection: sqlite3.Connection) -> None:
    """Take the steps that the file lacks; to be called inside a transaction.

    The version is read again there: another process may have been faster.
    """
    for number in range(_version(connection), len(STEPS)):
        for statement in STEPS[number]:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number + 1}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
