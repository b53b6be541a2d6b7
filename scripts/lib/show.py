"""How the demo looks: numbered chapters, commands with what they print, checks, and a song that moves."""

from collections.abc import Sequence
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text
from stage import StageError

_INDENT = 3


class Show:
    """Writes the demo's story; every `check` that fails ends it with a StageError."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.checks = 0
        self._chapter = 0

    def title(self, name: str, subtitle: str) -> None:
        self.console.print()
        self.console.print(Text.assemble((name, "bold magenta"), "  ", (subtitle, "dim")), soft_wrap=True)

    def chapter(self, text: str) -> None:
        self._chapter += 1
        self.console.print()
        self.console.print(Text.assemble((f"{self._chapter}  ", "bold magenta"), (text, "bold")))

    def say(self, text: str | Text) -> None:
        self._print(text)

    def command(self, line: str) -> None:
        """A command that is run now, as one would type it."""
        self._print(Text.assemble(("$ ", "dim"), (line, "cyan")))

    def output(self, text: str) -> None:
        """What a program of somebody else printed, as it is."""
        for line in text.rstrip().splitlines():
            self._print(Text(line))

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
        for column in columns:
            table.add_column(column, no_wrap=True, overflow="ellipsis", justify="right" if column == "#" else "left")
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        self.console.print(Padding(table, (0, 0, 0, _INDENT)))

    def check(self, holds: object, text: str) -> None:
        """Prints `text` with a tick, or raises StageError with it when it does not hold."""
        if not holds:
            raise StageError(f"this does not hold: {text}")
        self.checks += 1
        self._print(Text.assemble(("✓ ", "bold green"), (text, "green")))

    def song(self) -> "SongLine":
        return SongLine(self.console)

    def _print(self, line: str | Text) -> None:
        # Long lines are left to the terminal, so that what is to be copied stays in one piece.
        self.console.print(Text(" " * _INDENT).append(line), soft_wrap=True)


class SongLine:
    """The playing song on one line: it moves on a terminal; elsewhere its last state is written once."""

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, refresh_per_second=10, transient=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()
        if not self._live.console.is_terminal:
            self._live.console.line()

    def show(self, label: str, elapsed: float, duration: float) -> None:
        """`label` with a bar and the time, both in seconds."""
        line = Table.grid(padding=(0, 2, 0, 0))
        line.add_row(
            Text("▶ ", "bold green") + Text(label, "bold"),
            Text(f"{clock(elapsed)} / {clock(duration)}", "cyan"),
            ProgressBar(total=duration or 1, completed=elapsed, width=24),
        )
        self._live.update(Padding(line, (0, 0, 0, _INDENT)), refresh=self._live.console.is_terminal)


def clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
