"""The command group, and what becomes of errors."""

import errno
import importlib
import io
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import NoReturn

import click

from mpdbridge import __version__
from mpdbridge.cli.options import State, standard_options
from mpdbridge.errors import ConfigError, MpdBridgeError

# Where each command is, in the order in which a newcomer meets them.
_COMMANDS = {
    "demo": "mpdbridge.cli.demo:demo",
    "config": "mpdbridge.cli.config:config",
    "auth": "mpdbridge.cli.auth:auth",
    "sync": "mpdbridge.cli.sync:sync",
    "watch": "mpdbridge.cli.watch:watch",
    "add": "mpdbridge.cli.add:add",
    "search": "mpdbridge.cli.search:search",
    "radio": "mpdbridge.cli.radio:radio",
    "like": "mpdbridge.cli.rate:like",
    "dislike": "mpdbridge.cli.rate:dislike",
    "unlike": "mpdbridge.cli.rate:unlike",
    "status": "mpdbridge.cli.status:status",
    "doctor": "mpdbridge.cli.doctor:doctor",
    "service": "mpdbridge.cli.service:service",
}
_SIGNALLED = 128  # plus the signal's number, as shells have it
_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # likewise
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            import difflib

            close = difflib.get_close_matches(args[0], _COMMANDS, n=1)
            ctx.fail(f"there is no command {args[0]!r}{f'; did you mean {close[0]!r}?' if close else ''}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
First steps:
  mpdbridge demo            hear it at once, with music that comes with it
  mpdbridge config init     write a configuration, then put your playlists in it
  mpdbridge sync            put the playlists into MPD
  mpdbridge watch           keep this running: MPD plays through it

\b
Completion of commands and options in bash (zsh, fish: likewise):
  eval "$(_MPDBRIDGE_COMPLETE=bash_source mpdbridge)"
""",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
@standard_options
def cli() -> None:
    """Make YouTube Music, and any site yt-dlp knows, a native part of MPD.

    Your playlists appear in MPD and in every MPD client, with artists and titles, and play like files.
    """


def main() -> NoReturn:
    """Runs the command line and exits.

    0 done, 1 something failed, 2 wrong usage or configuration, 130 interrupted (Ctrl-C), 143 ended (SIGTERM).
    """
    state = State()
    ended_by = _end_on_sigterm()
    if sys.stdout is None:  # closed: whoever prints shall hear of it, and no file of ours shall take its number
        sys.stdout = io.TextIOWrapper(
            io.FileIO(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC), "w"), write_through=True
        )
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # titles hold what a terminal's encoding may not know
    try:
        code = cli.main(prog_name="mpdbridge", standalone_mode=False, obj=state)
    except click.ClickException as problem:
        _tell_usage(problem)
        sys.exit(problem.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(_SIGNALLED + ended_by[-1])
    except Exception as problem:
        if state.verbose and not all(isinstance(each, MpdBridgeError) for each in _leaves(problem)):
            raise
        sys.exit(_tell(problem))
    sys.exit(code if isinstance(code, int) else 0)


def _end_on_sigterm() -> list[int]:
    """Has SIGTERM end a command in good order, as Ctrl-C does. Returns the signal that did so, in the last place."""
    ended_by: list[int] = [signal.SIGINT]

    def end(number: int, _frame: object) -> None:
        if not callable(signal.getsignal(signal.SIGINT)):  # ignored, as for what a script runs in the background
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        ended_by.append(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)

    signal.signal(signal.SIGTERM, end)
    return ended_by


def _tell_usage(problem: click.ClickException) -> None:
    """One line on stderr for a wrong use, as for everything else; a group without a command gets its help."""
    told, context = problem.format_message(), getattr(problem, "ctx", None)
    if "\n" in told:
        problem.show()
        return
    where = f" (see `{context.command_path} --help`)" if context else ""
    click.echo(f"mpdbridge: error: {told.removesuffix('.')}{where}", err=True)


def _tell(problem: Exception) -> int:
    """One line on stderr for each thing that went wrong. Returns the exit code."""
    from mpdbridge.logs.journal import is_journal, with_level

    told = list(_leaves(problem))
    for each in told:
        text = str(each) if isinstance(each, MpdBridgeError) else _lost_output(each) or _unexpected(each)
        line = f"mpdbridge: error: {text}"
        click.echo(with_level(line, "error") if sys.stderr and is_journal(sys.stderr) else line, err=True)
    return 2 if all(isinstance(each, ConfigError) for each in told) else 1


def _lost_output(problem: Exception) -> str:
    """What to say if it is stdout that could not be written; no other error of a file comes so far untranslated."""
    if not isinstance(problem, OSError) or problem.filename is not None or problem.errno not in _UNWRITABLE:
        return ""
    with suppress(OSError, ValueError):  # what is left in the buffer goes nowhere, instead of failing again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return f"the output cannot be written: {problem.strerror}"


def _unexpected(problem: Exception) -> str:
    text = " ".join(str(problem).split())
    return f"{type(problem).__name__}: {text}; this is a bug: `mpdbridge -v …` shows where"


def _leaves(problem: Exception) -> Iterator[Exception]:
    """What went wrong in the tasks of a group, one by one."""
    if isinstance(problem, ExceptionGroup):
        for each in problem.exceptions:
            yield from _leaves(each)
    else:
        yield problem
