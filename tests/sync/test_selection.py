"""The filters for playlists."""

from mpdbridge.models import PlaylistRef
from mpdbridge.sync.selection import matches, wanted

MIX = PlaylistRef("ytmusic", "PLmix", "My Mix [2020]")


def test_a_name_or_an_id_may_be_a_shell_pattern() -> None:
    assert matches(MIX, ["My*"])
    assert matches(MIX, ["PL???"])
    assert not matches(MIX, ["my*"])


def test_a_name_that_looks_like_a_pattern_finds_itself() -> None:
    assert matches(MIX, ["My Mix [2020]"])


def test_the_name_in_mpd_will_do_too() -> None:
    assert matches(MIX, ["YT: My Mix"], also="YT: My Mix")


def test_everything_is_wanted_unless_something_else_is_said() -> None:
    assert wanted(MIX, [], [])
    assert wanted(MIX, ["My*"], [])
    assert not wanted(MIX, ["Other"], [])


def test_exclude_goes_before_include() -> None:
    assert not wanted(MIX, ["My*"], ["*2020*"])
