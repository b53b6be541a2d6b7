"""`mpdbridge search`: numbers that can be relied on, a table, and results in the queue of a real mpd."""

import io
import json
import sys
import threading
import wave
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from support.innertube import FakeAlbum, FakePlaylist, Song
from support.mpd_process import free_port
from support.terminal import Terminal

from mpdbridge.cli.app import cli
from mpdbridge.cli.choosing import Choice, fitted, parse_answer
from mpdbridge.cli.options import State
from mpdbridge.control.searching import parse_numbers
from mpdbridge.errors import ConfigError, SourceError
from mpdbridge.text import clock_time

pytestmark = pytest.mark.mpd


@pytest.fixture
def config(tmp_path, mpd):
    file = tmp_path / "c.yaml"
    proxy = {"port": free_port(), "track_mapping_db": str(tmp_path / "t.db")}
    file.write_text(json.dumps({"mpd": {"host": str(mpd.socket)}, "proxy": proxy}))
    return file


class Silence(BaseHTTPRequestHandler):
    """A minute of it, whatever is asked for."""

    def do_GET(self) -> None:
        sound = io.BytesIO()
        with wave.open(sound, "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", "not compressed"))
            file.writeframes(bytes(2 * 8000 * 60))
        self.send_response(200)
        self.send_header("Content-Type", "audio/wav")
        self.send_header("Content-Length", str(len(sound.getvalue())))
        self.end_headers()
        with suppress(ConnectionError):  # MPD goes when it has heard enough
            self.wfile.write(sound.getvalue())

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def relay(config):
    """In the relay's place: without one MPD sometimes says, in its answer to `playid`, that it cannot be reached."""
    port = json.loads(config.read_text())["proxy"]["port"]
    with ThreadingHTTPServer(("127.0.0.1", port), Silence) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield
        server.shutdown()
        thread.join()


@pytest.fixture
def search(config, tube):
    """`search(*words)` runs the command; there are four songs, an album of two of them, and a playlist."""
    songs = [
        Song(video_id=f"blue-{n:06}", title=f"Blue {n}", artists=("Miles",), album="Kind of Blue") for n in range(4)
    ]
    tube.songs = {song.video_id: song for song in songs}
    tube.albums["MPREb_blue"] = FakeAlbum("Kind of Blue", songs[:2], ("Miles",), "1959")
    tube.playlists["PLblueblueblue"] = FakePlaylist("Blue evening", songs)

    def search(*words):
        return CliRunner().invoke(cli, ["search", "--config", str(config), *words], obj=State())

    return search


def titles(mpd):
    return [entry.get("Title", ["-"])[0] for entry in mpd.queue()]


def test_the_results_are_numbered_and_told(search):
    result = search("blue")
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[0] == ["Artist", "Title", "Album", "Time"]
    assert lines[1] == ["1", "Miles", "Blue", "0", "Kind", "of", "Blue", "3:20"]
    assert lines[6] == ["5", "Miles", "Kind", "of", "Blue", "Album,", "1959"]
    assert lines[8] == ["6", "Somebody", "Blue", "evening", "Playlist"]
    assert "Number to play" not in result.output, "nobody is asked where no terminal is"


def test_words_need_no_quotes_and_a_type_shows_only_that(search):
    result = search("kind", "of", "--type", "albums", "--json")
    found = json.loads(result.stdout)
    assert (found["query"], found["kind"]) == ("kind of", "album")
    assert [(one["number"], one["title"], one["about"]) for one in found["results"]] == [
        (1, "Kind of Blue", "Album, 1959")
    ]


def test_numbers_mean_the_last_search_which_is_not_made_again(search, mpd, tube):
    search("blue")
    asked = len(tube.asked)
    tube.songs = {}  # YouTube Music thinks otherwise by now
    result = search("--add", "2,4")
    assert result.exit_code == 0, result.output
    assert result.stdout == "Added 2 tracks:\n  Miles - Blue 1\n  Miles - Blue 3\n"
    assert titles(mpd) == ["Blue 1", "Blue 3"]
    search("blue", "--add", "1")
    assert titles(mpd) == ["Blue 1", "Blue 3", "Blue 0"]
    assert len(tube.asked) == asked, "all was told by the search"


def test_another_question_is_asked(search, mpd):
    search("blue")
    search("blue 3", "--add", "1")
    assert titles(mpd) == ["Blue 3"]


@pytest.mark.usefixtures("relay")
def test_an_album_adds_its_tracks_and_play_starts_the_first(search, mpd):
    search("blue", "--add", "1-4")
    result = search("--play", "5", "--json")
    assert result.exit_code == 0, result.output
    assert [one["label"] for one in json.loads(result.stdout)["added"]] == ["Miles - Blue 0", "Miles - Blue 1"]
    assert titles(mpd) == ["Blue 0", "Blue 1", "Blue 2", "Blue 3", "Blue 0", "Blue 1"]
    assert mpd.queue()[4]["Album"] == ["Kind of Blue"]
    assert (mpd.status()["state"], mpd.status()["song"]) == ("play", "4")


