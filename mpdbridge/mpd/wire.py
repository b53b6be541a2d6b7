r"""MPD's protocol as values in, values out; nothing here waits or opens anything.

python-mpd2 stays the authority on the words of the protocol and their escaping. Its clients are not used: the asyncio
one has no command lists, overflows at 128 pending commands and reports a foreign change 100 ms late after each command
of its own; the blocking one costs ten times the raw commands.

Two rules make this small. Requests are never pipelined, so the bytes received are always one answer from its start.
And MPD's values hold no newline, so an answer is complete when its last line is `OK` or an `ACK`. (Binary answers, as
of `albumart`, are not supported.)
"""

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mpd.base import ERROR_PREFIX, NEXT, SUCCESS, FailureResponseCode, escape

from mpdbridge.errors import MpdRefusedError
from mpdbridge.text import cut_chars

Command = tuple[str, ...]
Answer = list[tuple[str, str]]

LINE_LIMIT = 8191  # bytes without the newline; MPD closes the connection over a longer line (measured, 0.23.12)
# MPD drops the connection over a list of more than 2 MiB (max_command_list_size), and answers nobody while it works
# on one: half of that keeps clear of the limit and blocks other clients for 0.1 s at most.
LIST_LIMIT = 1 << 20

ACK_ARG = FailureResponseCode.ARG.value
ACK_EXIST = FailureResponseCode.EXIST.value
ACK_NO_EXIST = FailureResponseCode.NO_EXIST.value
ACK_PERMISSION = FailureResponseCode.PERMISSION.value
ACK_PLAYLIST_MAX = FailureResponseCode.PLAYLIST_MAX.value
ACK_UNKNOWN = FailureResponseCode.UNKNOWN.value

_LIST_BEGIN = b"command_list_ok_begin\n"
_LIST_END = b"command_list_end\n"
_LIST_OK = NEXT
_OK_LINE = f"{SUCCESS}\n".encode()
_ACK_START = ERROR_PREFIX.encode()
_ACK = re.compile(r"ACK \[(\d+)@(\d+)\] \{([^}]*)\} ?(.*)")
_UNSENDABLE = re.compile("[\n\0\ud800-\udfff]")

_FIXES = {
    FailureResponseCode.PASSWORD.value: "correct mpd.password",
    ACK_PERMISSION: "set mpd.password to one that mpd.conf grants this permission",
    ACK_PLAYLIST_MAX: "raise max_playlist_length in mpd.conf",
}
_FIXES_BY_TEXT = (
    (re.compile("Stored playlists are disabled"), "set playlist_directory in mpd.conf"),
    (re.compile("Failed to open /.*: No such file"), "make this folder, as the user that MPD runs as"),
)


@dataclass(frozen=True, slots=True)
class Batch:
    """Commands that are sent, and carried out by MPD, in one piece."""

    payload: bytes
    count: int


def command_line(command: Command) -> bytes:
    """One command as MPD reads it, newline included, every argument quoted.

    Raises:
        MpdRefusedError: before anything is sent, when an argument holds what the protocol cannot carry (a newline
            would start another command), or when the line is too long.
    """
    if not _is_name(command[0]):
        raise _unsendable(command, "that is no command name")
    # Looked at together, which is four times faster than one by one: there may be 60,000 of them to send.
    text = "".join(command)
    if not text.isprintable() and _UNSENDABLE.search(text):
        raise _unsendable(command, "an argument holds a line break or what is no text")
    args: Iterable[str] = command[1:]
    if '"' in text or "\\" in text:
        args = map(escape, args)
    quoted = '" "'.join(args)
    line = (f'{command[0]} "{quoted}"\n' if len(command) > 1 else f"{command[0]}\n").encode()
    if len(line) > LINE_LIMIT + 1:
        raise _unsendable(command, f"its {len(line) - 1} bytes are more than the {LINE_LIMIT} that MPD reads")
    return line


def batches(commands: Sequence[Command], limit: int = LIST_LIMIT) -> Iterator[Batch]:
    """`commands` as command lists of at most `limit` bytes each, in order.

    Raises:
        MpdRefusedError: before the first batch, when one of them cannot be sent; `index` tells which.
    """
    for lines in _grouped(_lines(commands), limit):
        yield Batch(b"".join([_LIST_BEGIN, *lines, _LIST_END]), len(lines))


def fits_one_list(commands: Sequence[Command]) -> bool:
    """Whether MPD will carry `commands` out as one, unseen half done by other clients."""
    return sum(map(len, _lines(commands))) <= LIST_LIMIT


def is_complete(received: bytearray) -> bool:
    """Whether `received`, everything since the request, is a whole answer."""
    if not received.endswith(b"\n"):
        return False
    last = received.rfind(b"\n", 0, len(received) - 1) + 1
    return received[last:] == _OK_LINE or received.startswith(_ACK_START, last)


def parse(received: bytearray) -> list[Answer]:
    """The answers in a complete `received`: one per command of a list, and one for a single command.

    Raises:
        MpdRefusedError: it ends with an ACK.
    """
    lines = received.decode("utf-8", "replace").split("\n")
    last = lines[-2]
    if last.startswith(ERROR_PREFIX):
        raise _refusal(last)
    answers: list[Answer] = []
    answer: Answer = []
    for line in lines[:-2]:
        if line == _LIST_OK:
            answers.append(answer)
            answer = []
        else:
            key, _, value = line.partition(": ")
            answer.append((key, value))
    return answers or [answer]


@functools.cache
def _is_name(name: str) -> bool:
    return name.isascii() and name.replace("_", "").isalnum()


def _lines(commands: Sequence[Command]) -> list[bytes]:
    lines = []
    for index, command in enumerate(commands):
        try:
            lines.append(command_line(command))
        except MpdRefusedError as error:
            error.index = index
            raise
    return lines


def _grouped(lines: list[bytes], limit: int) -> Iterator[list[bytes]]:
    start = size = 0
    for index, line in enumerate(lines):
        if size and size + len(line) > limit:
            yield lines[start:index]
            start, size = index, 0
        size += len(line)
    if lines:
        yield lines[start:]


def _unsendable(command: Command, reason: str) -> MpdRefusedError:
    name = command[0]
    shown = name if name == "password" else cut_chars(repr(" ".join(command)), 120)
    return MpdRefusedError(f"not sent to MPD: {shown}: {reason}", code=ACK_ARG, command=name)


def _refusal(line: str) -> MpdRefusedError:
    found = _ACK.match(line)
    if found is None:
        return MpdRefusedError(f"MPD refused: {line}", code=FailureResponseCode.UNKNOWN.value)
    code, index, command, text = int(found[1]), int(found[2]), found[3], found[4]
    fix = next((fix for pattern, fix in _FIXES_BY_TEXT if pattern.match(text)), _FIXES.get(code))
    message = f"MPD refused {command or 'a command'}: {text}" + (f"; {fix}" if fix else "")
    return MpdRefusedError(message, code=code, index=index, command=command)
