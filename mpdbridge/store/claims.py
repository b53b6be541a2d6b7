"""Which playlists in MPD are ours: noted, for good, before each write to MPD, so no crash leaves an orphan of ours.

A target is one MPD, named by its address: the same bridge may feed several.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from mpdbridge.models import PlaylistRef
from mpdbridge.store.database import Database
from mpdbridge.store.rows import storable


@dataclass(frozen=True, slots=True)
class PublishedPlaylist:
    """A playlist of ours in one MPD.

    Attributes:
        source_name: its name at the source when it was claimed.
        mpd_name: its name in MPD.
        published_at: epoch seconds of the last complete write; None while it was only claimed.
        uris_hash: what the publisher's caller noted about the content last written, or None.
        former_name: while it is renamed: the name in MPD that it has if that did not come about.
    """

    source: str
    playlist_id: str
    source_name: str
    mpd_name: str
    published_at: float | None = None
    uris_hash: str | None = None
    former_name: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What the playlist is known by: (source, playlist_id)."""
        return self.source, self.playlist_id


_RELEASE = "DELETE FROM playlists WHERE target = ? AND source = ? AND playlist_id = ?"


class PlaylistClaims(Database):
    """The part of the TrackStore that knows which playlists are ours."""

    def published(self, target: str) -> dict[tuple[str, str], PublishedPlaylist]:
        """All claims on `target`, by (source, playlist_id)."""
        with self._reading() as connection:
            rows = connection.execute("SELECT * FROM playlists WHERE target = ?", (target,)).fetchall()
        return {claim.key: claim for claim in map(_published, rows)}

    def claim(self, target: str, ref: PlaylistRef, mpd_name: str) -> None:
        """Note that `mpd_name` on `target` is ours; not published until `mark_published`.

        A claim under a new name replaces the old one; the same claim again changes nothing but the source's name.
        """
        with self._writing(durable=True) as connection:
            connection.execute(
                """INSERT INTO playlists (target, source, playlist_id, source_name, mpd_name) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (target, source, playlist_id) DO UPDATE SET
                    source_name = excluded.source_name,
                    mpd_name = excluded.mpd_name,
                    published_at = CASE WHEN mpd_name = excluded.mpd_name THEN published_at END,
                    uris_hash = CASE WHEN mpd_name = excluded.mpd_name THEN uris_hash END,
                    former_name = NULL""",
                (target, ref.source, storable(ref.playlist_id), storable(ref.name), storable(mpd_name)),
            )

    def begin_rename(self, target: str, ref: PlaylistRef, mpd_name: str) -> None:
        """Note that a claimed playlist is about to become `mpd_name`; `mark_published` when it has."""
        with self._writing(durable=True) as connection:
            connection.execute(
                """UPDATE playlists SET former_name = mpd_name, mpd_name = ?, source_name = ?
                WHERE target = ? AND source = ? AND playlist_id = ?""",
                (storable(mpd_name), storable(ref.name), target, ref.source, storable(ref.playlist_id)),
            )

    def adopt(
        self, target: str, found: Iterable[PublishedPlaylist], *, released: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Note where in `target` playlists of ours are, with all that is known of them; one transaction.

        `released`: whose claims end with that, as (source, playlist_id).
        """
        rows = [
            (
                target,
                one.source,
                storable(one.playlist_id),
                storable(one.source_name),
                storable(one.mpd_name),
                one.published_at,
                one.uris_hash,
            )
            for one in found
        ]
        with self._writing(durable=True) as connection:
            connection.executemany(_RELEASE, [(target, source, storable(playlist)) for source, playlist in released])
            connection.executemany(
                """REPLACE INTO playlists
                (target, source, playlist_id, source_name, mpd_name, published_at, uris_hash)
                VALUES (?, ?, ?, ?, ?, ?, ?)""",
                rows,
            )

    def mark_published(self, target: str, ref: PlaylistRef, uris_hash: str) -> None:
        """Note that the claimed playlist now stands in MPD whole, with the content that `uris_hash` stands for."""
        with self._writing() as connection:
            connection.execute(
                """UPDATE playlists SET published_at = ?, uris_hash = ?, former_name = NULL
                WHERE target = ? AND source = ? AND playlist_id = ?""",
                (self._clock(), uris_hash, target, ref.source, storable(ref.playlist_id)),
            )

    def release(self, target: str, source: str, playlist_id: str) -> None:
        """Forget a claim: the playlist was removed from MPD, or was never there."""
        with self._writing() as connection:
            connection.execute(_RELEASE, (target, source, storable(playlist_id)))

    def published_elsewhere(self, target: str) -> list[PublishedPlaylist]:
        """The claims on all targets but `target`, latest first: an MPD that moved to another address keeps its own."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT * FROM playlists WHERE target != ? ORDER BY published_at DESC", (target,)
            ).fetchall()
        return list(map(_published, rows))


def _published(row: sqlite3.Row) -> PublishedPlaylist:
    return PublishedPlaylist(
        source=row["source"],
        playlist_id=row["playlist_id"],
        source_name=row["source_name"],
        mpd_name=row["mpd_name"],
        published_at=row["published_at"],
        uris_hash=row["uris_hash"],
        former_name=row["former_name"],
    )
