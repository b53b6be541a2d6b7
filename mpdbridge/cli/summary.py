"""What a sync did, for a person to read."""

import sys
from collections import Counter

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mpdbridge.sync.events import Change, PlaylistOutcome, SyncReport
from mpdbridge.text import counted, cut_chars, one_line

_STYLES: dict[Change, str] = {
    "unchanged": "dim",
    "created": "green",
    "edited": "green",
    "replaced": "green",
    "renamed": "green",
    "removed": "yellow",
    "kept": "yellow",
    "failed": "red",
    "written-m3u": "green",
}
_WORDS: dict[Change, str] = {"written-m3u": "written as a file"}
_NAME_CHARS = 50
_UNLIMITED = 100_000  # columns; nobody wants lines folded in a file or a pipe


def plain_console() -> Console:
    """Where results go: stdout, as wide as the terminal, or without any limit when it is none."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else _UNLIMITED)


def print_summary(report: SyncReport, console: Console, *, verbose: bool = False) -> None:
    """A line for each playlist, then whatever needs attention, then the whole in one line.

    `verbose` also lists each playlist's tracks that are not available.
    """
    if report.playlists:
        print_table(_table(report), console)
    for outcome in report.playlists if verbose else ():
        _print_unavailable(outcome, console)
    for failure in report.sources_failed:
        what = "told only a part" if failure.listed else "failed"
        stays = f"what {'else ' if failure.listed else ''}MPD has of it stays"
        console.print(Text(f"{failure.source} {what}: {one_line(failure.reason)}; {stays}", style="red"))
    for warning in report.warnings:
        console.print(Text(f"warning: {one_line(warning)}", style="yellow"))
    console.print(Text(_whole(report)))


def failure_of(report: SyncReport) -> str:
    """One line for stderr when `report.failed`."""
    failed = [counted(report.count("failed"), "playlist"), counted(len(report.sources_failed), "source")]
    end = "would fail" if report.dry_run else "failed; everything else is done"
    return f"{' and '.join(part for part in failed if part)} {end}"


def print_table(table: Table, console: Console) -> None:
    """A table; without the blanks at the ends of lines that only a terminal does not mind."""
    if console.is_terminal:
        console.print(table)
        return
    with console.capture() as captured:
        console.print(table)
    console.file.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())
    console.file.flush()  # here, where a full disk or a closed pipe can still be told


def _table(report: SyncReport) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Playlist")
    table.add_column("Tracks", justify="right")
    table.add_column("Would be" if report.dry_run else "Change")
    for outcome in report.playlists:
        name = cut_chars(one_line(outcome.label), _NAME_CHARS)
        table.add_row(Text(name), str(outcome.tracks or ""), Text(_change(outcome), style=_STYLES[outcome.change]))
    return table


def _print_unavailable(outcome: PlaylistOutcome, console: Console) -> None:
    if outcome.unavailable:
        console.print(Text(f"Not available in {one_line(outcome.label)}:", style="bold"))
    for label in outcome.unavailable:
        console.print(Text(f"  {one_line(label)}", style="dim"))


def _change(outcome: PlaylistOutcome) -> str:
    """`edited +2 -1, 1 track is not available`."""
    text = _WORDS.get(outcome.change, outcome.change)
    if outcome.renamed_from:
        former = f"renamed from {one_line(outcome.renamed_from)}"
        text = former if outcome.change == "renamed" else f"{text}, {former}"
    if outcome.change in ("edited", "replaced", "renamed"):
        text += f" +{outcome.added}" * bool(outcome.added) + f" \N{MINUS SIGN}{outcome.removed}" * bool(outcome.removed)
    if outcome.reason:
        text += f": {one_line(outcome.reason)}"
    if outcome.unavailable:
        text += f" ({counted(len(outcome.unavailable), 'track')} not available)"
    return text


def _whole(report: SyncReport) -> str:
    """`3 playlists for MPD at /run/mpd/socket: 1 created, 2 unchanged; 12 songs in its database (0.4 s)`."""
    changes = Counter(outcome.change for outcome in report.playlists)
    told = ", ".join(f"{count} {_WORDS.get(change, change)}" for change, count in changes.items())
    where = f"MPD at {report.target}" if report.via == "mpd" else f"the playlist directory of MPD at {report.target}"
    begin = "Dry run, nothing was written. " if report.dry_run else ""
    playlists = counted(len(report.playlists), "playlist") or "No playlists"
    songs = f"; {counted(report.songs, 'song')} in its database" if report.songs else ""
    return f"{begin}{playlists} for {where}{': ' if told else ''}{told}{songs} ({report.seconds:.1f} s)"
