"""Which CUE sheets in MPD's music directory are ours: noted before they are written, so a crash leaves no orphan."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mpdbridge.store.database import Database
from mpdbridge.store.rows import storable
from mpdbridge.urls import song_uri


@dataclass(frozen=True, slots=True)
class LibraryFolder:
    """Where sheets stand.

    Attributes:
        target: the MPD, as for claims.
        music_directory: MPD's, as this machine sees it.
        folder: relative to it, with `/`; the beginning of the songs' URIs.
    """

    target: str
    music_directory: str
    folder: str


@dataclass(frozen=True, slots=True)
class SheetRecord:
    """The sheet of one track.

    Attributes:
        place: its path in the library folder; kept whatever becomes of the tags. Empty: it is gone, and its stickers
            wait for it to come back.
        read: the file's mtime, in whole seconds, up to which MPD's database is known to have read it; None: it has not.
        stickers: what MPD shall get back once it has read the changed sheet.
    """

    track_id: str
    place: str
    read: int | None = None
    stickers: Mapping[str, str] = field(default_factory=dict)


class SheetRecords(Database):
    """The part of the TrackStore that knows our sheets."""

    def sheet_folders(self, target: str) -> list[LibraryFolder]:
        """All folders that have sheets of ours for this MPD."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT DISTINCT target, music_directory, folder FROM sheets WHERE target = ? AND place <> ''",
                (target,),
            ).fetchall()
        return [LibraryFolder(*row) for row in rows]

    def sheets(self, folder: LibraryFolder) -> dict[str, SheetRecord]:
        """Our sheets in `folder`, by track id."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT * FROM sheets WHERE target = ? AND music_directory = ? AND folder = ?", _key(folder)
            ).fetchall()
        return {row["track_id"]: _record(row) for row in rows}

    def songs(self, target: str, folder: str, track_ids: Iterable[str] | None = None) -> dict[str, str]:
        """The URIs of the songs that MPD is known to have made of our sheets, by track id.

        Args:
            target: the MPD.
            folder: of its music directory, wherever this machine sees that.
            track_ids: those that are meant; None: all.
        """
        with self._reading() as connection:
            rows = connection.execute(
                """SELECT track_id, place FROM sheets
                WHERE target = ?1 AND folder = ?2 AND place <> '' AND read NOT NULL
                AND (?3 IS NULL OR track_id IN (SELECT value FROM json_each(?3)))""",
                (target, folder, None if track_ids is None else json.dumps(list(track_ids))),
            ).fetchall()
        return {row["track_id"]: song_uri(folder, row["place"]) for row in rows}

    def keep_sheets(self, folder: LibraryFolder, records: Iterable[SheetRecord]) -> None:
        """Note `records` in one transaction, in place of those of the same tracks."""
        rows = [
            (
                *_key(folder),
                one.track_id,
                storable(one.place),
                one.read,
                storable(json.dumps(dict(one.stickers), ensure_ascii=False)) if one.stickers else None,
            )
            for one in records
        ]
        with self._writing(durable=True) as connection:
            connection.executemany(
                """REPLACE INTO sheets (target, music_directory, folder, track_id, place, read, stickers)
                VALUES (?, ?, ?, ?, ?, ?, ?)""",
                rows,
            )

    def forget_sheets(self, folder: LibraryFolder, track_ids: Iterable[str]) -> None:
        """Forget sheets that are gone from the disk and from MPD."""
        with self._writing() as connection:
            connection.executemany(
                "DELETE FROM sheets WHERE target = ? AND music_directory = ? AND folder = ? AND track_id = ?",
                [(*_key(folder), track_id) for track_id in track_ids],
            )


def _key(folder: LibraryFolder) -> tuple[str, str, str]:
    return folder.target, folder.music_directory, folder.folder


def _record(row: sqlite3.Row) -> SheetRecord:
    return SheetRecord(row["track_id"], row["place"], row["read"], json.loads(row["stickers"] or "{}"))
