"""The quick way through: every byte, none too many, never more than was asked for, and the connection goes back."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from support.upstream import Answer, FakeUpstream
from support.waiting import eventually

from mpdbridge.models import Stream
from mpdbridge.relay.reply import Reply, UpstreamError
from mpdbridge.relay.spool import Spool
from mpdbridge.relay.upstream import UpstreamClient

BODY = bytes(range(251)) * 20_000


class Taker:
    """A client that has room for `room` chunks."""

    def __init__(self, room: float = float("inf")) -> None:
        self.room = room
        self.got = bytearray()

    def put(self, chunk: bytes | memoryview) -> bool:
        self.got += chunk
        self.room -= 1
        return self.room > 0


@pytest.fixture
async def upstream() -> AsyncIterator[FakeUpstream]:
    async with FakeUpstream() as made:
        made.add("file", BODY)
        yield made


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[UpstreamClient]:
    async with Spool(tmp_path) as spool, UpstreamClient(spool) as made:
        yield made


async def asked(client: UpstreamClient, upstream: FakeUpstream, first: int = 0, silence: float = 1.0) -> Reply:
    stream = Stream(upstream.url("file"), time.time())
    return await client.open(stream, first, len(BODY) - 1, silence=silence)


@contextmanager
def closing(reply: Reply) -> Iterator[None]:
    try:
        yield
    finally:
        reply.close()


async def test_all_of_it_comes_and_the_connection_is_used_again(client, upstream) -> None:
    for first in (0, 1, len(BODY) - 1, len(BODY) - 100_000):
        taker, reply = Taker(), await asked(client, upstream, first)
        with closing(reply):
            await reply.pour(taker.put)
            assert reply.has_come
            assert not reply.left
            assert await reply.read() == b""
        assert taker.got == BODY[first:]
    assert upstream.connections == 1


async def test_what_was_read_before_is_not_given_twice(client, upstream) -> None:
    taker, reply = Taker(), await asked(client, upstream)
    with closing(reply):
        begun = await reply.read()
        assert reply.left == len(BODY) - len(begun)
        await reply.pour(taker.put)
    assert begun + taker.got == BODY


async def test_who_has_no_room_gets_no_more_and_the_rest_later(client, upstream) -> None:
    taker, reply = Taker(room=3), await asked(client, upstream)
    with closing(reply):
        await reply.read()
        await reply.pour(taker.put)
        taken, left = len(taker.got), reply.left
        await asyncio.sleep(0.1)
        assert (len(taker.got), reply.left) == (taken, left)
        assert upstream.requests[-1].sent < 3_000_000, "nobody hoards the rest"
        while reply.left:
            taker.room = 2
            await reply.pour(taker.put)
    assert BODY.endswith(taker.got)


async def test_a_chunk_that_is_kept_does_not_change(client, upstream) -> None:
    """A transport may keep what it could not send, as it got it."""
    kept: list[bytes | memoryview] = []

    def put(chunk: bytes | memoryview) -> bool:
        kept.append(chunk)
        return False

    reply = await asked(client, upstream)
    with closing(reply):
        while reply.left:
            await reply.pour(put)
    assert b"".join(kept) == BODY


@pytest.mark.parametrize(
    ("answer", "told"),
    [(Answer(reset_after=3_000_000), "broke off"), (Answer(stop_after=3_000_000), "broke off"),
     (Answer(stall_after=3_000_000), "silent")],
    ids=["reset", "short", "stall"],
)  # fmt: skip
async def test_what_breaks_off_is_told_by_the_next_read(client, upstream, answer, told) -> None:
    upstream.default = answer
    taker, reply = Taker(), await asked(client, upstream, silence=0.2)
    with closing(reply):
        while reply.can_be_poured:
            await reply.pour(taker.put)
        with pytest.raises(UpstreamError, match=told):
            await reply.read()
    assert BODY.startswith(taker.got)
    await eventually(lambda: not upstream.connections, "the connection to go", 2)


async def test_rubbish_behind_the_body_never_comes_and_the_next_answer_is_whole(client) -> None:
    body = BODY[:600_000]
    head = f"HTTP/1.1 206 Partial Content\r\nContent-Length: {len(body)}\r\nContent-Range: bytes 0-{len(body) - 1}/*"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(head.encode() + b"\r\n\r\n" + body[:-1000])
                await writer.drain()
                writer.write(body[-1000:] + b"rubbish")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        stream = Stream(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", time.time())
        for _ in range(3):
            taker, reply = Taker(), await client.open(stream, 0, len(body) - 1, silence=1)
            with closing(reply):
                await reply.pour(taker.put)
            assert taker.got == body


async def test_one_that_is_given_up_in_the_middle_leaves_nothing_open(client, upstream) -> None:
    reply = await asked(client, upstream)
    taker = Taker(room=2)
    await reply.pour(taker.put)
    reply.close()
    await eventually(lambda: not upstream.connections, "the connection to go", 2)
    assert not reply.can_be_poured


async def test_cancelled_while_it_waits_it_takes_no_more(client, upstream) -> None:
    upstream.default = Answer(stall_after=2_000_000)
    taker, reply = Taker(), await asked(client, upstream, silence=60)
    with closing(reply):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await reply.pour(taker.put)
        assert reply.left == len(BODY) - 2_000_000
    await eventually(lambda: not upstream.connections, "the connection to go", 2)
