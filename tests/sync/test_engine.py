"""SyncEngine with the real publisher on a real mpd: what it writes, what it leaves, and what it tells."""

import asyncio
import json
import os
import signal
from dataclasses import replace

import pytest
from support.bridge import URLS, open_bridge, playlists_of, save
from support.libraries import Library, LibrarySource, Shelf, track

from mpdbridge.config import SyncSettings
from mpdbridge.errors import MpdRefusedError, StoreError
from mpdbridge.models import Playlist, PlaylistRef
from mpdbridge.store import AsyncStore, TrackStore
from mpdbridge.sync.engine import SyncEngine
from mpdbridge.sync.events import (
    PlaylistFailed,
    PlaylistFetched,
    PlaylistPublished,
    SourceFailed,
    SourceListed,
    SyncFinished,
    SyncStarted,
)
from mpdbridge.sync.links import ProxyLinks
from mpdbridge.sync.m3u_fallback import M3UDirectory

MIX = Shelf("A", "Mix", (1, 2, 3))
OTHER = Shelf("B", "Other", (4, 5))


def library(*shelves: Shelf, source: str = "first", broken: bool = False) -> Library:
    return Library(source, shelves, broken)


def uris(*numbers: int, source: str = "first") -> list[str]:
    return [URLS.of(track(number, source)) for number in numbers]


async def changes(bridge, *libraries: Library, **options) -> list[tuple[str, str]]:
    report = await bridge.sync(*libraries, **options)
    return [(one.mpd_name, one.change) for one in report.playlists]


async def test_playlists_stand_in_mpd_with_readable_urls_and_their_tracks_in_the_store(bridge, mpd) -> None:
    report = await bridge.sync(library(MIX, OTHER))
    assert playlists_of(mpd) == {"YT: Mix": uris(1, 2, 3), "YT: Other": uris(4, 5)}
    assert uris(1)[0] == "http://localhost:8080/proxy/track00000001/Somebody\u00a0-\u00a0Title\u00a01"
    assert [(one.change, one.tracks, one.added) for one in report.playlists] == [("created", 3, 3), ("created", 2, 2)]
    assert (report.tracks_changed, report.failed, report.via) == (5, False, "mpd")
    assert (await bridge.store.run(TrackStore.track, "track00000004")) == track(4)


async def test_an_unchanged_playlist_costs_no_write_and_wakes_no_client(bridge, mpd) -> None:
    await bridge.sync(library(MIX))
    claims = await bridge.store.run(TrackStore.published, bridge.target)
    with mpd.watch("stored_playlist") as watcher:
        report = await bridge.sync(library(MIX))
        assert watcher.changed() == set()
    assert [one.change for one in report.playlists] == ["unchanged"]
    assert report.tracks_changed == 0
    assert await bridge.store.run(TrackStore.published, bridge.target) == claims


async def test_edits_at_the_source_arrive_and_are_counted(bridge, mpd) -> None:
    await bridge.sync(library(MIX))
    report = await bridge.sync(library(replace(MIX, numbers=(3, 1, 1, 7))))
    assert playlists_of(mpd) == {"YT: Mix": uris(3, 1, 1, 7)}
    (one,) = report.playlists
    assert one.change in {"edited", "replaced"}
    assert (one.tracks, one.added, one.removed) == (4, 2, 1)


async def test_a_playlist_renamed_at_its_source_is_renamed_in_mpd(bridge, mpd) -> None:
    await bridge.sync(library(MIX))
    report = await bridge.sync(library(replace(MIX, name="Best")))
    assert playlists_of(mpd) == {"YT: Best": uris(1, 2, 3)}
    assert [(one.change, one.renamed_from) for one in report.playlists] == [("renamed", "YT: Mix")]


async def test_a_playlist_renamed_and_changed_is_both(bridge, mpd) -> None:
    await bridge.sync(library(MIX))
    report = await bridge.sync(library(replace(MIX, name="Best", numbers=(1, 2))))
    assert playlists_of(mpd) == {"YT: Best": uris(1, 2)}
    assert [(one.change, one.renamed_from) for one in report.playlists] == [("edited", "YT: Mix")]


