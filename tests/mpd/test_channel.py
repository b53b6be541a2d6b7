"""The control channel on a real mpd: every command is answered, to everybody or to the one who asked."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs
from support.tagging import address, soon, started
from support.waiting import eventually

from mpdbridge.mpd.address import MpdAddress
from mpdbridge.mpd.channel import ControlChannel, messages

pytestmark = pytest.mark.mpd


class Responder:
    """Answers with what it was asked, or as long as it is held, not at all."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bool]] = []
        self.free = asyncio.Event()
        self.free.set()
        self.lines: list[str] = []

    async def respond(self, line: str, private: bool) -> AsyncIterator[Sequence[str]]:  # noqa: FBT001
        self.asked.append((line, private))
        yield [f"heard {line}"]
        await self.free.wait()
        yield self.lines


@pytest.fixture
def responder() -> Responder:
    return Responder()


def channel(mpd, responder: Responder) -> ControlChannel:
    return ControlChannel(address=address(mpd), respond=responder.respond, delays=soon)


@asynccontextmanager
async def listening(mpd, responder: Responder) -> AsyncIterator[ControlChannel]:
    running = channel(mpd, responder)
    async with started(running):
        await eventually(lambda: is_attached(running), "it to listen")
        yield running


def is_attached(running: ControlChannel) -> bool:
    return running.facts["state"] == "attached"


def heard(client, name: str = "mpdbridge-reply") -> list[str]:
    return messages(client.command("readmessages"), name)


async def collect(client, count: int, name: str = "mpdbridge-reply") -> list[str]:
    """The next `count` messages."""
    found: list[str] = []

    def all_there() -> bool:
        found.extend(heard(client, name))
        return len(found) >= count

    await eventually(all_there, f"{count} messages")
    return found


async def test_every_command_is_answered_to_everybody(mpd, responder) -> None:
    responder.lines = ["more", "", "and\tmore"]
    with mpd.client() as one, mpd.client() as other:
        for client in (one, other):
            client.command("subscribe", "mpdbridge-reply")
        async with listening(mpd, responder):
            mpd.command("sendmessage", "mpdbridge", "first")
            assert await collect(one, 3) == ["heard first", "more", "and\tmore"]
            assert await collect(other, 3) == ["heard first", "more", "and\tmore"]
            mpd.command("sendmessage", "mpdbridge", 'a "quoted" \\ text ü')
            assert (await collect(one, 3))[0] == 'heard a "quoted" \\ text ü'


async def test_what_is_too_long_for_a_message_is_cut(mpd, responder) -> None:
    responder.lines = ['"' * 9000]
    with mpd.client() as client:
        client.command("subscribe", "mpdbridge-reply")
        async with listening(mpd, responder):
            mpd.command("sendmessage", "mpdbridge", "first")
            assert (await collect(client, 2))[1] == '"' * 3900


async def test_who_asks_for_a_channel_alone_gets_it(mpd, responder) -> None:
    with mpd.client() as public, mpd.client() as private:
        public.command("subscribe", "mpdbridge-reply")
        private.command("subscribe", "mpdbridge-reply-a1")
        async with listening(mpd, responder):
            mpd.command("sendmessage", "mpdbridge", "@mpdbridge-reply-a1 like x")
            assert await collect(private, 1, "mpdbridge-reply-a1") == ["heard like x"]
            assert responder.asked == [("like x", True)]
            mpd.command("sendmessage", "mpdbridge", "@other-channel like")
            assert await collect(public, 1) == ["heard @other-channel like"], "no channel but ours"


async def test_it_does_its_work_though_nobody_hears_the_answer(mpd, responder) -> None:
    responder.lines = ["more"]
    async with listening(mpd, responder) as running:
        mpd.command("sendmessage", "mpdbridge", "first")
        mpd.command("sendmessage", "mpdbridge", "second")
        await eventually(lambda: len(responder.asked) == 2, "both")
        assert is_attached(running)


async def test_a_slow_command_keeps_no_other_waiting(mpd, responder) -> None:
    responder.free.clear()
    async with listening(mpd, responder):
        mpd.command("sendmessage", "mpdbridge", "slow")
        await eventually(lambda: responder.asked, "the slow one")
        mpd.command("sendmessage", "mpdbridge", "quick")
        await eventually(lambda: len(responder.asked) == 2, "the other one")


async def test_of_a_flood_of_commands_only_so_many_are_kept(mpd, responder) -> None:
    responder.free.clear()
    with mpd.client() as client:
        async with listening(mpd, responder) as running:
            for number in range(60):
                client.command("sendmessage", "mpdbridge", str(number))
            await eventually(lambda: len(responder.asked) == 16, "as many as run at once")
            for number in range(60, 120):
                client.command("sendmessage", "mpdbridge", str(number))
            with capture_logs() as logs:
                await eventually(lambda: logs, "it to say that it is too much")
            responder.free.set()
            await eventually(lambda: heard_again(client, responder), "it to listen again")
            assert [line for line, _ in responder.asked][:79] == [str(number) for number in range(79)]
            assert is_attached(running)


def heard_again(client, responder: Responder) -> bool:
    client.command("sendmessage", "mpdbridge", "again")
    return any(line == "again" for line, _ in responder.asked)


async def test_it_listens_again_after_a_restart_of_mpd(mpd, responder) -> None:
    async with listening(mpd, responder) as running:
        await asyncio.to_thread(mpd.restart)
        await eventually(lambda: is_attached(running) and "mpdbridge" in mpd.values("channels"), "a new start")
        mpd.command("sendmessage", "mpdbridge", "again")
        await eventually(lambda: responder.asked, "the command")


async def test_an_mpd_that_forbids_it_is_told_of(start_mpd, responder) -> None:
    closed = start_mpd(default_permissions="read", password="secret")
    running = ControlChannel(address=MpdAddress(socket=str(closed.socket)), respond=responder.respond, delays=soon)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(running.run())
        await eventually(lambda: running.facts["state"] == "refused", "a refusal")
        task.cancel()
    assert str(running.facts["reason"]).startswith(f"MPD at {closed.socket} does not permit ")


async def test_of_two_bridges_one_obeys_and_the_other_when_that_has_ended(mpd, responder) -> None:
    later = Responder()
    waiting = channel(mpd, later)
    async with asyncio.TaskGroup() as tasks:
        async with listening(mpd, responder):
            task = tasks.create_task(waiting.run())
            await eventually(lambda: "another bridge" in str(waiting.facts.get("reason")), "the other to wait")
            mpd.command("sendmessage", "mpdbridge", "first")
            await eventually(lambda: responder.asked, "the first one to obey")
        await eventually(lambda: is_attached(waiting), "the other one's turn")
        mpd.command("sendmessage", "mpdbridge", "second")
        await eventually(lambda: later.asked, "the other one to obey")
        task.cancel()
    assert [line for line, _ in (*responder.asked, *later.asked)] == ["first", "second"]


def test_messages_of_other_channels_are_left_alone() -> None:
    answer = [
        ("channel", "a"),
        ("message", "1"),
        ("channel", "b"),
        ("message", "2"),
        ("channel", "a"),
        ("message", "3"),
    ]
    assert messages(answer, "a") == ["1", "3"]
