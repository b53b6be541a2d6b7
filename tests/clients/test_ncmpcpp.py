"""What a person sees in ncmpcpp: names, in the playlist editor and in the queue; no URL."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.bridge_process import BridgeProcess
from support.mpd_process import MpdProcess, wait_until
from support.terminal import Terminal

from mpdbridge.catalogue import DemoTrack, demo_playlists

pytestmark = [pytest.mark.mpd, pytest.mark.clients]

# Pictograms and right-to-left text are left out where a terminal's columns may differ from what was written.
MORNING = demo_playlists()[0]


@pytest.fixture
def bridge(tmp_path: Path, mpd: MpdProcess) -> Iterator[BridgeProcess]:
    with BridgeProcess(tmp_path / "bridge", mpd) as running:
        done = running.run("sync")
        assert done.returncode == 0, done.stderr
        yield running


@pytest.fixture
def ncmpcpp(tmp_path: Path, mpd: MpdProcess, bridge: BridgeProcess) -> Iterator[Terminal]:
    config = tmp_path / "ncmpcpp.conf"
    config.write_text(f"ncmpcpp_directory = {tmp_path}/ncmpcpp\nmpd_host = {mpd.socket}\nmessage_delay_time = 1\n")
    argv = ["ncmpcpp", "--config", str(config), "--bindings", "/dev/null", "--quiet"]
    with Terminal(argv, columns=160, lines=30) as terminal:
        terminal.wait(lambda screen: "Playlist" in screen, "ncmpcpp to draw itself")
        yield terminal


def test_the_playlist_editor_shows_names(ncmpcpp: Terminal) -> None:
    """Our playlists stand in the left column, and `Artist - Title` of their entries in the right one."""
    ncmpcpp.press("5")
    starts = [f"YT: {playlist.name}".split("/")[0].rstrip() for playlist in demo_playlists()]
    ncmpcpp.wait(lambda screen: all(start in screen for start in starts), "all playlists")
    shown = [start for line in ncmpcpp.screen().splitlines() for start in starts if line.startswith(start)]
    for _ in range(shown.index(starts[0])):
        ncmpcpp.press("Down")
    labels = [_shown(track) for track in MORNING.tracks]
    ncmpcpp.wait(lambda screen: all(label in _plain(screen) for label in labels), "the playlist's tracks")
    _shows_no_url(ncmpcpp)


def test_the_queue_shows_artist_title_and_album(ncmpcpp: Terminal, mpd: MpdProcess) -> None:
    """After a plain `load` the queue's columns are filled, and stay so while a song plays and after a seek."""
    mpd.command("load", f"YT: {MORNING.name}")
    _wait_for_tags(ncmpcpp)
    mpd.command("play", "0")
    wait_until(lambda: float(mpd.status().get("elapsed", 0)) > 0, "the song to play", 20)
    mpd.command("seekcur", "10")
    wait_until(lambda: float(mpd.status().get("elapsed", 0)) >= 10, "the seek to land")
    ncmpcpp.wait(lambda screen: "Playing:" in screen, "ncmpcpp to say what plays")
    playing = next(line for line in ncmpcpp.screen().splitlines() if line.startswith("Playing:"))
    assert MORNING.tracks[0].title in playing
    assert MORNING.tracks[0].artists[0] in playing
    _wait_for_tags(ncmpcpp)
    _shows_no_url(ncmpcpp)


def _wait_for_tags(ncmpcpp: Terminal) -> None:
    """Each track has a line with its title, the start of its first artist and its album."""
    ncmpcpp.wait(lambda screen: all(_has_line(screen, track) for track in MORNING.tracks), "the tags in the queue")


def _has_line(screen: str, track: DemoTrack) -> bool:
    words = [_without_pictograms(track.title), *(artist[:12] for artist in track.artists[:1]), track.album or ""]
    return any(all(word in line for word in words) for line in screen.splitlines())


def _shows_no_url(ncmpcpp: Terminal) -> None:
    screen = ncmpcpp.screen()
    assert "http:" not in screen
    assert "/proxy/" not in screen


def _plain(screen: str) -> str:
    """The screen, with spaces where the URL's readable tail has no-break ones."""
    return screen.replace("\u00a0", " ")


def _label(track: DemoTrack) -> str:
    return " - ".join(filter(None, (", ".join(track.artists), track.title)))


def _shown(track: DemoTrack) -> str:
    """The label as it stands in a URL's tail, up to where look-alikes or pictograms begin."""
    label = _label(track)
    return label[
        : next((place for place, sign in enumerate(label) if sign in "/?#%" or ord(sign) > 0x2FFF), len(label))
    ]


def _without_pictograms(text: str) -> str:
    return "".join(sign for sign in text if ord(sign) < 0xFE00).strip()