async def test_what_is_gone_from_a_healthy_source_is_removed_if_pruning_is_on(bridge, mpd) -> None:
    await bridge.sync(library(MIX, OTHER))
    assert await changes(bridge, library(OTHER), prune=False) == [("YT: Other", "unchanged")]
    assert await changes(bridge, library(OTHER)) == [("YT: Other", "unchanged"), ("YT: Mix", "removed")]
    assert set(playlists_of(mpd)) == {"YT: Other"}
    assert await bridge.store.run(TrackStore.published, bridge.target)
    assert await changes(bridge, library(OTHER)) == [("YT: Other", "unchanged")]


async def test_a_broken_source_is_told_and_loses_nothing(bridge, mpd) -> None:
    await bridge.sync(library(MIX), library(OTHER, source="second"))
    report = await bridge.sync(library(broken=True), library(replace(OTHER, numbers=(4,)), source="second"))
    assert report.sources_failed == (SourceFailed("first", "first: out of order"),)
    assert report.failed
    assert playlists_of(mpd) == {"YT: Mix": uris(1, 2, 3), "YT: Other": uris(4, source="second")}


async def test_a_source_that_tells_only_a_part_is_told_of_and_loses_nothing(bridge, mpd) -> None:
    await bridge.sync(library(MIX, OTHER))
    part = Library("first", (replace(OTHER, numbers=(4,)),), lacking="its login is dead")
    report = await bridge.sync(part)
    assert report.sources_failed == (SourceFailed("first", "its login is dead", listed=1),)
    assert report.failed
    assert playlists_of(mpd) == {"YT: Mix": uris(1, 2, 3), "YT: Other": uris(4)}
    (missed,) = [one for one in (await bridge.sync(part, only=["Mix"])).playlists if one.change == "failed"]
    assert missed.reason.startswith("no source that answers in full has a playlist of this name")


async def test_a_playlist_that_fails_does_not_stop_the_others(bridge, mpd) -> None:
    await bridge.sync(library(MIX, OTHER))
    report = await bridge.sync(library(replace(MIX, answer="fails"), replace(OTHER, numbers=(4, 5, 6))))
    assert [(one.name, one.change, one.tracks, one.reason) for one in report.playlists] == [
        ("Mix", "failed", 3, "A: no answer"),
        ("Other", "edited", 3, ""),
    ]
    assert report.failed
    assert playlists_of(mpd) == {"YT: Mix": uris(1, 2, 3), "YT: Other": uris(4, 5, 6)}


async def test_doubtful_answers_keep_what_is_there_and_say_so(bridge, mpd) -> None:
    await bridge.sync(library(MIX, OTHER))
    report = await bridge.sync(library(replace(MIX, answer="short"), replace(OTHER, answer="empty")))
    assert [(one.change, one.reason) for one in report.playlists] == [
        ("kept", "1 of 3 tracks did not come; kept as it was"),
        ("kept", "no playable track came from its source"),
    ]
    assert not report.failed
    assert playlists_of(mpd) == {"YT: Mix": uris(1, 2, 3), "YT: Other": uris(4, 5)}


async def test_a_playlist_that_is_said_to_be_empty_is_left_for_its_user_to_remove(bridge, mpd) -> None:
    await bridge.sync(library(MIX))
    emptied = library(replace(MIX, numbers=()))
    (one,) = (await bridge.sync(emptied)).playlists
    assert (one.change, one.tracks, one.reason) == ("kept", 3, "is said to be empty; if it is, `mpc rm` it")
    await asyncio.to_thread(mpd.command, "rm", "YT: Mix")
    assert await changes(bridge, emptied) == [("YT: Mix", "unchanged")]
    assert playlists_of(mpd) == {}


async def test_an_empty_playlist_does_not_appear_in_mpd(bridge, mpd) -> None:
    assert await changes(bridge, library(replace(MIX, numbers=()))) == [("", "unchanged")]
    assert playlists_of(mpd) == {}


