"""What other clients see while playlists change, whatever happens in between: old or new, never half, never nothing."""

import asyncio
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support import publish_forever
from support.mpd_client import Ack
from support.mpd_process import MpdProcess

import mpdbridge
from mpdbridge.errors import MpdRefusedError
from mpdbridge.mpd.address import MpdAddress
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.names import HiddenName
from mpdbridge.mpd.publisher import PlaylistPublisher
from mpdbridge.mpd.wire import Answer


def uris(count: int, start: int = 0, length: int = 40) -> list[str]:
    return [f"http://localhost/{number}".ljust(length, "x") for number in range(start, start + count)]


class Observer:
    """A client that lists playlists and reads "x" as fast as it can."""

    def __init__(self) -> None:
        self.looks = 0
        self.seen: set[tuple[str, ...] | None] = set()
        self.listed: set[bool] = set()


@contextmanager
def observer(mpd: MpdProcess) -> Iterator[Observer]:
    notes, done = Observer(), threading.Event()

    def look() -> None:
        with mpd.client() as client:
            while not done.is_set():
                notes.listed.add(("playlist", "x") in client.command("listplaylists"))
                try:
                    notes.seen.add(tuple(value for _, value in client.command("listplaylist", "x")))
                except Ack:
                    notes.seen.add(None)
                notes.looks += 1

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield notes
    finally:
        done.set()
        thread.join()


async def test_other_clients_see_the_old_or_the_new_playlist_and_nothing_else(
    mpd: MpdProcess, publisher: PlaylistPublisher
) -> None:
    base = uris(400)
    versions = [base, base[::-1], base[::-1][5:], uris(300, 5000), [*uris(3), *uris(300, 5000)], [], base]
    await publisher.publish("x", base)
    changes = set()
    with observer(mpd) as notes:
        while notes.looks < 100:
            changes |= {(await publisher.publish("x", version)).change for version in versions}
    assert changes == {"unchanged", "edited", "replaced"}
    assert notes.listed == {True}
    assert notes.seen <= {tuple(version) for version in versions}


async def test_a_new_playlist_appears_whole_even_if_it_takes_several_command_lists(
    mpd: MpdProcess, publisher: PlaylistPublisher
) -> None:
    many = uris(5000, length=700)
    with observer(mpd) as notes:
        while notes.looks < 10:
            await publisher.remove("x")
            await publisher.publish("x", many)
    assert notes.seen <= {None, tuple(many)}


def test_a_publisher_killed_at_any_moment_leaves_a_whole_playlist_and_the_next_run_clears_up(
    mpd: MpdProcess, tmp_path: Path
) -> None:
    versions = [uris(3000), uris(3000)[::-1], [*uris(1, 9000), *uris(3000)[::-1]]]
    lists = tmp_path / "lists.json"
    lists.write_text(json.dumps(versions))
    mpd.command("playlistadd", "their own", "http://x/y")
    theirs = mpd.playlist_directory / "their own.m3u"
    before = (theirs.read_bytes(), theirs.stat().st_mtime_ns)
    left = 0
    for _ in range(12):
        _publish_and_kill(mpd, lists, after=random.uniform(0, 0.12))
        if "x" in mpd.values("listplaylists"):
            assert mpd.values("listplaylist", "x") in versions
        left += sum(HiddenName.parse(name) is not None for name in mpd.values("listplaylists"))
        asyncio.run(_next_run(mpd, versions[0]))
        assert {value for key, value in mpd.command("listplaylists") if key == "playlist"} == {"x", "their own"}
        assert mpd.values("listplaylist", "x") == versions[0]
    assert left, "no kill came while a playlist was under construction"
    assert (theirs.read_bytes(), theirs.stat().st_mtime_ns) == before


def _publish_and_kill(mpd: MpdProcess, lists: Path, after: float) -> None:
    command = [sys.executable, publish_forever.__file__, str(mpd.socket), str(lists)]
    env = {**os.environ, "PYTHONPATH": str(Path(mpdbridge.__file__).parents[1])}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(after)
        process.kill()


async def _next_run(mpd: MpdProcess, wanted: list[str]) -> None:
    async with MpdConnection(MpdAddress(socket=str(mpd.socket))) as connection:
        publisher = PlaylistPublisher(connection=connection)
        await publisher.clear_leftovers()
        await publisher.publish("x", wanted)


async def test_only_what_a_dead_process_of_ours_left_is_cleared(mpd: MpdProcess, publisher: PlaylistPublisher) -> None:
    here, now = publisher._builder._host, time.time()
    dead = await asyncio.create_subprocess_exec("true")
    await dead.wait()
    gone = {str(HiddenName(here, dead.pid, "00000001")), str(HiddenName(here, os.getpid(), "00000002"))}
    other_host = {str(HiddenName("ffffffff", 1, "00000003"))}
    kept = {str(HiddenName(here, os.getppid(), "00000004")), ".mpdbridge-mine", ".part", "YT: x", "mpdbridge"}
    for name in gone | other_host | kept:
        mpd.command("playlistadd", name, "http://x/y")

    def listed() -> set[str]:
        return {value for key, value in mpd.command("listplaylists") if key == "playlist"}

    await publisher.clear_leftovers()
    assert listed() == kept | other_host
    publisher._builder._clock = lambda: now + 3 * 3600
    await publisher.clear_leftovers()
    assert listed() == kept
    assert await publisher.names() == {".mpdbridge-mine", ".part", "YT: x", "mpdbridge"}


