"""The progress of a sync on a terminal; silence where there is none. Listens to events, decides nothing."""

import sys
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.text import Text

from mpdbridge.sync.events import (
    PlaylistFailed,
    PlaylistFetched,
    PlaylistPublished,
    SourceListed,
    StreamsResolved,
    SyncEvent,
    SyncStarted,
    Warned,
)
from mpdbridge.text import cut_chars, one_line

_NAME_CHARS = 40


class SyncProgress:
    """One bar for each phase: asking the sources, fetching, resolving (the fallback only), publishing.

    It is on stderr and gone at the end: the summary says what remains to be said.
    """

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TextColumn("{task.fields[what]}", markup=False, style="dim"),
            console=console,
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, event: SyncEvent) -> None:
        match event:
            case Warned(message=message) if not self._tasks:  # later ones are in the summary
                self._progress.console.print(Text(one_line(message), style="yellow"))
            case SyncStarted(sources=sources):
                self._show("Sources", 0, len(sources), ", ".join(sources))
            case SourceListed(source=source):
                self._advance("Sources", source)
            case PlaylistFetched(name=name, done=done, total=total):
                self._show("Fetched", done, total, name)
            case StreamsResolved(name=name, done=done, total=total):
                self._show("Streams", done, total, name)
            case PlaylistPublished(outcome=outcome, done=done, total=total):
                self._show("In MPD", done, total, outcome.mpd_name)
            case PlaylistFailed(outcome=outcome, done=done, total=total):
                self._show("In MPD", done, total, outcome.label)

    def _show(self, phase: str, done: int, total: int, what: str) -> None:
        if phase not in self._tasks:
            self._tasks[phase] = self._progress.add_task(phase, what="")
        shown = cut_chars(one_line(what), _NAME_CHARS)
        self._progress.update(self._tasks[phase], completed=done, total=total, what=shown)

    def _advance(self, phase: str, what: str) -> None:
        self._progress.update(self._tasks[phase], advance=1, what=what)