async def test_the_users_own_playlist_of_the_same_name_stays(bridge, mpd) -> None:
    save(mpd, "YT: Mix", ["http://radio/"])
    assert await changes(bridge, library(MIX)) == [("YT: Mix (2)", "created")]
    assert playlists_of(mpd) == {"YT: Mix": ["http://radio/"], "YT: Mix (2)": uris(1, 2, 3)}


async def test_names_that_mpd_refuses_or_that_look_alike_stay_different(bridge, mpd) -> None:
    shelves = [Shelf("A", "a/b", (1,)), Shelf("B", "a∕b", (2,)), Shelf("C", 'a\n"clear"\n', (3,)), Shelf("D", "", (4,))]
    await bridge.sync(library(*shelves))
    assert playlists_of(mpd) == {
        "YT: a∕b": uris(1),
        "YT: a∕b (2)": uris(2),
        'YT: a "clear"': uris(3),
        "YT: D": uris(4),
    }


async def test_a_dry_run_tells_what_would_be_done_and_writes_nothing(bridge, mpd) -> None:
    await bridge.sync(library(MIX, OTHER, Shelf("C", "Gone", (6,))))
    before, claims = playlists_of(mpd), await bridge.store.run(TrackStore.published, bridge.target)
    today = library(replace(MIX, name="Best"), replace(OTHER, numbers=(5, 8)), Shelf("D", "New", (9,)))
    planned = await bridge.sync(today, dry_run=True)
    assert planned.dry_run
    assert playlists_of(mpd) == before
    assert await bridge.store.run(TrackStore.published, bridge.target) == claims
    assert await bridge.store.run(TrackStore.track, "track00000009") is None
    done = await bridge.sync(today)
    assert done.playlists == planned.playlists


async def test_named_playlists_are_synced_alone(bridge, mpd) -> None:
    await bridge.sync(library(MIX, OTHER, Shelf("C", "Third", (6,))))
    sources = library(replace(MIX, numbers=(1,)), replace(OTHER, numbers=(4,)))
    assert await changes(bridge, sources, only=["Mix"]) == [("YT: Mix", "edited")]
    assert await changes(bridge, sources, only=["YT: Oth*"]) == [("YT: Other", "edited")]
    assert set(playlists_of(mpd)) == {"YT: Mix", "YT: Other", "YT: Third"}


async def test_only_what_was_asked_for_is_fetched(bridge, mpd) -> None:
    source = LibrarySource(library(MIX, OTHER))
    await bridge.sync(source.library, only=["B"])
    fetched = [event.name for event in bridge.events if isinstance(event, PlaylistFetched)]
    assert fetched == ["Other"]


async def test_a_named_playlist_that_is_nowhere_is_a_failure(bridge) -> None:
    report = await bridge.sync(library(MIX), only=["Mixx"])
    assert [(one.name, one.change) for one in report.playlists] == [("Mixx", "failed")]
    assert report.failed


async def test_filters_of_the_configuration_decide_what_is_wanted(bridge, mpd) -> None:
    await bridge.sync(library(MIX, OTHER))
    filters = {"include": ["*"], "exclude": ["Oth*"]}
    assert await changes(bridge, library(MIX, OTHER), playlists=filters) == [
        ("YT: Mix", "unchanged"),
        ("YT: Other", "removed"),
    ]


async def test_filters_know_the_name_of_a_link_that_cannot_be_fetched_today(bridge, mpd) -> None:
    """Its name comes with its tracks."""
    filters = {"include": ["Mix", "Other"]}
    await bridge.sync(library(MIX, OTHER), playlists=filters)
    nameless = replace(MIX, name="", answer="fails")
    assert await changes(bridge, library(nameless, OTHER), playlists=filters) == [
        ("YT: Mix", "failed"),
        ("YT: Other", "unchanged"),
    ]
    assert playlists_of(mpd)["YT: Mix"] == uris(1, 2, 3)


