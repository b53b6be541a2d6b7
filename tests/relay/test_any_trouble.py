"""Whatever upstream does and the client wants: the bytes it gets are the file's, in place, or the log says why not."""

import asyncio
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from structlog.testing import capture_logs
from support.icy_decoder import IcyDecoder
from support.relay_bench import ID, Bench, relay_bench
from support.upstream import Answer
from support.waiting import eventually

from mpdbridge.relay.patience import Patience

LENGTH = 2_300_000  # three windows of a megabyte
METAINT = 5000
PATIENCE = Patience(
    first_byte=5, silence=0.1, retries=(0.0, 0.01), longest_retry=0.01, stall=0.03, pause=0.08, refused=0.0
)
STATUSES = (403, 404, 410, 429, 500, 503)
positions = st.integers(0, LENGTH + 10)
faults = st.one_of(
    st.just(Answer()),
    st.sampled_from(STATUSES).map(lambda code: Answer(status=code)),
    positions.map(lambda at: Answer(reset_after=at)),
    positions.map(lambda at: Answer(stop_after=at)),
    positions.map(lambda at: Answer(stall_after=at)),
    st.just(Answer(delay=0.03)),
    st.just(Answer(delay=0.3)),
    st.just(Answer(hide_total=True)),
    st.integers(1, 2 * LENGTH).map(lambda total: Answer(total=total)),
    st.integers(1, 1000).map(lambda surplus: Answer(surplus=surplus)),
    st.integers(20_000, 100_000).map(lambda piece: Answer(piece=piece)),
    st.just(Answer(headers={"Retry-After": "9"}, status=429)),
    st.just(Answer(headers={"Content-Type": "text/html"})),
)
ignoring = st.tuples(faults, st.booleans()).map(lambda drawn: replace(drawn[0], ignore_range=True, chunked=drawn[1]))
clients = st.sampled_from([{}, {"User-Agent": "Music Player Daemon 0.23.12"}, {"User-Agent": "Lavf/60"}])


def file_number(number: int) -> bytes:
    """A file that differs from every other one in its length and at each position."""
    pattern = bytes((at * 7 + number) % 251 for at in range(251))
    return (pattern * (LENGTH // 251 + 1))[: LENGTH + number]


@dataclass
class Play:
    """One request of a client, and what came of it.

    Attributes:
        files: of which of them the bytes may be.
        since: how many lines the log had before.
    """

    answer: aiohttp.ClientResponse
    first: int
    last: int | None
    files: list[bytes]
    icy: IcyDecoder | None
    since: int
    got: bytearray = field(default_factory=bytearray)

    def take(self, data: bytes) -> None:
        pieces = [data] if self.icy is None else [piece for piece in self.icy.feed(data) if isinstance(piece, bytes)]
        self.got += b"".join(pieces)
        assert any(self.wanted(body).startswith(self.got) for body in self.files), "a wrong byte came"

    def wanted(self, body: bytes) -> bytes:
        return body[self.first : None if self.last is None else self.last + 1]

    def check_complete(self) -> None:
        assert any(self.wanted(body) == self.got for body in self.files), "it ended early and looked complete"


class AnyTrouble(RuleBasedStateMachine):
    """One client at a time, before a relay whose upstream draws its faults."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.play: Play | None = None
        self.files = [file_number(0)]

    @initialize()
    def start(self) -> None:
        self.logs = self.runner.run(self._start())

    async def _start(self) -> list[Any]:
        logs = self.stack.enter_context(capture_logs())
        self.bench: Bench = await self.stack.enter_async_context(relay_bench())
        await self.bench.put(self.files[-1])
        self.relay = await self.bench.start(
            {"patience": PATIENCE}, upstream_range_mib=1, icy_metaint=METAINT, max_streams=1
        )
        return logs

    @rule(script=st.lists(faults | ignoring, min_size=1, max_size=6))
    def upstream_will_fail(self, script: list[Answer]) -> None:
        self.bench.upstream.script.extend(script)

    @rule(answer=st.just(Answer()) | st.just(Answer(ignore_range=True)))
    def upstream_is_well(self, answer: Answer) -> None:
        self.bench.upstream.script.clear()
        self.bench.upstream.default = answer

    @rule()
    def urls_expire(self) -> None:
        self.bench.upstream.revoke()

    @rule()
    def another_file_takes_its_place(self) -> None:
        self.files.append(file_number(len(self.files)))
        self.bench.upstream.add(ID, self.files[-1])
        if self.play is not None:
            self.play.files.append(self.files[-1])

    @rule(first=st.none() | st.integers(0, LENGTH - 1), size=st.none() | st.integers(1, LENGTH), client=clients)
    def play_or_seek(self, first: int | None, size: int | None, client: dict[str, str]) -> None:
        self.runner.run(self._open(first, None if size is None else (first or 0) + size - 1, client))

    async def _open(self, first: int | None, last: int | None, client: dict[str, str]) -> None:
        await self._close()
        asked = {"Icy-MetaData": "1"} if first is None else {"Range": f"bytes={first}-{'' if last is None else last}"}
        url = f"http://127.0.0.1:{self.relay.port}/proxy/{ID}"
        seen = len(self.logs)
        answer = await self.bench.session.get(url, headers={**client, **asked}, read_bufsize=4096)
        if answer.status not in (200, 206):
            await answer.read()
            assert answer.status in (416, 502, 504)
            assert answer.status == 416 or self._told("request refused", seen)
            return
        part = answer.headers.get("Content-Range")
        icy = IcyDecoder(metaint=METAINT) if "icy-metaint" in answer.headers else None
        begin, end = (first or 0, last) if part else (0, None)
        # A cached URL leads to the file as it is now.
        self.play = Play(answer, begin, end, [self.files[-1]], icy, seen)

    @precondition(lambda self: self.play is not None)
    @rule(size=st.integers(1, LENGTH))
    def read(self, size: int) -> None:
        self.runner.run(self._read(size))

    @precondition(lambda self: self.play is not None)
    @rule()
    def read_to_the_end(self) -> None:
        self.runner.run(self._read(None))

    async def _read(self, size: int | None) -> None:
        play = self.play
        left = size
        while play is not None and (left is None or left > 0):
            try:
                data = await play.answer.content.read(-1 if left is None else left)
            except aiohttp.ClientError:
                await self._close()
                await eventually(lambda: self._told("stream cut short", play.since), "the log to tell why", 2)
                return
            if not data:
                play.check_complete()
                self.play = None
                return
            play.take(data)
            left = None if left is None else left - len(data)

    @precondition(lambda self: self.play is not None)
    @rule()
    def pause(self) -> None:
        self.runner.run(asyncio.sleep(0.12))

    @rule()
    def stop(self) -> None:
        self.runner.run(self._close())

    async def _close(self) -> None:
        if self.play is not None:
            self.play.answer.close()
            self.play = None
        await eventually(lambda: not self.bench.upstream.active, "upstream to be let go", 2)

    def _told(self, event: str, since: int) -> bool:
        return any(line["event"] == event and line["cause"] for line in self.logs[since:])

    def teardown(self) -> None:
        with suppress(AttributeError):
            self.runner.run(self._close())
        self.runner.run(self.stack.aclose())
        self.runner.close()


def test_no_wrong_byte_comes_and_every_end_has_its_reason() -> None:
    run_state_machine_as_test(AnyTrouble, settings=settings(max_examples=60, stateful_step_count=20))
