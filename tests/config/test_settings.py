"""Settings: what a section means once it is valid."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from mpdbridge.config import MpdSettings, ProxySettings, Settings, WebPlaylist, YTMusicSettings

LINK = "https://music.youtube.com/playlist?list=PL123"


def test_ytmusic_is_on_as_soon_as_something_of_it_is_configured():
    assert not YTMusicSettings().enabled
    assert not YTMusicSettings(language="de").enabled
    assert YTMusicSettings(playlists=(LINK,)).enabled
    assert YTMusicSettings.model_validate({"auth_file": "h.json"}).enabled


def test_ytmusic_stays_off_when_it_is_switched_off():
    assert not YTMusicSettings(enabled=False, playlists=(LINK,)).enabled


def test_one_url_is_a_list_of_one():
    assert WebPlaylist.model_validate({"name": "a", "url": "http://a/b"}).urls == ("http://a/b",)


def test_mpd_host_may_be_a_name_a_socket_or_an_abstract_socket():
    for host in ("nas", "192.168.1.5", "::1", "/run/mpd/socket", "@mpd"):
        assert MpdSettings(host=host).host == host


def test_the_database_stands_in_the_user_data_directory(monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert Settings().proxy.track_mapping_db == Path("/data/mpdbridge/tracks.db")


def test_a_password_does_not_show_when_settings_are_printed():
    settings = MpdSettings.model_validate({"password": "geheim"})
    assert "geheim" not in f"{settings!r} {settings} {settings.model_dump_json()}"
    assert settings.password.get_secret_value() == "geheim"


def test_a_head_cache_of_zero_is_allowed_and_one_of_less_is_not():
    assert ProxySettings(head_cache_mb=0).head_cache_mb == 0
    with pytest.raises(ValidationError):
        ProxySettings(head_cache_mb=-1)
