"""The heads on disk: kept, found again, bounded, and gone at the first doubt; never an error for the listener."""

import asyncio
import os
import stat
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from mpdbridge.relay.disk_cache import CacheCount
from mpdbridge.relay.head_file import Head, decode, encode
from mpdbridge.relay.heads import HeadCache, users_heads
from mpdbridge.relay.origin import Origin

PLENTY = 1_000_000
BODY = bytes(range(250))


def head(name: str = "a", body: bytes = BODY) -> Head:
    return Head(name.ljust(11, "_"), Origin("", "251", 100_000, "audio/webm"), body)


SIZE = len(encode(head()))


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "cache" / "mpdbridge" / "heads"


def cache(folder: Path, limit: int = PLENTY) -> HeadCache:
    return HeadCache(folder=folder, limit=limit)


async def kept(heads: HeadCache) -> str:
    """Names of the heads that are there, found without using them."""
    await heads.count()  # everything asked for before is done
    return "".join(sorted(path.name[0] for path in heads._folder.iterdir()))


async def test_a_head_is_found_again_also_by_the_next_process(folder) -> None:
    async with cache(folder) as heads:
        assert await heads.get(head().track_id) is None
        heads.keep(head())
        assert await heads.get(head().track_id) == head()
        assert await heads.count() == CacheCount(1, SIZE)
    async with cache(folder) as heads:
        assert await heads.get(head().track_id) == head()


async def test_nobody_else_may_look_at_what_was_listened_to(folder) -> None:
    async with cache(folder) as heads:
        heads.keep(head())
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())]
    assert modes == [0o700, 0o600]


async def test_a_newer_head_takes_the_place_of_the_older(folder) -> None:
    async with cache(folder) as heads:
        heads.keep(head())
        heads.keep(head(body=b"newer"))
        found = await heads.get(head().track_id)
        assert found.body == b"newer"
        assert (await heads.count()).count == 1


async def test_a_dropped_head_is_gone_and_may_be_dropped_again(folder) -> None:
    async with cache(folder) as heads:
        heads.keep(head())
        for _ in range(2):
            heads.drop(head().track_id)
        assert await heads.get(head().track_id) is None


async def test_the_least_recently_used_makes_room(folder) -> None:
    async with cache(folder, 3 * SIZE) as heads:
        for name in "abc":
            heads.keep(head(name))
        await heads.get(head("a").track_id)
        heads.keep(head("d"))
        assert await kept(heads) == "acd"
        heads.keep(head("e"))
        assert await kept(heads) == "ade"


async def test_the_order_of_use_outlives_the_process(folder) -> None:
    async with cache(folder) as heads:
        for name in "abcd":
            heads.keep(head(name))
        await heads.get(head("a").track_id)
    async with cache(folder, 2 * SIZE) as heads:
        assert await kept(heads) == "ad", "a limit that was lowered holds from the start"


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("abcdefg"), st.integers(1, 700)), max_size=20), st.integers(0, 2000))
async def test_it_never_holds_more_than_it_may(tmp_path_factory, steps, limit) -> None:
    folder = tmp_path_factory.mktemp("heads")
    async with cache(folder, limit) as heads:
        for name, size in steps:
            heads.keep(head(name, bytes(size)))
            count = await heads.count()
            assert count.bytes <= limit
            assert count.bytes == sum(path.stat().st_size for path in folder.iterdir())
            fits = len(encode(head(name, bytes(size)))) <= limit
            assert not fits or (await heads.get(head(name).track_id)).body == bytes(size)


async def test_a_limit_of_zero_keeps_nothing_and_frees_what_there_was(folder) -> None:
    async with cache(folder) as heads:
        heads.keep(head())
    async with cache(folder, 0) as heads:
        heads.keep(head("b"))
        assert await heads.get(head().track_id) is None
        assert await heads.count() == CacheCount(0, 0)
    assert not list(folder.iterdir())


def truncate(path: Path) -> None:
    os.truncate(path, 100)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)


def of_another(path: Path) -> None:
    path.write_bytes(encode(replace(head(), track_id="A__________")))


