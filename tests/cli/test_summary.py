"""The summary of a sync: a line per playlist, what needs attention, and the whole in one line."""

import io

import pytest
from rich.console import Console
from rich.text import Text

from mpdbridge.cli.progress import SyncProgress
from mpdbridge.cli.summary import failure_of, print_summary
from mpdbridge.sync.events import (
    PlaylistFailed,
    PlaylistFetched,
    PlaylistOutcome,
    PlaylistPublished,
    SourceFailed,
    SourceListed,
    StreamsResolved,
    SyncFinished,
    SyncReport,
    SyncStarted,
    Warned,
)


def outcome(change, name="Roadtrip", **facts):
    return PlaylistOutcome("web", name, name, f"YT: {name}", change, **facts)


def printed(*playlists, **facts):
    """The lines of the summary, as they arrive in a file."""
    report = SyncReport(target="/run/mpd/socket", via="mpd", playlists=playlists, seconds=0.42, **facts)
    stream = io.StringIO()
    print_summary(report, Console(file=stream, width=1000))
    return stream.getvalue().splitlines()


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (outcome("unchanged", tracks=12), "YT: Roadtrip      12  unchanged"),
        (outcome("created", tracks=4, added=4), "YT: Roadtrip       4  created"),
        (outcome("edited", tracks=52, added=3, removed=1), "YT: Roadtrip      52  edited +3 −1"),
        (outcome("edited", tracks=52), "YT: Roadtrip      52  edited"),
        (outcome("replaced", tracks=9, removed=8), "YT: Roadtrip       9  replaced −8"),
        (outcome("renamed", tracks=9, renamed_from="YT: Trip"), "YT: Roadtrip       9  renamed from YT: Trip"),
        (outcome("edited", tracks=9, added=1, renamed_from="YT: Trip"), "renamed from YT: Trip +1"),
        (outcome("removed", removed=3), "YT: Roadtrip          removed"),
        (outcome("kept", tracks=9, reason="3 of 12 came"), "YT: Roadtrip       9  kept: 3 of 12 came"),
        (outcome("failed", reason="HTTP\n404"), "YT: Roadtrip          failed: HTTP 404"),
        (outcome("written-m3u", tracks=1), "YT: Roadtrip       1  written as a file"),
        (outcome("created", tracks=1, unavailable=("a", "b")), "created (2 tracks not available)"),
    ],
)
def test_each_change_is_told_in_a_few_words(one, told):
    assert told in printed(one)[1]


def test_one_that_never_got_a_name_is_called_by_its_id():
    gone = PlaylistOutcome("ytmusic", "PLgone", "", "", "failed", reason="no such page")
    assert printed(gone)[1].split(maxsplit=1) == ["PLgone", "failed: no such page"]


def test_what_is_not_available_is_listed_when_details_are_wanted():
    report = SyncReport("x", "mpd", (outcome("created", unavailable=("A - One", "B\nTwo")), outcome("unchanged")))
    stream = io.StringIO()
    print_summary(report, Console(file=stream, width=1000), verbose=True)
    lines = stream.getvalue().splitlines()
    assert lines[3:6] == ["Not available in YT: Roadtrip:", "  A - One", "  B Two"]
    assert "A - One" not in "".join(printed(outcome("created", unavailable=("A - One",))))


def test_the_last_line_is_the_whole():
    lines = printed(outcome("created", "a"), outcome("unchanged", "b"), outcome("unchanged", "c"))
    assert lines[-1] == "3 playlists for MPD at /run/mpd/socket: 1 created, 2 unchanged (0.4 s)"


def test_the_songs_of_library_mode_are_counted():
    assert printed(outcome("created"), songs=12)[-1].endswith(": 1 created; 12 songs in its database (0.4 s)")
    assert printed(outcome("created"), songs=0)[-1].endswith(": 1 created (0.4 s)")


def test_no_playlists_is_said_plainly():
    assert printed() == ["No playlists for MPD at /run/mpd/socket (0.4 s)"]


def test_a_dry_run_says_that_nothing_was_written():
    lines = printed(outcome("created"), dry_run=True)
    assert "Would be" in lines[0]
    assert lines[-1].startswith("Dry run, nothing was written. 1 playlist for MPD")


def test_the_fallback_is_named():
    stream = io.StringIO()
    print_summary(SyncReport(target="/s", via="m3u", playlists=(outcome("written-m3u"),)), Console(file=stream))
    assert "for the playlist directory of MPD at /s" in " ".join(stream.getvalue().split())


def test_failed_sources_and_warnings_are_told():
    failed = SourceFailed("ytmusic", "no answer"), SourceFailed("web", "log in again", listed=3)
    assert printed(sources_failed=failed, warnings=("a word",))[:3] == [
        "ytmusic failed: no answer; what MPD has of it stays",
        "web told only a part: log in again; what else MPD has of it stays",
        "warning: a word",
    ]


def test_on_a_narrow_terminal_a_long_reason_is_folded_in_its_column():
    stream = io.StringIO()
    report = SyncReport("/s", "mpd", (outcome("failed", reason="word " * 20),))
    print_summary(report, Console(file=stream, width=60, force_terminal=True, no_color=True))
    assert max(len(Text.from_ansi(line).plain) for line in stream.getvalue().splitlines()) <= 60
    assert stream.getvalue().count("word") == 20


def test_names_are_text_and_nothing_else():
    lines = printed(outcome("created", "[red]a[/red] \x1b[31m\nb"))
    assert lines[1].startswith("YT: [red]a[/red]  [31m b")
    assert "\x1b" not in lines[1]


def test_lines_in_a_file_have_no_blanks_at_their_ends():
    lines = printed(outcome("created", "a"), outcome("failed", "b" * 40, reason="x" * 300))
    assert lines == [line.rstrip() for line in lines]
    assert "x" * 300 in lines[2]


def test_the_failure_line_counts_what_failed():
    report = SyncReport("/s", "mpd", (outcome("failed"), outcome("created")), (SourceFailed("web", "x"),))
    assert failure_of(report) == "1 playlist and 1 source failed; everything else is done"
    assert (
        failure_of(SyncReport("/s", "mpd", (outcome("failed"),) * 2)) == "2 playlists failed; everything else is done"
    )
    assert failure_of(SyncReport("/s", "mpd", (outcome("failed"),), dry_run=True)) == "1 playlist would fail"


EVENTS = [
    SyncStarted("/s", "mpd", ("web", "demo")),
    SourceListed("web", 3, 2),
    SourceFailed("demo", "no answer"),
    PlaylistFetched("web", "Road[trip]\x1b", 12, 0, done=1, total=2),
    StreamsResolved("Roadtrip", 1, 12, 0),
    PlaylistPublished(outcome("created"), 1, 2),
    PlaylistFailed(outcome("failed"), 2, 2),
    Warned("a word"),
    SyncFinished(SyncReport("/s", "mpd")),
]


def test_progress_is_silent_without_a_terminal(capsys):
    with SyncProgress() as progress:
        for event in EVENTS:
            progress(event)
    assert capsys.readouterr() == ("", "")


def test_progress_on_a_terminal_shows_each_phase(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    with SyncProgress() as progress:
        for event in EVENTS:
            progress(event)
            progress._progress.refresh()
    out, shown = capsys.readouterr()
    assert out == ""
    for text in ("Sources", "Fetched", "Road[trip]", "Streams", "In MPD", "2/2"):
        assert text in shown
