"""The fake media server does what the tests that lean on it believe it does."""

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from support.upstream import Answer, FakeUpstream
from support.waiting import eventually

BODY = bytes(range(256)) * 1024


@pytest.fixture
async def upstream() -> AsyncIterator[FakeUpstream]:
    async with FakeUpstream() as server:
        yield server


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(requote_redirect_url=False) as client:
        yield client


async def get(session, url, asked=None):
    headers = {"Range": asked} if asked else {}
    async with session.get(aiohttp.client.URL(url, encoded=True), headers=headers) as answer:
        return answer.status, dict(answer.headers), await answer.read()


@pytest.mark.parametrize(
    ("asked", "status", "content_range", "body"),
    [
        (None, 200, None, BODY),
        ("bytes=0-99", 206, f"bytes 0-99/{len(BODY)}", BODY[:100]),
        ("bytes=100-", 206, f"bytes 100-{len(BODY) - 1}/{len(BODY)}", BODY[100:]),
        ("bytes=262143-999999", 206, f"bytes 262143-262143/{len(BODY)}", BODY[-1:]),
        ("bytes=262144-", 416, f"bytes */{len(BODY)}", b""),
    ],
)
async def test_it_serves_ranges(upstream, session, asked, status, content_range, body) -> None:
    got_status, headers, got = await get(session, upstream.add("a", BODY), asked)
    assert (got_status, headers.get("Content-Range"), got) == (status, content_range, body)
    assert upstream.requests[-1].range == asked
    assert upstream.requests[-1].status == status


async def test_it_can_ignore_ranges_and_hide_lengths(upstream, session) -> None:
    url = upstream.add("a", BODY)
    upstream.script.extend(
        [Answer(ignore_range=True), Answer(ignore_range=True, chunked=True), Answer(hide_total=True)]
    )
    status, headers, body = await get(session, url, "bytes=5-9")
    assert (status, headers["Content-Length"], body) == (200, str(len(BODY)), BODY)
    status, headers, body = await get(session, url, "bytes=5-9")
    assert (status, "Content-Length" in headers, body) == (200, False, BODY)
    status, headers, body = await get(session, url, "bytes=5-9")
    assert (status, headers["Content-Range"], body) == (206, "bytes 5-9/*", BODY[5:10])


async def test_urls_expire_and_can_be_revoked(session) -> None:
    now = [1000.0]
    async with FakeUpstream(clock=lambda: now[0]) as upstream:
        url = upstream.add("a", BODY)
        assert (await get(session, url))[0] == 200
        upstream.revoke()
        assert (await get(session, url))[0] == 403
        url = upstream.url("a", lifetime=60)
        assert (await get(session, url))[0] == 200
        now[0] += 60
        assert (await get(session, url))[0] == 403


async def test_a_request_with_a_requoted_signature_is_refused(upstream, session) -> None:
    url = upstream.add("a", BODY).replace("%2C", ",")
    assert (await get(session, url))[0] == 403


async def test_scripted_statuses_and_redirects_come_once_each(upstream, session) -> None:
    url = upstream.add("a", BODY)
    upstream.script.extend([Answer(status=429, headers={"Retry-After": "7"}), Answer(redirect=url)])
    status, headers, _ = await get(session, url)
    assert (status, headers["Retry-After"]) == (429, "7")
    assert (await get(session, url))[2] == BODY
    assert [seen.status for seen in upstream.requests] == [429, 302, 200]


@pytest.mark.parametrize("answer", [Answer(reset_after=70_000), Answer(stop_after=70_000)])
async def test_a_body_can_be_cut(upstream, session, answer) -> None:
    url = upstream.add("a", BODY)
    upstream.script.append(answer)
    with pytest.raises(aiohttp.ClientError):
        await get(session, url)
    assert upstream.requests[-1].sent == 70_000
    assert (await get(session, url))[2] == BODY


async def test_a_stalled_body_ends_when_the_client_goes(upstream, session) -> None:
    url = upstream.add("a", BODY)
    upstream.script.append(Answer(stall_after=1000))
    async with session.get(aiohttp.client.URL(url, encoded=True)) as answer:
        assert await answer.content.readexactly(1000) == BODY[:1000]
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await answer.content.readany()
        assert upstream.active == 1
    await eventually(lambda: not upstream.active and not upstream.connections, "the connection to go")


async def test_open_ended_gets_are_paced_and_closed_ranges_are_not(session) -> None:
    async with FakeUpstream(pace=100_000) as upstream:
        url = upstream.add("a", BODY[:30_000])
        started = time.monotonic()
        await get(session, url, "bytes=0-29999")
        assert time.monotonic() - started < 0.2
        await get(session, url, "bytes=0-")
        assert time.monotonic() - started > 0.25


async def test_a_start_can_be_slow(upstream, session) -> None:
    url = upstream.add("a", BODY)
    upstream.script.append(Answer(delay=0.2))
    started = time.monotonic()
    await get(session, url)
    assert time.monotonic() - started >= 0.2


async def test_lengths_can_be_wrong_and_a_url_can_be_good_for_the_last_time(upstream, session) -> None:
    url = upstream.add("a", BODY)
    upstream.script.extend([Answer(total=7_000_000), Answer(surplus=3), Answer(last=True)])
    assert (await get(session, url, "bytes=5-9"))[1]["Content-Range"] == "bytes 5-9/7000000"
    assert (await get(session, url, "bytes=5-9"))[2] == BODY[5:10] + b"\xff" * 3
    assert (await get(session, url, "bytes=5-9"))[0] == 206
    assert (await get(session, url, "bytes=5-9"))[0] == 403
    assert (await get(session, upstream.url("a"), "bytes=5-9"))[0] == 206