@pytest.mark.parametrize("damage", [truncate, flip, of_another, lambda path: path.write_bytes(b"")])
async def test_a_damaged_file_is_ignored_and_removed(folder, damage: Callable[[Path], None]) -> None:
    async with cache(folder) as heads:
        heads.keep(head())
        await heads.count()
        [path] = folder.iterdir()
        damage(path)
        assert await heads.get(head().track_id) is None
        assert not path.exists()
        heads.keep(head())
        assert await heads.get(head().track_id) == head()


async def test_what_a_killed_writer_left_is_cleared_away_in_time_and_another_bridges_is_not(folder) -> None:
    async with cache(folder) as heads:
        heads.keep(head())
    old, young = folder / "tmpold.part", folder / "tmpyoung.part"
    for path in (old, young):
        path.write_bytes(b"half of it")
    os.utime(old, (time.time() - 7200,) * 2)
    async with cache(folder) as heads:
        assert await heads.count() == CacheCount(1, SIZE)
    assert (old.exists(), young.exists()) == (False, True)


async def test_a_full_disk_is_told_once_and_costs_only_the_head(folder, monkeypatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    async with cache(folder) as heads:
        heads.keep(head("a"))
        await heads.count()
        with capture_logs() as logs, monkeypatch.context() as patched:
            patched.setattr("mpdbridge.relay.disk_cache.os.utime", full)
            for name in "bcd":
                heads.keep(head(name))
            await heads.count()
        assert [(line["event"], line["reason"]) for line in logs] == [("nothing is kept", "No space left on device")]
        assert await kept(heads) == "a", "nothing half-written is left"
        heads.keep(head("b"))
        assert await kept(heads) == "ab"


@pytest.mark.parametrize("obstacle", ["file", "folder"])
async def test_a_folder_that_cannot_be_had_means_no_heads(folder, obstacle) -> None:
    folder.parent.mkdir(parents=True)
    if obstacle == "file":
        folder.write_text("what is this?")
    else:
        (folder / f"{head().track_id}.head").mkdir(parents=True)
    with capture_logs() as logs:
        async with cache(folder) as heads:
            heads.keep(head())
            assert await heads.get(head().track_id) is None
            heads.drop(head().track_id)
    assert "heads of tracks" in [line.get("of") for line in logs if line["event"] == "nothing is kept"]


async def test_two_bridges_share_one_folder(folder) -> None:
    async with cache(folder, 3 * SIZE) as one, cache(folder, 3 * SIZE) as other:
        for number in range(20):
            (one, other)[number % 2].keep(head("abcdef"[number % 6]))
            await asyncio.gather(one.count(), other.count())  # noqa: TID251
        assert (await one.count()).count == 3
        assert await kept(one) == await kept(other)


async def test_it_is_not_used_outside_of_its_with(folder) -> None:
    with pytest.raises(RuntimeError):
        await cache(folder).get(head().track_id)


_KEEPS_FOR_EVER = """
import asyncio, itertools, pathlib, sys
from mpdbridge.relay.disk_cache import CacheCount
from mpdbridge.relay.head_file import Head
from mpdbridge.relay.heads import HeadCache
from mpdbridge.relay.origin import Origin

async def keep() -> None:
    async with HeadCache(folder=pathlib.Path(sys.argv[1]), limit=2_000_000) as heads:
        for number in itertools.count():
            heads.keep(Head(f"{number % 9}__________", Origin("", "251", 10**6, None), bytes([number % 9]) * 262_144))
            await heads.count()  # it is written
            print(number, flush=True)

asyncio.run(keep())
"""


async def test_a_kill_leaves_whole_heads_and_nothing_that_counts(folder) -> None:
    for kept_before in (3, 4, 5, 6):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _KEEPS_FOR_EVER, str(folder)), stdout=asyncio.subprocess.PIPE
        )
        for _ in range(kept_before):
            await process.stdout.readline()
        process.kill()
        await process.communicate()
        for path in folder.glob("*.head"):
            assert set(decode(path.read_bytes(), path.stem).body) == {int(path.stem[0])}
        async with cache(folder, 2_000_000) as heads:
            assert (await heads.count()).count >= kept_before


async def test_the_users_heads_are_in_the_cache_folder_and_zero_megabytes_remove_them(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    async with users_heads(megabytes=1) as heads:
        heads.keep(head())
        assert await heads.get(head().track_id) == head()
    [path] = (tmp_path / "mpdbridge" / "heads").iterdir()
    async with users_heads(megabytes=0) as heads:
        assert heads is None
    assert not path.exists()