async def test_filters_do_not_hide_a_link_that_never_told_its_name(bridge) -> None:
    broken = library(Shelf("PLgone", "", (), answer="fails"), OTHER)
    told = await bridge.sync(broken, playlists={"include": ["Other"]})
    assert [(one.label, one.change) for one in told.playlists] == [("PLgone", "failed"), ("YT: Other", "created")]
    without = {"include": ["Other"], "exclude": ["PLgone"]}
    assert await changes(bridge, broken, playlists=without) == [("YT: Other", "unchanged")]


async def test_a_new_prefix_renames_what_is_ours(bridge, mpd) -> None:
    await bridge.sync(library(MIX))
    assert await changes(bridge, library(MIX), playlist_prefix="♪ ") == [("♪ Mix", "renamed")]
    assert set(playlists_of(mpd)) == {"♪ Mix"}


async def test_the_same_mpd_under_another_address_is_not_filled_twice(mpd, tmp_path) -> None:
    for target in ("by socket", "by tcp", "by socket"):
        async with open_bridge(mpd, path=tmp_path / "tracks.db", target=target) as bridge:
            await bridge.sync(library(MIX, OTHER))
            assert playlists_of(mpd) == {"YT: Mix": uris(1, 2, 3), "YT: Other": uris(4, 5)}


async def test_a_dry_run_under_another_address_notes_nothing_there(bridge) -> None:
    await bridge.sync(library(MIX))
    bridge.target = "another"
    assert [one.change for one in (await bridge.sync(library(MIX), dry_run=True)).playlists] == ["unchanged"]
    assert await bridge.store.run(TrackStore.published, "another") == {}


async def test_a_name_given_up_under_another_address_is_free_even_when_its_former_owner_does_not_answer(
    bridge, mpd
) -> None:
    blues, new = replace(MIX, name="Blues"), replace(OTHER, name="Mix")
    for target, *shelves in [("b", MIX), ("a", blues), ("b", replace(blues, answer="empty"), new), ("b", blues, new)]:
        bridge.target = target
        await bridge.sync(library(*shelves))
        claims = await bridge.store.run(TrackStore.published, target)
        names = [claim.mpd_name for claim in claims.values()]
        assert sorted(names) == sorted(playlists_of(mpd)), "one claim for each"
    assert playlists_of(mpd) == {"YT: Blues": uris(1, 2, 3), "YT: Mix": uris(4, 5)}


async def test_a_name_given_up_by_a_killed_run_is_free_even_when_its_former_owner_does_not_answer(bridge, mpd) -> None:
    blues, new = replace(MIX, name="Blues"), replace(OTHER, name="Mix")
    await bridge.sync(library(MIX))
    await bridge.store.run(TrackStore.begin_rename, bridge.target, PlaylistRef("first", "A", "Blues"), "YT: Blues")
    mpd.command("rename", "YT: Mix", "YT: Blues")  # and the run was killed before it could say so
    await bridge.sync(library(replace(blues, answer="fails"), new))
    claims = await bridge.store.run(TrackStore.published, bridge.target)
    assert {key[1]: claim.mpd_name for key, claim in claims.items()} == {"A": "YT: Blues", "B": "YT: Mix"}
    assert await changes(bridge, library(blues, new)) == [("YT: Blues", "unchanged"), ("YT: Mix", "unchanged")]


async def test_two_mpds_are_fed_at_once_and_independently(start_mpd, tmp_path) -> None:
    one, two = start_mpd(), start_mpd()
    path = tmp_path / "tracks.db"
    async with open_bridge(one, path=path) as first, open_bridge(two, path=path) as second:
        await first.sync(library(MIX))
        await second.sync(library(OTHER))
        await first.sync(library(MIX, OTHER))
        await second.sync(library(MIX))
    assert set(playlists_of(one)) == {"YT: Mix", "YT: Other"}
    assert set(playlists_of(two)) == {"YT: Mix"}


