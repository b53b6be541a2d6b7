"""A running bridge obeys messages of any client, and command lines ask it rather than do the same work themselves."""

import asyncio
import json

import pytest
import yaml
from click.testing import CliRunner
from structlog.testing import capture_logs
from support.bridge import playlists_of
from support.waiting import eventually

from mpdbridge.cli.app import cli
from mpdbridge.cli.options import State
from mpdbridge.config import Settings
from mpdbridge.control.controller import Controller
from mpdbridge.control.replies import Reply
from mpdbridge.daemon import run_watch
from mpdbridge.errors import MpdBridgeError
from mpdbridge.mpd.channel import messages

pytestmark = pytest.mark.mpd


@pytest.fixture
async def bridge(configured, library, mpd):
    """`run_watch` with a library; what it logs does not get between the lines of commands in the same process."""
    with capture_logs():
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            running = group.create_task(run_watch(Settings.model_validate(configured)))
            await eventually(lambda: "YT: Liked Music" in playlists_of(mpd), "the first sync")
            await eventually(lambda: "mpdbridge" in mpd.values("channels"), "the channel")
            yield running
            running.cancel()


@pytest.fixture
def run(configured, library, tmp_path):
    """Runs a command line, in a thread, since it has an event loop of its own."""
    config = tmp_path / "c.yaml"
    config.write_text(yaml.safe_dump(configured))

    async def run(*words):
        return await asyncio.to_thread(
            CliRunner().invoke, cli, [words[0], "--config", str(config), *words[1:]], obj=State()
        )

    return run


class Listener:
    """A client that sends commands and hears the answers."""

    def __init__(self, client) -> None:
        self._client = client
        client.command("subscribe", "mpdbridge-reply")

    async def ask(self, command: str, last: str) -> list[str]:
        """The answers up to the one that begins with `last`."""
        self._client.command("sendmessage", "mpdbridge", command)
        heard: list[str] = []

        def complete() -> bool:
            heard.extend(messages(self._client.command("readmessages"), "mpdbridge-reply"))
            return any(line.startswith(last) for line in heard)

        await eventually(complete, f"{last!r} after {heard}")
        return heard


@pytest.fixture
def listener(mpd):
    with mpd.client() as client:
        yield Listener(client)


async def test_any_client_commands_it(bridge, listener, mpd, library) -> None:
    assert (await listener.ask("help", "help"))[0].startswith("like [TRACK]: ")
    assert await listener.ask("like blue-000002", "Liked") == ["Liked Miles - Blue 2"]
    assert "blue-000002" in playlists_of(mpd)["YT: Liked Music"][0]
    assert (await listener.ask("search blue", "8 Miles"))[0] == "8 songs in YT: Search"
    assert await listener.ask("add 1", "Added") == ["Added Miles - Blue 0"]
    await listener.ask("radio --append blue-000000", "Added 7 tracks")
    assert len(mpd.queue()) == 8
    library.playlists["LM"].songs.pop()
    synced = await listener.ask("sync", "Synced")
    assert synced[0] == "Syncing …"
    assert synced[1].startswith("Synced: 1 playlist, 1 changed (")
    told = await listener.ask("status", "ok Sources")
    assert any(line.startswith("ok Tags: ") for line in told)


async def test_what_goes_wrong_is_one_line(bridge, listener, library) -> None:
    assert await listener.ask("lke", "there") == ["there is no command 'lke': did you mean 'like'?"]
    assert await listener.ask("like", "MPD plays nothing") == ["MPD plays nothing: name a track, by its link or id"]
    library.script.append(400)
    (told,) = await listener.ask("search blue", "YouTube Music")
    assert "HTTP 400" in told


async def test_a_sync_that_fails_says_why(bridge, listener, library) -> None:
    library.script.extend([400] * 9)
    told = await listener.ask("sync", "Synced")
    assert "ytmusic: YouTube Music: Server returned HTTP 400" in told[-1]


async def test_command_lines_let_the_bridge_do_it(bridge, run, mpd, library, monkeypatch) -> None:
    monkeypatch.setattr("mpdbridge.control.asking.open_tools", None)  # nobody works alone here
    result = await run("like", "blue-000002")
    assert (result.exit_code, result.stdout) == (0, "Liked Miles - Blue 2\n"), result.output
    assert library.playlists["LM"].songs[0].title == "Blue 2"
    result = await run("radio", "blue-000003", "--json")
    found = json.loads(result.stdout)
    assert (found["playlist"], len(found["tracks"])) == ("YT: Radio", 7)
    assert "YT: Radio" in playlists_of(mpd)
    result = await run("dislike", "nonsense")
    assert isinstance(result.exception, MpdBridgeError)
    assert str(result.exception).startswith("nonsense: this is no link")


async def test_the_same_command_lines_work_alone(run, mpd, library) -> None:
    assert (await run("unlike", "blue-000006")).stdout == "No longer rated: Miles - Blue 6\n"
    assert [song.title for song in library.playlists["LM"].songs] == ["Blue 5", "Blue 7"]
    result = await run("radio", "blue-000003")
    assert result.stdout == (
        "YT: Radio holds 7 tracks like Miles - Blue 3\nLoad it in your MPD client, or: mpc load 'YT: Radio'\n"
    )
    assert (await run("radio", "blue-000003", "--append")).stdout == "Added 7 tracks like Miles - Blue 3\n"
    assert len(mpd.queue()) == 7


async def test_without_mpd_a_like_still_reaches_youtube_music(run, mpd, library) -> None:
    await run("like", "blue-000001")
    mpd.stop()
    assert (await run("like", "blue-000002")).exit_code == 0
    assert library.playlists["LM"].songs[0].title == "Blue 2"
    assert "cannot reach MPD" in str((await run("like")).exception)


async def test_a_bridge_that_ends_before_it_answers_is_told(bridge, run, monkeypatch) -> None:
    asked = asyncio.Event()

    async def never(*_):
        asked.set()
        await asyncio.Event().wait()

    monkeypatch.setattr("mpdbridge.control.controller.answer", never)
    async with asyncio.TaskGroup() as group:
        command = group.create_task(run("like", "blue-000002"))
        await asked.wait()
        bridge.cancel()
        result = await command
    assert "the running bridge has ended before it answered" in str(result.exception)


async def test_commands_are_carried_out_one_after_another_and_help_waits_for_none(monkeypatch) -> None:
    begun, go_on = [], asyncio.Event()

    async def answer(_tools, command):
        begun.append(command.text)
        await go_on.wait()
        return Reply((command.text,))

    async def said(line):
        return [lines async for lines in controller.respond(line, False)][-1]  # noqa: FBT003

    monkeypatch.setattr("mpdbridge.control.controller.answer", answer)
    controller = Controller(tools=None, sync=None, why_not=None, status=None)
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(said(f"like {name}")) for name in "abc"]
        await eventually(lambda: begun, "the first one")
        assert (await said("help"))[0].startswith("like")
        assert begun == ["a"]
        go_on.set()
    assert begun == [one for each in asked for one in each.result()] == ["a", "b", "c"]


async def test_a_mistake_of_ours_stops_no_bridge(monkeypatch) -> None:
    async def broken(*_):
        raise KeyError("x")

    monkeypatch.setattr("mpdbridge.control.controller.answer", broken)
    controller = Controller(tools=None, sync=None, why_not=None, status=None)
    with capture_logs() as logs:
        told = [lines async for lines in controller.respond("like", False)]  # noqa: FBT003
    assert told == [["KeyError: this is a bug; the log of `mpdbridge watch` has more"]]
    assert logs[0]["event"] == "command failed, which is a mistake in mpdbridge"
