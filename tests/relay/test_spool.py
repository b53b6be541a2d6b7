"""An upstream without ranges, a client slower than it: the rest waits on the disk, and every byte is in its place."""

import asyncio
import errno
import os
import resource
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs
from support.leaks import open_descriptors
from support.relay_bench import ID, Bench, relay_bench
from support.upstream import Answer
from support.waiting import eventually

from mpdbridge.models import Stream
from mpdbridge.relay import listen
from mpdbridge.relay.head_file import HEAD_BYTES, Head
from mpdbridge.relay.origin import Origin
from mpdbridge.relay.patience import Patience
from mpdbridge.relay.spool import Spool
from mpdbridge.relay.upstream import UpstreamClient

BODY = bytes(range(251)) * 40_000  # ten megabytes: more than every buffer on the way holds
WHOLE = Answer(ignore_range=True)
QUICK = Patience(first_byte=5, silence=1, retries=(0.01, 0.02), stall=0.1, pause=30)
GOES_TO_DISK = "upstream has no ranges: the rest goes to the disk"
IN_MEMORY = "slow streams wait in memory"


@pytest.fixture
async def spool(bench: Bench, tmp_path: Path) -> Spool:
    return await bench.stack.enter_async_context(Spool(tmp_path / "cache" / "spool"))


async def standing_still(bench: Bench, spool: Spool, answer: Answer = WHOLE, patience: Patience = QUICK, **headers):
    """A client that has taken one byte and takes no more."""
    await bench.put(BODY)
    bench.upstream.script.append(answer)
    bench.upstream.default = WHOLE
    relay = await bench.start({"patience": patience, "spool": spool})
    return await bench.first_byte(relay, **headers)


async def let_go(bench: Bench) -> None:
    await eventually(lambda: not bench.upstream.active and not bench.upstream.connections, "upstream to be let go", 5)


@pytest.mark.parametrize("answer", [WHOLE, replace(WHOLE, chunked=True)], ids=["length", "no length"])
async def test_upstream_is_let_go_while_the_client_stands_still_and_nothing_is_loaded_twice(
    bench, spool, answer
) -> None:
    client = await standing_still(bench, spool, answer)
    await let_go(bench)
    assert bench.upstream.requests[0].sent == len(BODY)
    assert await client.read() == BODY[1:]
    assert len(bench.upstream.requests) == 1


async def test_a_client_that_reads_on_too_soon_waits_for_upstream(bench, spool) -> None:
    with capture_logs() as logs:
        client = await standing_still(bench, spool, replace(WHOLE, piece=20_000))
        await eventually(lambda: GOES_TO_DISK in [line["event"] for line in logs], "the rest to be spooled", 5)
        assert await client.read() == BODY[1:]
    assert len(bench.upstream.requests) == 1


