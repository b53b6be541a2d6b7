"""Asking a relay how it is: the relay itself, and what else may answer in its place."""

import pytest
from support.mpd_process import free_port

from mpdbridge import __version__
from mpdbridge.relay.health import ask_health


async def test_a_relay_tells_of_itself(bench) -> None:
    relay = await bench.start()
    assert (await ask_health(f"http://127.0.0.1:{relay.port}"))["version"] == __version__


async def test_a_page_that_is_not_the_relays_own_is_no_answer_of_it(bench) -> None:
    relay = await bench.start()
    with pytest.raises(ValueError, match="not our /health"):  # 404: nothing of ours is below /music
        await ask_health(f"http://127.0.0.1:{relay.port}/music")


async def test_a_health_of_another_program_is_no_answer_of_it(bench) -> None:
    bench.upstream.add("health", b'{"status": "ok"}', "application/json")
    with pytest.raises(ValueError, match="not our /health"):
        await ask_health(f"http://127.0.0.1:{bench.upstream.port}/audio")


async def test_where_nobody_listens_the_question_is_refused() -> None:
    with pytest.raises(ConnectionRefusedError):
        await ask_health(f"http://127.0.0.1:{free_port()}")


async def test_what_the_process_holds_is_counted(bench) -> None:
    relay = await bench.start()
    held = (await ask_health(f"http://127.0.0.1:{relay.port}"))["process"]
    assert held["tasks"] >= 1
    assert held["descriptors"] >= 3
    assert 10_000 < held["rss_kib"] < 10_000_000