def test_next_puts_them_in_front_when_nothing_plays(search, mpd):
    search("blue", "--add", "1")
    search("--next", "3,2")
    assert titles(mpd) == ["Blue 2", "Blue 1", "Blue 0"]


def test_a_song_without_an_artist_is_looked_up(search, mpd, tube):
    tube.songs["blue-000000"] = Song(video_id="blue-000000", title="Blue 0", artists=())
    found = json.loads(search("blue", "--json").stdout)
    assert found["results"][0]["artist"] is None
    tube.songs["blue-000000"] = Song(video_id="blue-000000", title="Blue 0", artists=("Miles",))
    search("--add", "1")
    assert mpd.queue()[0]["Artist"] == ["Miles"]


def test_the_last_search_is_shown_again_without_a_query(search, tube):
    first = search("blue").stdout
    asked = len(tube.asked)
    assert search().stdout == first
    assert len(tube.asked) == asked


def test_nothing_found_is_told(search):
    result = search("green")
    assert (result.exit_code, result.stdout) == (0, "Nothing found for 'green'.\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "there was no search yet: give a QUERY"),
        (("--add", "1"), "there was no search yet: give a QUERY"),
        (("blue", "--add", "9"), "there is no result 9: the search for 'blue' has 6"),
        (("blue", "--add", "0"), "there is no result 0"),
        (("blue", "--add", "two"), "'two' is no number of a result; write e.g. 3, or 1,4-6"),
        (("blue", "--add", "1", "--play", "2"), "give one of --add, --next and --play"),
    ],
)
def test_wrong_usage_is_told(search, words, told):
    result = search(*words)
    assert told in result.output + str(result.exception)
    assert isinstance(result.exception, ConfigError) or result.exit_code == 2


def test_that_youtube_music_refuses_is_told(search, tube):
    tube.script.append((429, {"Retry-After": "3600"}))
    result = search("blue")
    assert isinstance(result.exception, SourceError)
    assert "asks for fewer requests" in str(result.exception)


@pytest.mark.usefixtures("relay")
def test_on_a_terminal_it_asks_what_to_do(config, mpd, search):
    search("blue")  # what it found is shown again: the program on the terminal reaches no music.youtube.com of ours
    with Terminal([sys.executable, "-m", "mpdbridge", "search", "--config", str(config)], columns=80) as terminal:
        terminal.wait(lambda screen: "Number to play" in screen, "the question")
        assert max(map(len, terminal.screen().splitlines())) <= 80
        terminal.press("a", "Space", "2", "Enter")
        terminal.wait(lambda screen: "Added 1 track" in screen, "an addition")
        terminal.press("x", "Enter")
        terminal.wait(lambda screen: "'x' is nothing I know" in screen, "help")
        terminal.press("1", "Enter")
        terminal.wait(lambda screen: screen.count("Added 1 track") == 2, "another addition")
        assert titles(mpd) == ["Blue 1", "Blue 0"]
        terminal.press("9", "Enter")
        terminal.wait(lambda screen: "there is no result 9" in screen, "the limit")
        terminal.press("Enter")


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("3", Choice("play", (3,))),
        ("p 3", Choice("play", (3,))),
        ("a 3", Choice("add", (3,))),
        (" A3, 5 ", Choice("add", (3, 5))),
        ("n 2-4", Choice("add_next", (2, 3, 4))),
        ("add 1", Choice("add", (1,))),
    ],
)
def test_an_answer_is_understood(text, choice):
    assert parse_answer(text) == choice


@pytest.mark.parametrize("text", ["x 3", "a", "3 a", "a x", "-", "1--2", "5-2", "99999"])
def test_any_other_answer_is_not(text):
    with pytest.raises(ConfigError):
        parse_answer(text)


@given(st.lists(st.integers(0, 9999), min_size=1, max_size=9))
def test_numbers_written_down_are_read_back(numbers):
    assert parse_numbers(",".join(map(str, numbers))) == numbers
    assert parse_numbers(" ".join(map(str, numbers))) == numbers


@given(st.lists(st.integers(1, 200), min_size=3, max_size=3), st.integers(30, 300))
def test_columns_fit_and_the_narrow_ones_keep_what_they_need(widths, available):
    shown = fitted(widths, available)
    assert sum(shown) <= max(available, 0) or max(shown) <= 8
    assert all(now <= wanted for now, wanted in zip(shown, widths, strict=True))
    limit = max(shown)
    assert all(now in (wanted, limit) for now, wanted in zip(shown, widths, strict=True))


def test_times_read_like_a_clock():
    assert [clock_time(seconds) for seconds in (7, 199.6, 3723)] == ["0:07", "3:20", "1:02:03"]