async def test_an_upstream_that_answers_when_the_client_stands_still_is_let_go_too(
    bench, spool, heads, monkeypatch
) -> None:
    """The client has some of the song's head, and no room for more."""
    monkeypatch.setattr(listen, "SEND_BUFFER", 16 * 1024)
    await bench.put(BODY)
    heads.keep(Head(ID, Origin("", "251", len(BODY), "audio/webm"), BODY[:HEAD_BYTES]))
    bench.upstream.default = replace(WHOLE, delay=0.5)
    relay = await bench.start({"patience": QUICK, "spool": spool, "heads": heads})
    reader, writer = await asyncio.open_connection("127.0.0.1", relay.port, limit=2048)
    with closing(writer):
        writer.write(f"GET /proxy/{ID} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        await eventually(lambda: bench.upstream.requests, "upstream to be asked", 5)
        await let_go(bench)
        assert await reader.readexactly(len(BODY)) == BODY
    assert len(bench.upstream.requests) == 1


async def test_no_more_is_loaded_than_the_client_asked_for(bench, spool) -> None:
    last = len(BODY) // 2
    client = await standing_still(bench, spool, Range=f"bytes=0-{last}")
    await let_go(bench)
    assert bench.upstream.requests[0].sent < last + 3_000_000, "what is on its way in the kernel included"
    assert await client.read() == BODY[1 : last + 1]


@pytest.mark.parametrize(
    "trouble", [{"reset_after": 8_000_000}, {"stop_after": 8_000_000}, {"stall_after": 8_000_000}], ids=str
)
async def test_what_breaks_off_behind_the_clients_back_is_taken_up_when_it_comes_there(bench, spool, trouble) -> None:
    client = await standing_still(bench, spool, replace(WHOLE, **trouble))
    await let_go(bench)
    assert len(bench.upstream.requests) == 1, "nobody has missed anything yet"
    assert await client.read() == BODY[1:]
    assert len(bench.upstream.requests) == 2


async def test_the_disk_has_nothing_that_could_be_left_behind(bench, spool, tmp_path) -> None:
    client = await standing_still(bench, spool)
    await let_go(bench)
    assert (tmp_path / "cache" / "spool").stat().st_mode & 0o777 == 0o700
    assert list((tmp_path / "cache" / "spool").iterdir()) == []
    client.close()


async def test_a_long_pause_gives_its_room_back_too(bench, spool, tmp_path) -> None:
    client = await standing_still(bench, spool, patience=replace(QUICK, pause=1.0))
    await let_go(bench)
    await eventually(lambda: not spooled(), "the file to be closed", 5)
    assert await client.read() == BODY[1:]
    assert len(bench.upstream.requests) > 1


async def test_a_client_that_goes_leaves_nothing(bench, spool) -> None:
    """Whether all has come, or it is coming."""
    await bench.put(BODY)
    bench.upstream.default = WHOLE
    relay = await bench.start({"patience": QUICK, "spool": spool})
    assert (await bench.get(relay))[2] == BODY
    before = open_descriptors(), len(asyncio.all_tasks())
    for piece in (64 * 1024, 500):
        bench.upstream.script.append(replace(WHOLE, piece=piece))
        client = await bench.first_byte(relay)
        await eventually(lambda: len(spooled()) == 1, "the rest to be spooled", 5)
        client.close()
        await eventually(lambda: not bench.upstream.active, "upstream to be let go", 5)
        await eventually(lambda: not spooled(), "the file to be closed", 5)
    assert open_descriptors() <= before[0]
    assert len(asyncio.all_tasks()) <= before[1]


def spooled(pid: int | str = "self") -> list[Path]:
    """The files without a name that a process has open, by their descriptors."""
    return [
        file for file in Path(f"/proc/{pid}/fd").iterdir() if "spool" in (to := _target(file)) and "(deleted)" in to
    ]


def _target(descriptor: Path) -> str:
    try:
        return str(descriptor.readlink())
    except FileNotFoundError:  # the one of the listing itself
        return ""


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """The disk takes no more of any file than this; to us it is a full one."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_what_a_disk_has_given_until_it_was_full_will_do(bench, spool) -> None:
    with files_of_at_most(3_000_000), capture_logs() as logs:
        client = await standing_still(bench, spool)
        await eventually(lambda: [file.stat().st_size for file in spooled()] == [3_000_000], "the disk to be full", 5)
        assert await client.read() == BODY[1:]
    assert len(bench.upstream.requests) == 1
    assert IN_MEMORY not in [line["event"] for line in logs]


@pytest.mark.parametrize("size", [500_000, 3_000_000], ids=["soon", "late"])
async def test_a_disk_that_takes_no_more_costs_memory_and_no_byte(bench, spool, tmp_path, monkeypatch, size) -> None:
    """As one that writes every block to another place, and so has no room for what takes the place of another."""
    taken = 0

    def pwrite(descriptor: int, chunk: memoryview, at: int) -> int:
        nonlocal taken
        if taken >= size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken += (written := really(descriptor, chunk[: size - taken], at))
        return written

    really = os.pwrite
    monkeypatch.setattr(os, "pwrite", pwrite)
    with capture_logs() as logs:
        client = await standing_still(bench, spool)
        await eventually(lambda: taken == size, "the disk to be full", 5)
        got = b""
        while len(got) < 2_000_000:
            got += await client.content.read(60_000)
        await eventually(lambda: IN_MEMORY in [line["event"] for line in logs], "the disk to be given up", 5)
        assert got + await client.read() == BODY[1:]
        assert len(bench.upstream.requests) == 1
        await (await standing_still(bench, spool)).read()
    [told] = [line for line in logs if line["event"] == IN_MEMORY]
    assert (told["log_level"], told["reason"]) == ("warning", "No space left on device")
    assert told["folder"] == str(tmp_path / "cache" / "spool")


@pytest.mark.parametrize("free", [0, 16 * 2**20 - 1])
async def test_the_last_of_a_disk_is_not_taken(bench, spool, monkeypatch, free) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: shutil._ntuple_diskusage(1, 1, free))
    with capture_logs() as logs:
        client = await standing_still(bench, spool)
        await eventually(lambda: IN_MEMORY in [line["event"] for line in logs], "the disk to be refused", 5)
        assert not spooled()
        assert await client.read() == BODY[1:]


async def test_of_a_small_disk_a_sixteenth_is_taken_and_no_more(bench, spool, monkeypatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: shutil._ntuple_diskusage(1, 1, 32_000_000))
    client = await standing_still(bench, spool)
    await eventually(lambda: [file.stat().st_size for file in spooled()] == [2_000_000], "its share to be used", 5)
    assert await client.read() == BODY[1:]
    assert len(bench.upstream.requests) == 1


async def test_a_folder_that_cannot_be_made_is_told_at_once_and_costs_no_byte(bench, tmp_path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with capture_logs() as logs:
        spool = await bench.stack.enter_async_context(Spool(tmp_path / "file" / "spool"))
        await eventually(lambda: spool.refused, "the folder to be refused", 5)
        client = await standing_still(bench, spool)
        assert await client.read() == BODY[1:]
    assert len(bench.upstream.requests) == 1
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == [IN_MEMORY]


async def test_a_disk_that_is_in_order_again_is_used_again(bench, tmp_path) -> None:
    (tmp_path / "file").write_bytes(b"")
    spool = await bench.stack.enter_async_context(Spool(tmp_path / "file" / "spool", again=0.0))
    await eventually(lambda: spool.refused, "the folder to be refused", 5)
    (tmp_path / "file").unlink()
    client = await standing_still(bench, spool)
    await eventually(lambda: not spool.refused, "the folder to be taken", 5)
    assert await client.read() == BODY[1:]


async def test_what_the_disk_does_not_give_back_is_fetched_again(bench, spool) -> None:
    client = await standing_still(bench, spool)
    await let_go(bench)
    [file] = spooled()
    os.truncate(file, 3_000_000)
    with capture_logs() as logs:
        assert await client.read() == BODY[1:]
    assert len(bench.upstream.requests) == 2
    [cause] = [line["cause"] for line in logs if line["event"] == "taking upstream up again"]
    assert cause == "what upstream sent cannot be read from the disk (Input/output error)"


async def test_a_disk_that_gives_nothing_back_is_left_alone(bench, spool, monkeypatch) -> None:
    """What was loaded in vain once waits in memory when the client stands still again."""

    def pread(*_: object) -> bytes:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "pread", pread)
    with capture_logs() as logs:
        client = await standing_still(bench, spool)
        await let_go(bench)
        begun = await client.content.readexactly(2_000_000)
        await asyncio.sleep(3 * QUICK.stall)
        assert begun + await client.read() == BODY[1:]
    assert len(bench.upstream.requests) == 2
    assert [line["event"] for line in logs].count(GOES_TO_DISK) == 1
    assert [line["reason"] for line in logs if line["event"] == IN_MEMORY] == ["Input/output error"]


@settings(max_examples=60)
@given(
    length=st.integers(2, 400_000),
    capacity=st.integers(1, 300_000),
    chunked=st.booleans(),
    wanted=st.none() | st.integers(0, 400_000),
    pauses=st.lists(st.booleans(), max_size=20),
)
async def test_however_much_finds_room_it_comes_out_as_it_went_in(
    tmp_path_factory, length, capacity, chunked, wanted, pauses
) -> None:
    """Any file, any room for it, a reader that is sometimes faster and sometimes slower."""
    body = BODY[:length]
    async with (
        relay_bench() as bench,
        Spool(tmp_path_factory.mktemp("spool"), capacity=max(capacity, length // 50)) as spool,
        UpstreamClient(spool) as client,
    ):
        url = bench.upstream.add(ID, body)
        bench.upstream.default = replace(WHOLE, chunked=chunked, piece=10_000)
        reply = await client.open(Stream(url, 0.0), 0, length - 1, silence=2)
        first = await reply.read()
        got, ahead = bytearray(first[: len(first) // 2]), first[len(first) // 2 :]
        end = length if wanted is None else min(length, len(got) + wanted)
        rest = spool.take(memoryview(ahead), reply, wanted=None if wanted is None else end - len(got))
        with closing(rest):
            pause = iter(pauses)
            while len(got) < end:
                if next(pause, False):
                    await asyncio.sleep(0.003)
                piece = await rest.read()
                assert piece, "it ended early"
                got += piece
            if wanted is None:
                assert await rest.read() == b""
    assert body.startswith(got)


@pytest.mark.parametrize("waits", [True, False], ids=["behind the client's back", "before its eyes"])
async def test_rubbish_between_two_chunks_is_a_break_like_any_other(bench, spool, waits) -> None:
    """Aiohttp's parser closes such a connection, and its reader is not told."""
    answers = iter([b"no length\r\n", b"0\r\n\r\n"])

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer), suppress(ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: audio/webm\r\nTransfer-Encoding: chunked\r\n\r\n")
            for at in range(0, len(BODY), 50_000):
                piece = BODY[at : at + 50_000]
                writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                await writer.drain()
            writer.write(next(answers))
            await writer.drain()
            await reader.read()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        await bench.put(b"", url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/song")
        with capture_logs() as logs:
            relay = await bench.start({"patience": QUICK, "spool": spool})
            client = await bench.first_byte(relay)
            if waits:
                await eventually(spooled, "the rest to be spooled", 5)
                await asyncio.sleep(0.5)
            assert await client.read() == BODY[1:]
    assert len([line for line in logs if line["event"] == "taking upstream up again"]) == 1
