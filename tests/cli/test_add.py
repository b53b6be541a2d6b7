"""`mpdbridge add`: links and ids become tagged entries in the queue of a real mpd."""

import json

import pytest
from click.testing import CliRunner

from mpdbridge.cli.adding import told
from mpdbridge.cli.app import cli
from mpdbridge.cli.options import State
from mpdbridge.control.adding import Added, Additions
from mpdbridge.errors import MpdBridgeError, MpdUnavailableError
from mpdbridge.models import Track
from mpdbridge.store import TrackStore

pytestmark = pytest.mark.mpd
JOGA = Track("oLtmHdXKIYE", "Jóga", artists=("Björk",), album="Homogenic", duration=305)
HUNTER = Track("aLtmHdXKIYF", "Hunter", artists=("Björk",))


@pytest.fixture
def add(config, tmp_path):
    """`add(*words)` runs the command against the private mpd; a TrackStore knows two songs."""
    with TrackStore(tmp_path / "t.db") as store:
        store.upsert_tracks([JOGA, HUNTER])

    def add(*words):
        return CliRunner().invoke(cli, ["add", "--config", str(config), *words], obj=State())

    return add


def titles(mpd):
    return [entry.get("Title", ["-"])[0] for entry in mpd.queue()]


def test_a_known_id_becomes_a_tagged_entry(add, mpd):
    result = add("oLtmHdXKIYE")
    assert result.exit_code == 0, result.output
    assert result.stdout == "Added 1 track:\n  Björk - Jóga\n"
    assert "nothing plays it yet (relay http://localhost" in result.stderr
    (entry,) = mpd.queue()
    assert (entry["Artist"], entry["Title"], entry["Album"]) == (["Björk"], ["Jóga"], ["Homogenic"])


def test_a_relay_elsewhere_is_not_judged(add, mpd, tmp_path):
    """With proxy.enabled false none runs here, and that is no reason to warn."""
    config = tmp_path / "elsewhere.yaml"
    proxy = {"enabled": False, "advertise": "http://192.0.2.5:8080", "track_mapping_db": str(tmp_path / "t.db")}
    config.write_text(json.dumps({"mpd": {"host": str(mpd.socket)}, "proxy": proxy}))
    result = add("oLtmHdXKIYE", "--config", str(config))
    assert (result.exit_code, result.stderr) == (0, "")
    assert mpd.queue()[0]["file"][0].startswith("http://192.0.2.5:8080/proxy/oLtmHdXKIYE/")


def test_several_stay_in_order_behind_what_is_there(add, mpd):
    add("oLtmHdXKIYE")
    add("aLtmHdXKIYF", "oLtmHdXKIYE")
    assert titles(mpd) == ["Jóga", "Hunter", "Jóga"]


def test_next_puts_them_in_front_when_nothing_plays(add, mpd):
    add("oLtmHdXKIYE")
    add("aLtmHdXKIYF", "--next")
    assert titles(mpd) == ["Hunter", "Jóga"]


def test_a_link_to_an_audio_file_is_looked_up(add, mpd, site):
    result = add(site.url("tone.mp3"), "--json")
    assert result.exit_code == 0, result.output
    (added,) = json.loads(result.stdout)["added"]
    assert titles(mpd) == ["tone"]
    assert mpd.queue()[0]["file"] == [added["uri"]]
    assert f"/proxy/{added['track_id']}/" in added["uri"]


def test_a_link_to_a_playlist_adds_all_of_it(add, mpd, site):
    result = add(site.url("feed.xml"))
    assert result.stdout.startswith("Added 2 tracks:")
    assert titles(mpd) == ['Folge 1: "Anfang"', "Folge 2"]


def test_a_link_that_gives_nothing_does_not_stop_the_others(add, mpd, site):
    result = add("nonsense", site.url("status/404/x.mp3"), "oLtmHdXKIYE")
    assert titles(mpd) == ["Jóga"]
    first, second = result.exception.exceptions  # `main` tells each in a line of its own
    assert isinstance(first, MpdBridgeError)
    assert str(first).startswith("nonsense: this is no link and no id")
    assert str(second).startswith(site.url("status/404/x.mp3"))


def test_without_mpd_nothing_is_looked_up(add, mpd, site):
    mpd.stop()
    result = add(site.url("tone.mp3"))
    assert isinstance(result.exception, MpdUnavailableError)
    assert not site.hits


def test_without_permission_nothing_is_looked_up(add, start_mpd, site, tmp_path):
    closed = start_mpd(default_permissions="read", password="secret")
    settings = {"mpd": {"host": str(closed.socket)}, "proxy": {"track_mapping_db": str(tmp_path / "t.db")}}
    (tmp_path / "c.yaml").write_text(json.dumps(settings))
    result = add(site.url("tone.mp3"))
    assert str(result.exception).endswith("does not permit addid, addtagid; set mpd.password")
    assert not site.hits


def test_of_a_long_playlist_only_the_first_titles_are_told():
    added = tuple(Added(str(number), "x", f"Title\n{number}", "http://h") for number in range(12))
    lines = list(told(Additions(added, {})))
    assert lines[0] == "Added 12 tracks:"
    assert lines[1] == "  Title 0"
    assert lines[-1] == "  … and 2 more"
    assert list(told(Additions((), {}))) == []
