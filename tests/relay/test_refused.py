"""What upstream refuses with a fresh URL too is not gone: remembered for minutes, and told apart from what is."""

import json

import pytest
from structlog.testing import capture_logs
from support.relay_bench import ID
from support.upstream import Answer

from mpdbridge.errors import ProxyError, YouTubeStreamError
from mpdbridge.relay.patience import Patience
from mpdbridge.relay.refused import RefusedTracks
from mpdbridge.store import TrackStore

BODY = bytes(range(251)) * 2000
SHORT = Patience(first_byte=5, silence=1, retries=(0.01,), refused=0.0)


def test_a_refusal_is_remembered_for_its_time() -> None:
    now = [1000.0]
    tracks = RefusedTracks(seconds=300, clock=lambda: now[0])
    tracks.add(ID, "no")
    with pytest.raises(ProxyError, match=r"no \(trying again in 5 min\)"):
        tracks.check(ID)
    assert tracks.reasons == {ID: "no"}
    tracks.check("another-one")
    now[0] += 300
    tracks.check(ID)
    assert tracks.reasons == {}


@pytest.mark.parametrize("code", [403, 404, 410])
async def test_a_queue_on_repeat_does_not_ask_again_and_again(bench, code) -> None:
    await bench.put(BODY)
    bench.upstream.default = Answer(status=code)
    relay = await bench.start()
    with capture_logs() as logs:
        answers = [await bench.get(relay) for _ in range(5)]
    assert {status for status, *_ in answers} == {502}
    assert (bench.worker.asked, len(bench.upstream.requests)) == (2, 2)
    assert b"trying again in 5 min" in answers[-1][2]
    refused = json.loads((await bench.get(relay, "/health"))[2])["refused"]
    assert str(code) in refused[ID]
    assert "with a fresh URL too" in refused[ID]
    refusals = [line for line in logs if line["event"] == "request refused"]
    assert [line["status"] for line in refusals] == [502] * 5
    assert [line["log_level"] for line in refusals] == ["warning", *["debug"] * 4], "told when it began"
    assert (await bench.store.run(TrackStore.dead_reason, ID)) is None, "it is not gone"


async def test_a_track_that_is_gone_is_told_apart(bench) -> None:
    await bench.put(BODY)
    bench.worker.failure = YouTubeStreamError("it was deleted", permanent=True)
    relay = await bench.start()
    with capture_logs() as logs:
        assert [(await bench.get(relay))[0] for _ in range(2)] == [404, 404]
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == ["request refused"]
    assert await bench.store.run(TrackStore.dead_reason, ID) == "it was deleted"
    assert json.loads((await bench.get(relay, "/health"))[2])["refused"] == {}


async def test_when_its_time_is_over_it_plays_again_and_is_forgotten(bench) -> None:
    await bench.put(BODY)
    bench.upstream.script.extend([Answer(status=403), Answer(status=403)])
    relay = await bench.start({"patience": SHORT})
    assert (await bench.get(relay))[0] == 502
    assert (await bench.get(relay))[2] == BODY


async def test_a_fresh_url_is_asked_for_once_at_each_byte(bench) -> None:
    """Not in a loop: 403, an error of the server's, and 403 again is the end; progress begins the count anew."""
    await bench.put(BODY)
    relay = await bench.start({"patience": SHORT})
    bench.upstream.script.extend([Answer(status=403), Answer(status=500), Answer(status=403), Answer(status=403)])
    assert (await bench.get(relay))[0] == 502
    assert bench.worker.asked == 2
    bench.upstream.script.clear()
    bench.upstream.script.extend([Answer(status=403), Answer(stop_after=100_000), Answer(status=403), Answer()])
    assert (await bench.get(relay))[2] == BODY
    assert bench.worker.asked == 4


async def test_two_streams_share_one_fresh_url(bench) -> None:
    await bench.put(BODY)
    relay = await bench.start()
    first, second = [await bench.first_byte(relay, Range=f"bytes={at}-") for at in (0, 1)]
    first.close()
    second.close()
    bench.upstream.revoke()
    assert (await bench.get(relay))[2] == BODY
    assert (await bench.get(relay))[2] == BODY
    assert bench.worker.asked == 2


async def test_too_many_requests_in_mid_song_are_waited_out(bench) -> None:
    await bench.put(BODY)
    bench.upstream.script.extend(
        [Answer(stop_after=100_000), Answer(status=429, headers={"Retry-After": "0"}), Answer()]
    )
    assert (await bench.get(await bench.start()))[2] == BODY
    assert bench.worker.asked == 1


async def test_a_wait_of_minutes_is_not_waited_for(bench) -> None:
    await bench.put(BODY)
    bench.upstream.default = Answer(status=429, headers={"Retry-After": "600"})
    relay = await bench.start()
    status, _, body = await bench.get(relay)
    assert (status, body) == (502, b"upstream answered 429 Too Many Requests (trying again in 5 min)\n")
    assert len(bench.upstream.requests) == 1
    assert ID in json.loads((await bench.get(relay, "/health"))[2])["refused"]