async def test_of_more_tracks_than_mpd_loads_those_that_fit_are_published_with_a_warning(start_mpd) -> None:
    mpd = start_mpd(max_playlist_length=10)
    many = replace(MIX, numbers=tuple(range(1, 31)))
    async with open_bridge(mpd) as bridge:
        report = await bridge.sync(library(many, OTHER))
        assert playlists_of(mpd) == {"YT: Mix": uris(*range(1, 11)), "YT: Other": uris(4, 5)}
        assert [(one.change, one.tracks, one.left_out) for one in report.playlists] == [
            ("created", 10, 20),
            ("created", 2, 0),
        ]
        assert report.playlists[0].reason == "the last 20 do not fit, see the warning"
        (warning,) = report.warnings
        assert warning.startswith(
            "MPD loads no more than 10 entries of a playlist, so the rest is left out of YT: Mix:"
        )
        assert not report.failed
        mpd.command("load", "YT: Mix")


async def test_what_mpd_loads_is_learned_once_and_anew_after_a_restart(start_mpd) -> None:
    mpd = start_mpd(max_playlist_length=10)
    many = replace(MIX, numbers=tuple(range(1, 31)))
    async with open_bridge(mpd) as first, open_bridge(mpd) as second:
        await first.sync(library(many))
        second.store = first.store
        with mpd.watch("stored_playlist") as watcher:
            report = await second.sync(library(many))
            assert watcher.changed() == set()
        assert [(one.change, one.left_out) for one in report.playlists] == [("unchanged", 20)]
        assert len(report.warnings) == 1
        mpd.stop()
        mpd.max_playlist_length = 20
        mpd.start()
        key = f"longest_playlist {first.target}"
        noted = json.loads(await first.store.run(TrackStore.note, key))
        long_ago = json.dumps({**noted, "since": noted["since"] - 60})
        await first.store.run(TrackStore.set_note, key, long_ago)
        async with open_bridge(mpd) as third:
            third.store = first.store
            report = await third.sync(library(replace(many, numbers=tuple(range(1, 16)))))
            assert [(one.change, one.tracks, one.left_out) for one in report.playlists] == [("replaced", 15, 0)]
            assert report.warnings == ()
            await third.sync(library(many))
            assert playlists_of(mpd) == {"YT: Mix": uris(*range(1, 21))}


async def test_an_mpd_that_goes_away_fails_the_rest_and_the_next_sync_makes_it_good(start_mpd) -> None:
    mpd = start_mpd()
    async with open_bridge(mpd) as bridge:
        listener = bridge.events.append

        def stop_after_the_first(event) -> None:
            listener(event)
            if isinstance(event, PlaylistPublished):
                os.kill(mpd.pid, signal.SIGKILL)

        bridge.events = _Listening(stop_after_the_first)
        report = await bridge.sync(library(MIX, OTHER))
        assert [one.change for one in report.playlists] == ["created", "failed"]
        mpd.stop()
        mpd.start()
        bridge.events = []
        assert await changes(bridge, library(MIX, OTHER)) == [("YT: Mix", "unchanged"), ("YT: Other", "created")]


class _Listening(list):
    def __init__(self, listener) -> None:
        self.append = listener


async def test_events_tell_the_sync_in_order(bridge) -> None:
    report = await bridge.sync(library(MIX, replace(OTHER, answer="fails")), library(source="second", broken=True))
    assert [type(event) for event in bridge.events] == [
        SyncStarted,
        SourceListed,
        SourceFailed,
        PlaylistFetched,
        PlaylistFailed,
        PlaylistPublished,
        SyncFinished,
    ]
    assert bridge.events[0].sources == ("first", "second")
    assert bridge.events[-1].report == report


async def test_the_report_can_be_printed_as_json(bridge) -> None:
    report = await bridge.sync(library(MIX))
    told = json.loads(json.dumps(report.to_json()))
    assert told["playlists"][0]["change"] == "created"
    assert told["failed"] is False
    assert report.count("created", "edited") == 1


