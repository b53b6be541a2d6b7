"""The protocol codec: no argument can become a command, no limit of MPD is run into, no chunking matters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpd.base import MPDClient

from mpdbridge.errors import MpdRefusedError
from mpdbridge.mpd import wire

ARGUMENTS = st.lists(st.text(max_size=30) | st.text("\n\0a\ud800", max_size=3), max_size=4)


@given(ARGUMENTS)
def test_a_command_is_one_line_or_is_not_sent(args: list[str]) -> None:
    command = ("playlistadd", *args)
    if any(char in "\n\0" or "\ud800" <= char <= "\udfff" for arg in args for char in arg):
        with pytest.raises(MpdRefusedError, match=r"^not sent to MPD: "):
            wire.command_line(command)
    else:
        assert wire.command_line(command).find(b"\n") == len(wire.command_line(command)) - 1


@given(st.lists(st.text(st.characters(exclude_characters="\n\0", exclude_categories=["Cs"]), max_size=30)))
def test_quoting_is_that_of_python_mpd2(args: list[str]) -> None:
    written: list[str] = []
    client = MPDClient()
    client._write_line = written.append
    client._write_command("add", args)
    assert wire.command_line(("add", *args)).decode() == f"{written[0]}\n"


@pytest.mark.parametrize("name", ["", "clear\n", "a b", 'a"', "é"])
def test_a_command_name_is_a_word(name: str) -> None:
    with pytest.raises(MpdRefusedError):
        wire.command_line((name,))


def test_a_line_longer_than_mpd_reads_is_refused_with_its_place() -> None:
    fits = "x" * (wire.LINE_LIMIT - len('add ""'))
    assert len(wire.command_line(("add", fits))) == wire.LINE_LIMIT + 1
    with pytest.raises(MpdRefusedError, match="8192 bytes") as caught:
        list(wire.batches([("add", fits), ("add", fits + "x")]))
    assert (caught.value.index, caught.value.code, caught.value.command) == (1, 2, "add")
    assert len(str(caught.value)) < 300


@given(st.lists(st.integers(0, 60), max_size=40), st.integers(1, 200))
def test_batches_keep_every_command_in_order_below_the_limit(lengths: list[int], limit: int) -> None:
    commands = [("add", f"{number}-" + "x" * length) for number, length in enumerate(lengths)]
    made = list(wire.batches(commands, limit))
    inner = [batch.payload.removeprefix(wire._LIST_BEGIN).removesuffix(wire._LIST_END) for batch in made]
    assert b"".join(inner) == b"".join(wire.command_line(command) for command in commands)
    assert sum(batch.count for batch in made) == len(commands)
    assert all(batch.count == 1 or len(lines) <= limit for batch, lines in zip(made, inner, strict=True))


def test_a_password_that_cannot_be_sent_is_not_told() -> None:
    with pytest.raises(MpdRefusedError, match="password") as caught:
        wire.command_line(("password", "secret\n"))
    assert "secret" not in str(caught.value)


def test_a_small_list_is_one_and_a_large_one_is_not() -> None:
    assert wire.fits_one_list([("add", "x" * 100)] * 100)
    assert not wire.fits_one_list([("add", "x" * 1000)] * 1100)


@pytest.mark.parametrize(
    "answer",
    [b"OK\n", b"file: a\nTitle: OK\nfile: ACK [5@0]\nOK\n", b"a: b\nlist_OK\nlist_OK\nOK\n", b"a: b\nACK [5@1] {} x\n"],
)
def test_an_answer_is_complete_at_its_last_byte_and_not_before(answer: bytes) -> None:
    assert [wire.is_complete(bytearray(answer[:cut])) for cut in range(len(answer))] == [False] * len(answer)
    assert wire.is_complete(bytearray(answer))


def test_answers_are_pairs_in_order_one_answer_per_command() -> None:
    assert wire.parse(bytearray("file: a: b\nArtist: Ü\nArtist: \nOK\n".encode())) == [
        [("file", "a: b"), ("Artist", "Ü"), ("Artist", "")]
    ]
    assert wire.parse(bytearray(b"OK\n")) == [[]]
    assert wire.parse(bytearray(b"Id: 1\nlist_OK\nlist_OK\nId: 2\nlist_OK\nOK\n")) == [[("Id", "1")], [], [("Id", "2")]]


@pytest.mark.parametrize(
    ("line", "code", "index", "command", "message"),
    [
        ("ACK [50@3] {rm} No such playlist", 50, 3, "rm", "MPD refused rm: No such playlist"),
        ('ACK [5@0] {} unknown command "x"', 5, 0, "", 'MPD refused a command: unknown command "x"'),
        ("ACK [4@0] {add} no", 4, 0, "add", "MPD refused add: no; set mpd.password to one that mpd.conf grants this"),
        ("ACK [3@0] {password} incorrect password", 3, 0, "password", "MPD refused password: incorrect password; corr"),
        ("ACK [51@0] {playlistadd} large", 51, 0, "playlistadd", "MPD refused playlistadd: large; raise max_playlist_"),
        (
            "ACK [5@0] {rm} Stored playlists are disabled",
            5,
            0,
            "rm",
            "MPD refused rm: Stored playlists are disabled; set ",
        ),
        (
            "ACK [52@0] {listplaylists} Failed to open /m/lists: No such file or directory",
            52,
            0,
            "listplaylists",
            "MPD refused listplaylists: Failed to open /m/lists: No such file or directory; make this folder",
        ),
        ("ACK nonsense", 5, 0, "", "MPD refused: ACK nonsense"),
    ],
)
def test_a_refusal_tells_what_where_and_the_fix(line: str, code: int, index: int, command: str, message: str) -> None:
    with pytest.raises(MpdRefusedError) as caught:
        wire.parse(bytearray(f"a: b\nlist_OK\n{line}\n".encode()))
    error = caught.value
    assert (error.code, error.index, error.command) == (code, index, command)
    assert str(error).startswith(message)
