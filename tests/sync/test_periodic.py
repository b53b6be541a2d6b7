"""The sync of a running bridge goes on whatever happens, and soon when MPD comes back."""

import asyncio
from contextlib import asynccontextmanager

from structlog.testing import capture_logs
from support.waiting import eventually

from mpdbridge.errors import SourceError
from mpdbridge.sync import periodic
from mpdbridge.sync.events import PlaylistOutcome, SourceFailed, SyncReport
from mpdbridge.sync.periodic import PeriodicSync

FINE = SyncReport(target="mpd", via="mpd", tracks_changed=3)
FILES = SyncReport(target="mpd", via="m3u", warnings=("MPD is away; the playlists are written as files into /p",))


class Syncs:
    """Answers one after the other, the last one for ever; counts how often it was asked."""

    def __init__(self, *answers: SyncReport | Exception) -> None:
        self._answers = answers
        self.count = 0

    async def __call__(self) -> SyncReport:
        answer = self._answers[min(self.count, len(self._answers) - 1)]
        self.count += 1
        if isinstance(answer, Exception):
            raise answer
        return answer


class Mpd:
    there = True


@asynccontextmanager
async def running(syncs: Syncs, mpd: Mpd, *, interval: float = 3600):
    changes: list[int] = []
    looped = PeriodicSync(
        sync=syncs, interval=interval, mpd_is_there=lambda: mpd.there, tracks_changed=lambda: changes.append(1)
    )
    async with asyncio.TaskGroup() as group:
        task = group.create_task(looped.run())
        yield looped, changes
        task.cancel()


async def test_it_syncs_at_once_and_then_every_interval_and_tells_of_new_tracks() -> None:
    syncs = Syncs(FINE)
    async with running(syncs, Mpd(), interval=0.05) as (looped, changes):
        await eventually(lambda: syncs.count >= 3, "three syncs")
        assert looped.last == FINE
        assert len(changes) >= 2


async def test_a_sync_that_fails_is_told_and_tried_again() -> None:
    syncs = Syncs(SourceError("first: out of order"), FINE)
    with capture_logs() as logs:
        async with running(syncs, Mpd(), interval=0.05) as (looped, _):
            await eventually(lambda: syncs.count == 1, "the first sync")
            assert looped.last_error == "first: out of order"
            await eventually(lambda: looped.last == FINE, "the second sync")
            assert looped.last_error is None
    assert logs[0]["event"] == "sync failed"


async def test_not_even_a_mistake_of_ours_ends_it() -> None:
    syncs = Syncs(KeyError("contents"), FINE)
    with capture_logs() as logs:
        async with running(syncs, Mpd(), interval=0.05) as (looped, _):
            await eventually(lambda: looped.last == FINE, "the second sync")
    assert logs[0]["log_level"] == "error"


async def test_it_does_not_wait_for_its_turn_when_mpd_comes_back(monkeypatch) -> None:
    monkeypatch.setattr(periodic, "_GLANCE", 0.01)
    for answer in (SourceError("MPD is away"), FILES):
        mpd, syncs = Mpd(), Syncs(answer, FINE)
        mpd.there = False
        async with running(syncs, mpd) as (looped, _):
            await eventually(lambda syncs=syncs: syncs.count == 1, "the first sync")
            await asyncio.sleep(0.05)
            assert syncs.count == 1
            mpd.there = True
            await eventually(lambda looped=looped: looped.last == FINE, "the next sync")


async def test_an_mpd_that_is_there_but_takes_nothing_is_not_asked_again_and_again(monkeypatch) -> None:
    monkeypatch.setattr(periodic, "_GLANCE", 0.01)
    syncs = Syncs(FILES)
    async with running(syncs, Mpd()):
        await eventually(lambda: syncs.count == 1, "the first sync")
        await asyncio.sleep(0.1)
        assert syncs.count == 1


async def test_the_log_tells_what_changed_and_what_could_not_be_done() -> None:
    report = SyncReport(
        target="mpd",
        via="m3u",
        warnings=("MPD is away",),
        sources_failed=(SourceFailed("second", "out of order"),),
        playlists=(
            PlaylistOutcome("first", "A", "Mix", "YT: Mix", "edited", tracks=3, added=1),
            PlaylistOutcome("first", "B", "Other", "YT: Other", "unchanged", tracks=3),
            PlaylistOutcome("first", "C", "New", "", "failed", reason="no answer"),
            PlaylistOutcome("first", "PLgone", "", "", "failed", reason="no such page"),
            PlaylistOutcome("first", "PLprivate", "", "", "failed", reason="no such page"),
        ),
    )
    syncs = Syncs(report)
    with capture_logs() as logs:
        async with running(syncs, Mpd()):
            await eventually(lambda: logs and logs[-1]["event"] == "synced", "the log")
    assert [(log["event"], log["log_level"]) for log in logs] == [
        ("not all is as it should be in MPD", "warning"),
        ("source does not tell all it has", "warning"),
        *[("playlist stays as it is", "warning")] * 3,
        ("playlist changed", "info"),
        ("synced", "info"),
    ]
    assert [(log["playlist"], log["reason"]) for log in logs[2:5]] == [
        ("New", "no answer"),
        ("PLgone", "no such page"),
        ("PLprivate", "no such page"),
    ]


async def test_a_long_outage_is_two_lines() -> None:
    """And a bridge that has nothing to do says nothing."""
    kept = SyncReport(
        "mpd", "mpd", playlists=(PlaylistOutcome("first", "A", "Mix", "YT: Mix", "kept", reason="3 are missing"),)
    )
    quiet = SyncReport("mpd", "mpd")
    away = SourceError("cannot reach MPD")
    syncs = Syncs(quiet, away, away, away, quiet, kept, kept, quiet, quiet)
    with capture_logs() as logs:
        async with running(syncs, Mpd(), interval=0.01):
            await eventually(lambda: syncs.count > 9, "all syncs")
    assert [log["event"] for log in logs if log["log_level"] != "debug"] == [
        "sync failed",
        "syncs again",
        "playlist stays as it is",
        "playlist is kept up again",
    ]


async def test_the_trouble_of_a_source_is_told_when_it_begins_and_when_it_ends() -> None:
    def failed(reason: str) -> SyncReport:
        return SyncReport("mpd", "mpd", sources_failed=(SourceFailed("first", reason, listed=2),))

    syncs = Syncs(FINE, failed("dead"), failed("dead"), failed("away"), FINE, FINE)
    with capture_logs() as logs:
        async with running(syncs, Mpd(), interval=0.01):
            await eventually(lambda: syncs.count > 6, "all syncs")
    told = [log for log in logs if log["event"] != "synced"]
    assert [(log["event"], log.get("reason") or log["it_was"]) for log in told] == [
        ("source does not tell all it has", "dead"),
        ("source does not tell all it has", "away"),
        ("source is well again", "away"),
    ]


async def test_a_dead_login_is_told_once_and_that_it_works_again() -> None:
    trouble = SourceFailed("first", "the login has died: log in", listed=2, login_is_dead=True)
    dead = SyncReport("mpd", "mpd", sources_failed=(trouble,))
    syncs = Syncs(FINE, dead, dead, FINE, FINE)
    with capture_logs() as logs:
        async with running(syncs, Mpd(), interval=0.01):
            await eventually(lambda: syncs.count > 5, "all syncs")
    told = [(log["event"], log.get("reason")) for log in logs if log["event"] != "synced"]
    assert told == [("login is dead", "the login has died: log in"), ("login works again", None)]