async def test_a_cancelled_publish_leaves_the_old_playlist_and_is_cleared_by_the_same_process(
    mpd: MpdProcess, publisher: PlaylistPublisher
) -> None:
    await publisher.publish("x", uris(5))
    for delay in (0.0, 0.01, 0.03, 0.05):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(delay):
                await publisher.publish("x", uris(20_000, 100))
        assert mpd.values("listplaylist", "x") == uris(5)
    await publisher.clear_leftovers()
    assert mpd.playlist_directory.joinpath("x.m3u").exists()
    assert len(list(mpd.playlist_directory.iterdir())) == 1


class Meddled(MpdConnection):
    """A connection in whose pauses another client does something, once."""

    meddle: Callable[[str], object] | None = None
    when: tuple[str, bool] = ("", False)  # after this command, sent for a hidden playlist or not

    async def command(self, *args: str) -> Answer:
        try:
            return await super().command(*args)
        finally:
            hidden = len(args) > 1 and HiddenName.parse(args[1]) is not None
            if self.meddle is not None and self.when == (args[0], hidden):
                meddle, self.meddle = self.meddle, None
                await asyncio.to_thread(meddle, args[1])


async def meddled(mpd: MpdProcess, when: tuple[str, bool], meddle: Callable[[str], object], wanted: list[str]) -> str:
    async with Meddled(MpdAddress(socket=str(mpd.socket))) as connection:
        connection.when, connection.meddle = when, meddle
        return (await PlaylistPublisher(connection=connection).publish("x", wanted)).change


BIG = uris(200)[::-1]


async def test_a_change_by_another_client_while_we_edit_is_overwritten(
    mpd: MpdProcess, publisher: PlaylistPublisher
) -> None:
    await publisher.publish("x", uris(50))
    wanted = [*uris(1, 900), *uris(50)]
    change = await meddled(mpd, ("listplaylist", False), lambda name: mpd.command("playlistdelete", name, "7"), wanted)
    assert change == "replaced"
    assert mpd.values("listplaylist", "x") == wanted


async def test_a_build_that_vanishes_before_the_swap_does_not_take_the_old_one_with_it(
    mpd: MpdProcess, publisher: PlaylistPublisher
) -> None:
    await publisher.publish("x", uris(200))
    with pytest.raises(MpdRefusedError, match="rename: No such playlist"):
        await meddled(mpd, ("listplaylist", True), lambda hidden: mpd.command("rm", hidden), BIG)
    assert mpd.values("listplaylist", "x") == uris(200)


async def test_a_playlist_that_another_client_removes_meanwhile_is_there_again(
    mpd: MpdProcess, publisher: PlaylistPublisher
) -> None:
    await publisher.publish("x", uris(200))
    assert await meddled(mpd, ("listplaylist", True), lambda _: mpd.command("rm", "x"), BIG) == "replaced"
    assert mpd.values("listplaylist", "x") == BIG
    assert await publisher.names() == {"x"}


async def test_a_playlist_that_another_client_makes_meanwhile_stays_theirs(
    mpd: MpdProcess, publisher: PlaylistPublisher
) -> None:
    with pytest.raises(MpdRefusedError) as caught:
        await meddled(mpd, ("listplaylist", True), lambda _: mpd.command("playlistadd", "x", "http://x/y"), BIG)
    assert caught.value.code == 56
    assert mpd.values("listplaylist", "x") == ["http://x/y"]
    assert [file.name for file in mpd.playlist_directory.iterdir()] == ["x.m3u"]


async def test_two_publishers_at_once_leave_what_one_of_them_wanted(mpd: MpdProcess) -> None:
    versions = [uris(300), uris(300)[::-1], uris(300, 7), uris(200, 1000)]

    async def publish(mine: list[list[str]]) -> None:
        async with MpdConnection(MpdAddress(socket=str(mpd.socket))) as connection:
            publisher = PlaylistPublisher(connection=connection)
            for _ in range(10):
                for version in mine:
                    await publisher.publish("x", version)

    await publish(versions[:1])
    with observer(mpd) as notes:
        async with asyncio.TaskGroup() as group:
            group.create_task(publish(versions[:2]))
            group.create_task(publish(versions[2:]))
    assert notes.listed == {True}
    assert mpd.values("listplaylist", "x") in versions
    assert len(list(mpd.playlist_directory.iterdir())) == 1
