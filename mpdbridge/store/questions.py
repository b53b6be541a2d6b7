"""What is yet to be asked about tracks, and what was answered: so that each thing is asked once, over all restarts.

The answers themselves are tracks and columns of tracks; here stands when a question may be put again.
"""

import json
from collections.abc import Iterable

from mpdbridge.models import Track
from mpdbridge.store.database import Database
from mpdbridge.store.rows import TRACK_LIST, track_of

# The album with the most tracks to complete goes first.
_NEXT_ALBUM = """SELECT album_id FROM tracks LEFT JOIN albums USING (album_id)
WHERE album_id NOT NULL AND track_number IS NULL AND (ask_again IS NULL OR ask_again <= ?)
GROUP BY album_id ORDER BY count(*) DESC, album_id LIMIT 1"""
_TRACKS_OF_ALBUM = f"""SELECT {TRACK_LIST} FROM tracks
WHERE album_id = ? AND track_number IS NULL"""  # noqa: S608  # constants of ours
_COUNTERPARTS = f"""SELECT counterparts.video_id AS asked, {TRACK_LIST}
FROM counterparts JOIN tracks ON tracks.video_id = counterparts.counterpart
WHERE counterparts.video_id IN (SELECT value FROM json_each(?))"""  # noqa: S608  # constants of ours


class Questions(Database):
    """The part of the TrackStore that knows what is still unknown."""

    def next_album(self) -> str | None:
        """The id of an album that has tracks without a number and may be asked about now, or None."""
        with self._reading() as connection:
            row = connection.execute(_NEXT_ALBUM, (self._clock(),)).fetchone()
        return None if row is None else str(row[0])

    def unnumbered_tracks(self, album_id: str) -> list[Track]:
        """The tracks of an album that have no number."""
        with self._reading() as connection:
            return [track_of(row) for row in connection.execute(_TRACKS_OF_ALBUM, (album_id,))]

    def note_album(self, album_id: str, *, again_after: float) -> None:
        """Note that an album was asked about, and shall not be for so many seconds."""
        with self._writing() as connection:
            connection.execute("REPLACE INTO albums VALUES (?, ?)", (album_id, self._clock() + again_after))

    def wish_counterparts(self, ids: Iterable[str]) -> None:
        """Note that the other versions (audio or video) of these tracks are wanted; known ones stay known."""
        with self._writing() as connection:
            connection.executemany("INSERT OR IGNORE INTO counterparts VALUES (?, NULL, 0)", [(one,) for one in ids])

    def next_counterpart(self) -> str | None:
        """The id of a track whose other version is wanted and may be asked for now, or None."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT video_id FROM counterparts WHERE ask_again <= ? ORDER BY ask_again LIMIT 1", (self._clock(),)
            ).fetchone()
        return None if row is None else str(row[0])

    def note_counterpart(self, track_id: str, counterpart: str | None, *, again_after: float) -> None:
        """Note the other version of a track; None: it has none as yet. A known one is not forgotten for None."""
        with self._writing() as connection:
            connection.execute(
                """INSERT INTO counterparts VALUES (?, ?, ?) ON CONFLICT (video_id) DO UPDATE SET
                counterpart = coalesce(excluded.counterpart, counterpart), ask_again = excluded.ask_again""",
                (track_id, counterpart, self._clock() + again_after),
            )

    def standing_for(self, track_id: str) -> list[str]:
        """The ids of the tracks whose known other version this track is."""
        with self._reading() as connection:
            rows = connection.execute("SELECT video_id FROM counterparts WHERE counterpart = ?", (track_id,)).fetchall()
        return [str(row["video_id"]) for row in rows]

    def counterparts(self, ids: Iterable[str]) -> dict[str, Track]:
        """The other versions of those among `ids` that have a known one, by the id of the track asked about."""
        with self._reading() as connection:
            rows = connection.execute(_COUNTERPARTS, (json.dumps(list(ids)),)).fetchall()
        return {row["asked"]: track_of(row) for row in rows}
