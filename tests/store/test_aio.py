"""AsyncStore: the TrackStore without blocking the event loop."""

import asyncio
import threading
import time

import pytest

from mpdbridge.errors import StoreError
from mpdbridge.models import Track
from mpdbridge.store import AsyncStore, TrackStore


async def test_calls_run_in_one_thread_of_their_own_in_order(tmp_path):
    async with AsyncStore.open(tmp_path / "tracks.db") as store:
        threads = []

        def note(_store, number):
            threads.append((number, threading.current_thread()))

        async with asyncio.TaskGroup() as group:
            for number in range(20):
                group.create_task(store.run(note, number))
    assert [number for number, _ in threads] == list(range(20))
    assert len({thread for _, thread in threads}) == 1
    assert threads[0][1] is not threading.main_thread()


async def test_methods_of_the_track_store_work_through_it(tmp_path):
    async with AsyncStore.open(tmp_path / "tracks.db") as store:
        track = Track("oLtmHdXKIYE", "Title")
        assert await store.run(TrackStore.upsert_tracks, [track]) == 1
        assert await store.run(TrackStore.tracks, ["oLtmHdXKIYE"]) == {"oLtmHdXKIYE": track}


async def test_what_was_asked_before_the_end_is_done_before_the_file_is_closed(tmp_path):
    async with AsyncStore.open(tmp_path / "tracks.db") as store:
        works = (lambda _store: time.sleep(0.1), lambda opened: opened.set_note("key", "value"))
        asked = [asyncio.get_running_loop().create_task(store.run(work)) for work in works]
        await asyncio.sleep(0)
    assert all(each.done() for each in asked)
    async with AsyncStore.open(tmp_path / "tracks.db") as store:
        assert await store.run(TrackStore.note, "key") == "value"


async def test_errors_of_the_store_arrive(tmp_path):
    (tmp_path / "tracks.db").write_text("no database" * 1000)
    with pytest.raises(StoreError, match="not a database"):
        async with AsyncStore.open(tmp_path / "tracks.db"):
            pass


async def test_it_works_only_inside_its_async_with():
    async with AsyncStore.open(":memory:") as store:
        pass
    with pytest.raises(RuntimeError, match="async with"):
        await store.run(TrackStore.counts)
