"""Upstream over TLS, as it always is: through the program as users run it, which trusts an authority of ours."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from support.bridge_process import BridgeProcess
from support.certificates import Authority
from support.icy_decoder import IcyDecoder
from support.relay_bench import ID, TRACK
from support.upstream import Answer, FakeUpstream
from support.waiting import eventually

from mpdbridge.models import Stream

BODY = bytes(range(251)) * 14_000  # three and a half megabytes: some of its ranges are long


@dataclass(frozen=True)
class Stage:
    """A bridge between `upstream` and `session`."""

    process: BridgeProcess
    upstream: FakeUpstream
    session: aiohttp.ClientSession

    async def get(self, **headers: str) -> tuple[int, Any, bytes]:
        """Status, headers and body of a request for the track."""
        async with self.open(**headers) as answer:
            return answer.status, answer.headers, await answer.read()

    def open(self, **headers: str) -> Any:
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        return self.session.get(f"http://127.0.0.1:{self.process.port}/proxy/{ID}", headers=sent)


@asynccontextmanager
async def staged(folder: Path, *, trusted: bool = True) -> AsyncIterator[Stage]:
    authority = Authority(folder)
    async with FakeUpstream(tls=authority.server()) as upstream, aiohttp.ClientSession() as session:
        env = {"SSL_CERT_FILE": str(authority.file)} if trusted else {}
        process = BridgeProcess(folder / "bridge", SimpleNamespace(socket=folder / "no-mpd"), env=env)
        stream = Stream(upstream.add(ID, BODY), time.time(), content_type="audio/webm")
        await asyncio.to_thread(process.know, TRACK, stream)
        await asyncio.to_thread(process.__enter__)
        try:
            yield Stage(process, upstream, session)
        finally:
            await asyncio.to_thread(process.__exit__, None, None, None)


@pytest.fixture
async def stage(tmp_path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as made:
        yield made


async def test_every_byte_comes_and_the_connection_is_used_again(stage) -> None:
    for first in (0, 1_000_000, len(BODY) - 5):
        status, headers, body = await stage.get(Range=f"bytes={first}-")
        assert (status, body) == (206, BODY[first:])
        assert headers["Content-Range"] == f"bytes {first}-{len(BODY) - 1}/{len(BODY)}"
    assert len(stage.upstream.requests) > 10
    assert stage.upstream.connections == 1


async def test_titles_are_woven_in(stage) -> None:
    _, headers, body = await stage.get(Icy_MetaData="1")
    pieces = IcyDecoder(metaint=int(headers["icy-metaint"])).feed(body)
    assert b"".join(piece for piece in pieces if isinstance(piece, bytes)) == BODY
    assert [piece for piece in pieces if isinstance(piece, str)] == [TRACK.label]


async def test_a_connection_that_breaks_in_any_range_is_not_noticed(stage) -> None:
    for trouble in (Answer(reset_after=100_000), Answer(stop_after=100_000), Answer(reset_after=0)):
        stage.upstream.script.extend([Answer(), Answer(), Answer(), trouble])
    assert (await stage.get())[2] == BODY


async def test_a_client_that_goes_takes_upstream_with_it(stage) -> None:
    async with stage.open() as answer:
        await answer.content.readexactly(600_000)
    await eventually(lambda: not stage.upstream.active, "upstream to be let go", 2)
    assert stage.upstream.connections <= 1, "at most the one that is kept for reuse"


async def test_a_certificate_of_nobody_is_refused_and_no_byte_asked_for(tmp_path) -> None:
    async with staged(tmp_path, trusted=False) as stage:
        status, _, body = await stage.get()
        assert (status, stage.upstream.requests) == (502, [])
        assert body.startswith(b"upstream's certificate is not trusted: ")
        assert "sig=" not in stage.process.log
