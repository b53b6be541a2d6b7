"""A connection to a real MPD: answers, limits, hostile arguments, and every way in which it can break."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpd import MPDClient
from support.mpd_process import MpdProcess
from support.waiting import eventually

from mpdbridge.config import MpdSettings
from mpdbridge.errors import MpdRefusedError, MpdUnavailableError
from mpdbridge.mpd import wire
from mpdbridge.mpd.address import MpdAddress, resolve_address
from mpdbridge.mpd.connection import MpdConnection, _reason

URL = "http://127.0.0.1:1/a"


def address(mpd: MpdProcess) -> MpdAddress:
    return MpdAddress(socket=str(mpd.socket))


@asynccontextmanager
async def server(answer: bytes, *, then_close: bool = True) -> AsyncIterator[MpdAddress]:
    """Something that is not MPD, or not well."""
    finished = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        with suppress(OSError):
            if not then_close:
                await reader.read()
            writer.close()
            await writer.wait_closed()
        finished.set()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
        host, port = listening.sockets[0].getsockname()
        yield MpdAddress(host=host, port=port)
        await finished.wait()


async def test_an_mpd_whose_socket_comes_after_us_is_found(mpd: MpdProcess, tmp_path, monkeypatch) -> None:
    """As when the bridge starts with the session, and MPD by hand."""
    nowhere = resolve_address(MpdSettings(), {}, lambda _path: False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "mpd").mkdir()
    (tmp_path / "mpd" / "socket").symlink_to(mpd.socket)
    async with MpdConnection(nowhere) as connection:
        assert str(connection.address) == f"{tmp_path}/mpd/socket"


async def test_answers_equal_those_of_python_mpd2(mpd: MpdProcess, connection: MpdConnection) -> None:
    for number in range(3):
        await connection.command("add", f"{URL}{number}")
    await eventually(lambda: "updating_db" not in mpd.status(), "the new mpd to have read its empty music directory")
    theirs = MPDClient()
    theirs.connect(str(mpd.socket))
    assert connection.version == theirs.mpd_version
    assert dict(await connection.command("status")) == theirs.status()
    assert [value for key, value in await connection.command("playlistinfo") if key == "file"] == [
        song["file"] for song in theirs.playlistinfo()
    ]
    theirs.disconnect()


async def test_tcp_and_password(start_mpd: Callable[..., MpdProcess]) -> None:
    mpd = start_mpd(tcp=True, password="pass word", default_permissions="")
    port = mpd.port or 0
    async with MpdConnection(MpdAddress(host="127.0.0.1", port=port, password="pass word")) as connection:
        assert dict(await connection.command("status"))["state"] == "stop"
    with pytest.raises(MpdRefusedError, match=r"correct mpd\.password"):
        await MpdConnection(MpdAddress(host="127.0.0.1", port=port, password="wrong")).ensure_open()
    async with MpdConnection(MpdAddress(host="localhost", port=port)) as connection:
        with pytest.raises(MpdRefusedError, match="permission"):
            await connection.command("status")


async def test_commands_that_are_not_permitted_are_known_beforehand(start_mpd: Callable[..., MpdProcess]) -> None:
    mpd = start_mpd(password="secret", default_permissions="read")
    async with MpdConnection(MpdAddress(socket=str(mpd.socket))) as connection:
        await connection.require("status", "listplaylist")
        with pytest.raises(MpdRefusedError, match=r" does not permit addid, rm; set mpd\.password$"):
            await connection.require("rm", "status", "addid")
    async with MpdConnection(MpdAddress(socket=str(mpd.socket), password="secret")) as connection:
        await connection.require("rm", "status", "addid")


async def test_an_abstract_socket_can_be_named(start_mpd: Callable[..., MpdProcess], tmp_path: Path) -> None:
    name = f"@mpdbridge-test-{tmp_path}"
    start_mpd(extra=f'bind_to_address "{name}"')
    async with MpdConnection(MpdAddress(socket=name)) as connection:
        assert await connection.command("ping") == []


async def test_a_list_has_one_answer_per_command_however_many_lists_it_takes(connection: MpdConnection) -> None:
    """40,000 commands and 5 MiB: MPD alone would cut the connection at 2 MiB."""
    long = URL + "x" * 500
    added = await connection.command_list([("addid", long)] * 10_000)
    assert [answer[0][0] for answer in added] == ["Id"] * 10_000
    pings = await connection.command_list([("ping",)] * 30_000)
    assert pings == [[]] * 30_000
    assert len(await connection.command("playlistinfo")) >= 30_000
    assert await connection.command_list([]) == []


async def test_a_refusal_tells_its_index_over_all_batches_and_leaves_the_connection_usable(
    mpd: MpdProcess, connection: MpdConnection
) -> None:
    good = ("addid", URL + "x" * 1000)
    with pytest.raises(MpdRefusedError) as caught:
        await connection.command_list([*[good] * 3000, ("rm", "absent"), good])
    assert (caught.value.index, caught.value.code, caught.value.command) == (3000, 50, "rm")
    assert dict(await connection.command("status"))["playlistlength"] == "3000"


@given(
    text=st.text(max_size=60) | st.from_regex(r'[a"\\ ]*[\n\r\x00\x0b\x85]{1,2}(clear|stop)[\n"\\ ]*', fullmatch=True)
)
async def test_no_text_becomes_a_command(mpd: MpdProcess, text: str) -> None:
    """A queue of one entry survives any text in any command, and the next answer is the right one."""
    async with MpdConnection(address(mpd)) as connection:
        await connection.command("clear")
        song = (await connection.command("addid", URL))[0][1]
        for hostile in (("addtagid", song, "Title", text), ("playlistadd", text, URL), ("rm", text)):
            for send in (connection.command, lambda *command: connection.command_list([command])):
                with suppress(MpdRefusedError):
                    await send(*hostile)
        assert dict(await connection.command("status"))["playlistlength"] == "1"
        assert (await connection.command("playlistid", song))[0] == ("file", URL)


async def test_idle_returns_what_changed_also_before_it_was_asked(mpd: MpdProcess, connection: MpdConnection) -> None:
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(connection.idle("playlist", "stored_playlist"))
        await asyncio.sleep(0)
        mpd.command("add", URL)
        assert await waiting == {"playlist"}
    mpd.command("playlistadd", "x", URL)
    mpd.command("add", URL)
    assert await connection.idle() >= {"playlist", "stored_playlist"}


async def test_commands_of_several_tasks_take_turns(connection: MpdConnection) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(connection.command("addid", f"{URL}{number}")) for number in range(50)]
    assert [task.result()[0][1] for task in tasks] == [str(number) for number in range(1, 51)]


async def test_a_cancelled_exchange_cannot_leave_its_answer_to_the_next(connection: MpdConnection) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await connection.idle("mixer")
    with pytest.raises(MpdUnavailableError, match="connect again"):
        await connection.command("ping")
    assert await connection.ensure_open()
    assert not await connection.ensure_open()
    assert await connection.command("ping") == []


@pytest.mark.parametrize("end", [MpdProcess.stop, MpdProcess.kill])
async def test_a_restart_of_mpd_is_told_and_never_papered_over(
    mpd: MpdProcess, connection: MpdConnection, end: Callable[[MpdProcess], None]
) -> None:
    end(mpd)
    with pytest.raises(MpdUnavailableError, match="lost the connection to MPD at /tmp"):
        await connection.idle()
    with pytest.raises(MpdUnavailableError, match=r"cannot reach MPD at /tmp.*start it, or set"):
        await connection.ensure_open()
    mpd.start()
    assert await connection.ensure_open()
    assert await connection.command("ping") == []


async def test_a_connection_that_mpd_cut_is_noticed_before_it_is_used(start_mpd: Callable[..., MpdProcess]) -> None:
    mpd = start_mpd(extra='connection_timeout "1"')
    async with MpdConnection(address(mpd)) as connection:
        async with asyncio.timeout(10):
            while not await connection.ensure_open():  # noqa: ASYNC110  # MPD says nothing: it just closes
                await asyncio.sleep(0.05)
        assert await connection.command("ping") == []


@pytest.mark.parametrize(
    ("greeting", "then_close", "message"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n", True, "no MPD"),
        (b"x" * 600_000 + b"\n", True, "cannot reach"),
        (b"", True, "at once"),
        (b"", False, "no answer"),
    ],
)
async def test_what_is_no_mpd_is_told_as_such(greeting: bytes, *, then_close: bool, message: str) -> None:
    async with server(greeting, then_close=then_close) as there:
        with pytest.raises(MpdUnavailableError, match=message) as caught:
            await MpdConnection(there, timeout=0.2).ensure_open()
    assert "\n" not in str(caught.value)


async def test_an_mpd_that_falls_silent_is_given_up_after_the_time_limit() -> None:
    async with (
        server(b"OK MPD 0.23.5\n", then_close=False) as there,
        MpdConnection(there, timeout=0.1) as connection,
    ):
        with pytest.raises(MpdUnavailableError, match=r"did not answer within 0\.1 s"):
            await connection.command("ping")


async def test_a_connection_that_is_closed_under_a_command_is_lost() -> None:
    async with server(b"OK MPD 0.23.5\n") as there, MpdConnection(there) as connection:
        with pytest.raises(MpdUnavailableError, match=r"lost the connection.*is it still running"):
            await connection.command("ping")


async def test_nobody_there_is_said_plainly() -> None:
    with pytest.raises(MpdUnavailableError, match=r"cannot reach MPD at 127\.0\.0\.1:1: Connection refused; start it"):
        await MpdConnection(MpdAddress(host="127.0.0.1", port=1)).ensure_open()
    both = OSError("Multiple exceptions: [Errno 111] Connect call failed ('::1', 1), [Errno 111] Connect …")
    assert _reason(both) == "Connection refused"


async def test_a_host_that_does_not_exist_or_is_no_name_is_unavailable() -> None:
    for host in ("mpd.invalid", "a" * 70 + ".invalid", "..."):
        with pytest.raises(MpdUnavailableError, match=r"cannot reach MPD at .*; start it, or set mpd\.host"):
            await MpdConnection(MpdAddress(host=host)).ensure_open()


async def test_noidle_ends_an_idle_and_the_connection_stays_good(mpd: MpdProcess, connection: MpdConnection) -> None:
    connection.noidle()  # nobody waits: nothing is sent
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(connection.idle("playlist"))
        await asyncio.sleep(0)  # now it has sent its command
        connection.noidle()
    assert waiting.result() == set()
    mpd.command("add", URL)
    async with asyncio.timeout(10):
        assert await connection.idle("playlist") == {"playlist"}
    connection.noidle()
    assert dict(await connection.command("status"))["playlistlength"] == "1"


async def test_noidle_after_the_answer_is_on_its_way_confuses_nobody(
    mpd: MpdProcess, connection: MpdConnection
) -> None:
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(connection.idle("playlist"))
        await asyncio.sleep(0)
        mpd.command("add", URL)  # blocks this loop until MPD has answered the idle
        connection.noidle()
    assert waiting.result() == {"playlist"}
    assert dict(await connection.command("status"))["playlistlength"] == "1"


async def test_one_batch_is_sent_as_one_list(connection: MpdConnection) -> None:
    (batch,) = wire.batches([("status",), ("add", URL), ("status",)])
    before, _, after = await connection.send(batch)
    assert (dict(before)["playlistlength"], dict(after)["playlistlength"]) == ("0", "1")
