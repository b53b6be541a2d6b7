"""What a sync tells while it runs, and what it says at its end. Values only; whoever listens decides how it looks."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias

Via = Literal["mpd", "m3u"]
"""How playlists reach MPD: its own protocol, or files in its playlist directory (the fallback)."""

Change = Literal[
    "unchanged",  # MPD has it already; nothing was written
    "created",  # new in MPD
    "edited",  # changed in place by a few commands
    "replaced",  # rebuilt and swapped in whole
    "renamed",  # got the name it has at its source now; the tracks stayed
    "removed",  # gone from its source, or no longer wanted
    "kept",  # the source's answer could not be trusted; MPD has what it had
    "failed",  # see the reason
    "written-m3u",  # the fallback wrote its file
]


@dataclass(frozen=True, slots=True)
class PlaylistOutcome:
    """What became of one playlist.

    Attributes:
        source: name of its source.
        playlist_id: its id there.
        name: its name there.
        mpd_name: its name in MPD; empty when it never got one.
        change: what was done, or in a dry run would be done.
        tracks: number of entries it has in MPD now.
        added: entries that were not there before.
        removed: entries that are not there any more.
        renamed_from: its former name in MPD when it got a new one.
        unavailable: what the source lists but nobody can play, as `Artist - Title`.
        reason: one line, why it was kept or failed; for other changes what is worth knowing; may be empty.
        left_out: tracks at its end that are more than MPD loads of a playlist.
    """

    source: str
    playlist_id: str
    name: str
    mpd_name: str
    change: Change
    tracks: int = 0
    added: int = 0
    removed: int = 0
    renamed_from: str | None = None
    unavailable: tuple[str, ...] = ()
    reason: str = ""
    left_out: int = 0

    @property
    def label(self) -> str:
        """What to call it; one that could not be fetched has but the link or id by which it is wanted."""
        return self.mpd_name or self.name or self.playlist_id


@dataclass(frozen=True, slots=True)
class SourceFailed:
    """A source did not answer, or told only a part of what it has; whatever else of it is in MPD stays as it is.

    Attributes:
        listed: number of playlists that it told of nevertheless; those are synced.
        login_is_dead: that is the reason, so only the user can mend it.
    """

    source: str
    reason: str
    listed: int = 0
    login_is_dead: bool = False


@dataclass(frozen=True, slots=True)
class SyncReport:
    """The end of a sync.

    Attributes:
        target: MPD's address, without a password.
        playlists: one outcome for each, in the order of sources and their lists; removed ones last.
        sources_failed: sources that did not answer, or not with all they have.
        warnings: one line each; things that worked, but not as the user may expect.
        songs: tracks of these playlists that are songs of MPD's database; None without library mode.
        tracks_changed: rows of the TrackStore that are new or different.
        seconds: wall time.
        dry_run: nothing was written, neither to MPD nor to the TrackStore.
    """

    target: str
    via: Via
    playlists: tuple[PlaylistOutcome, ...] = ()
    sources_failed: tuple[SourceFailed, ...] = ()
    warnings: tuple[str, ...] = ()
    songs: int | None = None
    tracks_changed: int = 0
    seconds: float = 0.0
    dry_run: bool = False

    @property
    def failed(self) -> bool:
        """Whether anything went wrong that the exit code should tell."""
        return bool(self.sources_failed) or any(one.change == "failed" for one in self.playlists)

    def count(self, *changes: Change) -> int:
        """How many playlists had one of `changes`."""
        return sum(one.change in changes for one in self.playlists)

    def to_json(self) -> dict[str, object]:
        """The report as a mapping that `json.dumps` takes: all attributes, and `failed`."""
        return {**asdict(self), "seconds": round(self.seconds, 3), "failed": self.failed}


@dataclass(frozen=True, slots=True)
class SyncStarted:
    """It is known where playlists go, and which sources are asked."""

    target: str
    via: Via
    sources: tuple[str, ...]
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class SourceListed:
    """A source told which playlists it has; `wanted` of them are fetched."""

    source: str
    playlists: int
    wanted: int


@dataclass(frozen=True, slots=True)
class PlaylistFetched:
    """The tracks of a playlist are here; it is number `done` of `total`."""

    source: str
    name: str
    tracks: int
    unavailable: int
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class StreamsResolved:
    """The fallback without a relay got `done` of `total` stream URLs of a playlist; `failed` of them it did not get."""

    name: str
    done: int
    total: int
    failed: int


@dataclass(frozen=True, slots=True)
class PlaylistPublished:
    """A playlist is done (unchanged and removed ones too); it is number `done` of `total`."""

    outcome: PlaylistOutcome
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class PlaylistFailed:
    """A playlist could not be fetched or written; the others go on."""

    outcome: PlaylistOutcome
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Warned:
    """One line that the user should read. What still matters at the end is in the report's warnings too."""

    message: str


@dataclass(frozen=True, slots=True)
class SyncFinished:
    """The last event."""

    report: SyncReport


SyncEvent: TypeAlias = (
    SyncStarted
    | SourceListed
    | SourceFailed
    | PlaylistFetched
    | StreamsResolved
    | PlaylistPublished
    | PlaylistFailed
    | Warned
    | SyncFinished
)
Listener = Callable[[SyncEvent], None]
"""Gets every event in order; must not block and must not raise."""


def ignore(_event: SyncEvent) -> None:
    """The listener of those who only want the report."""