@pytest.mark.parametrize("unavailable", [(), ("Somebody - Gone",)])
async def test_what_a_source_tells_with_the_tracks_goes_before_its_list(bridge, mpd, unavailable) -> None:
    """A link's name and number of tracks are known only once it is fetched."""

    class LinkSource(LibrarySource):
        async def fetch(self, ref: PlaylistRef) -> Playlist:
            return Playlist(PlaylistRef("first", "A", "Real Name", announced=2), (track(1),), unavailable)

    bridge_source = LinkSource(library(replace(MIX, name="PLxyz")))
    engine_report = await _sync_with(bridge, bridge_source)
    (one,) = engine_report.playlists
    assert (one.name, one.mpd_name, one.unavailable) == ("Real Name", "YT: Real Name", unavailable)
    assert one.reason == ("" if unavailable else "1 of 2 tracks did not come")


async def _sync_with(bridge, source):
    return await SyncEngine(
        sources=[source],
        store=bridge.store,
        destination=bridge.destination,
        links=ProxyLinks(URLS),
        urls=URLS,
        settings=SyncSettings(),
        target=bridge.target,
    ).run()


class Troubled:
    """The real destination, but for one method."""

    def __init__(self, real, **methods) -> None:
        self.via, self.longest, self.doubted = real.via, None, None
        for name in ("names", "read", "publish", "rename", "remove", "clear_leftovers", "running_since"):
            setattr(self, name, methods.get(name, getattr(real, name)))


async def test_a_playlist_that_its_user_deletes_during_the_sync_comes_back(bridge, mpd) -> None:
    await bridge.sync(library(MIX, OTHER))
    real = bridge.destination

    async def names() -> set[str]:
        found = await real.names()
        await asyncio.to_thread(mpd.command, "rm", "YT: Mix")
        return found

    bridge.destination = Troubled(real, names=names)
    assert await changes(bridge, library(MIX, OTHER)) == [("YT: Mix", "created"), ("YT: Other", "unchanged")]


@pytest.mark.parametrize("as_files", [False, True])
async def test_a_playlist_that_its_user_makes_during_the_sync_is_his(bridge, mpd, as_files) -> None:
    real = M3UDirectory(mpd.playlist_directory) if as_files else bridge.destination

    async def names() -> set[str]:
        found = await real.names()
        if "YT: Mix" not in found:
            await asyncio.to_thread(save, mpd, "YT: Mix", ["http://radio/1"])
        return found

    bridge.destination = Troubled(real, names=names)
    assert [change for _, change in await changes(bridge, library(MIX))] == ["failed"]
    assert [name for name, _ in await changes(bridge, library(MIX))] == ["YT: Mix (2)"]
    assert playlists_of(mpd) == {"YT: Mix": ["http://radio/1"], "YT: Mix (2)": uris(1, 2, 3)}


async def test_a_playlist_that_cannot_be_removed_is_removed_next_time(bridge, mpd) -> None:
    await bridge.sync(library(MIX, OTHER))
    real = bridge.destination

    async def remove(_name: str) -> None:
        raise MpdRefusedError("MPD refused rm: no permission", code=4)

    bridge.destination = Troubled(real, remove=remove)
    report = await bridge.sync(library(OTHER))
    assert [(one.mpd_name, one.change) for one in report.playlists][1] == ("YT: Mix", "failed")
    bridge.destination = real
    assert await changes(bridge, library(OTHER)) == [("YT: Other", "unchanged"), ("YT: Mix", "removed")]


async def test_nothing_is_written_that_could_not_be_claimed_first(bridge, mpd) -> None:
    class FullDisk(AsyncStore):
        async def run(self, method, *args, **kwargs):
            if method is TrackStore.claim:
                raise StoreError("tracks.db: cannot grow, the disk is full")
            return await real.run(method, *args, **kwargs)

    real, bridge.store = bridge.store, FullDisk(None, None)
    with pytest.raises(StoreError):
        await bridge.sync(library(MIX, OTHER))
    assert playlists_of(mpd) == {}
    bridge.store = real
