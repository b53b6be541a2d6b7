"""TrackStore: tracks, their streams, what became of them, and small notes."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mpdbridge.models import Stream, Track
from mpdbridge.store.claims import PlaylistClaims
from mpdbridge.store.questions import Questions
from mpdbridge.store.rows import (
    STREAM_COLUMNS,
    TRACK_COLUMNS,
    TRACK_LIST,
    Value,
    storable,
    stream_of,
    stream_values,
    track_of,
    track_values,
)
from mpdbridge.store.sheets import SheetRecords

# A source that says less than another one did takes nothing away: an unknown value leaves the known one.
_KEPT = {
    "title": "coalesce(nullif(excluded.title, ''), title)",
    "artists": "CASE WHEN excluded.artist IS NULL THEN artists ELSE excluded.artists END",
    "source": "excluded.source",
}
_NEW_VALUES = {name: _KEPT.get(name, f"coalesce(excluded.{name}, {name})") for name in TRACK_COLUMNS[1:]}
_UPSERT = f"""INSERT INTO tracks ({", ".join(TRACK_COLUMNS)}, updated_at)
VALUES ({", ".join("?" * len(TRACK_COLUMNS))}, 0)
ON CONFLICT (video_id) DO UPDATE SET {", ".join(f"{name} = {value}" for name, value in _NEW_VALUES.items())}
WHERE ({", ".join(_NEW_VALUES)}) IS NOT ({", ".join(_NEW_VALUES.values())})"""  # noqa: S608  # constants of ours
_SELECT_TRACKS = f"""SELECT {TRACK_LIST} FROM tracks
WHERE video_id IN (SELECT value FROM json_each(?))"""  # noqa: S608  # constants of ours
_AS_STREAMED = TRACK_LIST.replace("tracks.duration", "coalesce(stream_duration, tracks.duration) AS duration")
_SELECT_AS_STREAMED = _SELECT_TRACKS.replace(TRACK_LIST, _AS_STREAMED)
_SET_STREAM = ", ".join(f"{name} = ?" for name in STREAM_COLUMNS) + ", dead_reason = NULL, dead_until = NULL"
_SAVE_STREAM = f"UPDATE tracks SET {_SET_STREAM} WHERE video_id = ?"  # noqa: S608  # constants of ours


@dataclass(frozen=True, slots=True)
class StoreCounts:
    """What the store holds.

    Attributes:
        resolved: tracks with a stream URL, fresh or not.
        dead: tracks that are known to be unplayable at present.
    """

    tracks: int
    resolved: int
    dead: int


class TrackStore(PlaylistClaims, Questions, SheetRecords):
    """All that the bridge remembers. Threads may share one; several processes may open the same file.

    `updated_at` is the time `stream_url` was resolved, in epoch seconds; 0 for a track never resolved.
    """

    def add_track(self, video_id: str, stream_url: str | None, title: str, artist: str | None = None) -> None:
        """Insert or update a track together with its stream URL; None leaves a known URL or artist as it is."""
        with self._writing() as connection:
            connection.execute(
                """INSERT INTO tracks (video_id, title, artist, updated_at) VALUES (?, ?, ?, 0)
                ON CONFLICT (video_id) DO UPDATE SET title = excluded.title, artist = coalesce(excluded.artist, artist)
                """,
                (video_id, storable(title), storable(artist)),
            )
            if stream_url is not None:
                connection.execute(_SAVE_STREAM, (*stream_values(Stream(stream_url, self._clock())), video_id))

    def get_track(self, video_id: str) -> sqlite3.Row | None:
        """The row of a track, readable by column name, or None."""
        with self._reading() as connection:
            row: sqlite3.Row | None = connection.execute(
                "SELECT * FROM tracks WHERE video_id = ?", (video_id,)
            ).fetchone()
        return row

    def update_stream_url(self, video_id: str, stream_url: str) -> None:
        """Replace the stream URL of a known track, resolved now; what was known of the old one is forgotten."""
        self.save_stream(video_id, Stream(stream_url, self._clock()))

    def upsert_tracks(self, tracks: Iterable[Track]) -> int:
        """Store what a source tells of its tracks, in one transaction, and return how many rows that changed.

        A known stream stays, a known value is never replaced by None, and a row that would stay the same is not
        written. Of a track that stands among them twice the later mention counts, completed by the earlier one.
        10,000 tracks take some 50 ms.
        """
        values: dict[Value, tuple[Value, ...]] = {}
        for row in map(track_values, tracks):
            earlier = values.get(row[0], row)
            values[row[0]] = tuple(old if new in (None, "") else new for old, new in zip(earlier, row, strict=True))
        with self._writing() as connection:
            before = connection.total_changes
            connection.executemany(_UPSERT, values.values())
            return connection.total_changes - before

    def remember(self, tracks: Sequence[Track]) -> list[Track]:
        """Store `tracks` (see `upsert_tracks`), and return them as `tracks_as_streamed` knows them, in their order."""
        self.upsert_tracks(tracks)
        known = self.tracks_as_streamed({track.track_id for track in tracks})
        return [known[track.track_id] for track in tracks]

    def track(self, track_id: str) -> Track | None:
        """The track of this id, or None."""
        row = self.get_track(track_id)
        return None if row is None else track_of(row)

    def tracks(self, ids: Iterable[str]) -> dict[str, Track]:
        """The known ones among `ids`, by id."""
        return self._by_id(_SELECT_TRACKS, ids)

    def tracks_as_streamed(self, ids: Iterable[str]) -> dict[str, Track]:
        """The same, but with the exact duration of the stream, where one was resolved, not with the source's word."""
        return self._by_id(_SELECT_AS_STREAMED, ids)

    def streamed_durations(self, ids: Iterable[str]) -> dict[str, float]:
        """The exact durations in seconds of those among `ids` that were resolved, by id."""
        with self._reading() as connection:
            rows = connection.execute(
                """SELECT video_id, stream_duration FROM tracks
                WHERE stream_duration NOT NULL AND video_id IN (SELECT value FROM json_each(?))""",
                (json.dumps(list(ids)),),
            ).fetchall()
        return {row["video_id"]: row["stream_duration"] for row in rows}

    def _by_id(self, select: str, ids: Iterable[str]) -> dict[str, Track]:
        with self._reading() as connection:
            rows = connection.execute(select, (json.dumps(list(ids)),)).fetchall()
        return {row["video_id"]: track_of(row) for row in rows}

    def likely_track(self) -> Track | None:
        """The track that was resolved last and can be played, as far as is known; never one of the demo."""
        with self._reading() as connection:
            row = connection.execute(
                """SELECT * FROM tracks WHERE source != 'demo' AND (dead_reason IS NULL OR dead_until <= ?)
                ORDER BY updated_at DESC LIMIT 1""",
                (self._clock(),),
            ).fetchone()
        return None if row is None else track_of(row)

    def untitled(self) -> dict[str, str]:
        """The tracks of which nothing but their address is known yet: that, by id."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT video_id, source_url FROM tracks WHERE title = '' AND source_url IS NOT NULL"
            ).fetchall()
        return {row["video_id"]: row["source_url"] for row in rows}

    def forget_untitled(self, track_id: str) -> None:
        """Forget a track of which nothing but its address became known."""
        with self._writing() as connection:
            connection.execute("DELETE FROM tracks WHERE video_id = ? AND title = ''", (track_id,))

    def stream(self, track_id: str) -> Stream | None:
        """The stream last resolved for a track, perhaps expired by now, or None."""
        row = self.get_track(track_id)
        return None if row is None else stream_of(row)

    def save_stream(self, track_id: str, stream: Stream) -> None:
        """Keep a fresh stream of a known track; it is not dead, then."""
        with self._writing() as connection:
            connection.execute(_SAVE_STREAM, (*stream_values(stream), track_id))

    def mark_dead(self, track_id: str, reason: str, until: float | None) -> None:
        """Remember why a track cannot be played, up to `until` (epoch seconds; None: until a stream is saved)."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE tracks SET dead_reason = ?, dead_until = ? WHERE video_id = ?",
                (storable(reason), until, track_id),
            )

    def dead_reason(self, track_id: str) -> str | None:
        """Why a track cannot be played at present, or None."""
        row = self.get_track(track_id)
        if row is None or (row["dead_until"] is not None and row["dead_until"] <= self._clock()):
            return None
        reason: str | None = row["dead_reason"]
        return reason

    def counts(self) -> StoreCounts:
        """How many tracks there are, and in which state."""
        with self._reading() as connection:
            row = connection.execute(
                """SELECT count(*), count(stream_url),
                    count(CASE WHEN dead_reason IS NOT NULL AND (dead_until IS NULL OR dead_until > ?) THEN 1 END)
                FROM tracks""",
                (self._clock(),),
            ).fetchone()
        return StoreCounts(*row)

    def set_note(self, key: str, value: str) -> None:
        """Remember a small text under `key`, e.g. the last sync's summary."""
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO notes (key, value) VALUES (?, ?)", (key, storable(value)))

    def note(self, key: str) -> str | None:
        """The text last set under `key`, or None."""
        with self._reading() as connection:
            row = connection.execute("SELECT value FROM notes WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row["value"])
