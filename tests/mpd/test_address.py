"""Every form in which a person may name their MPD leads to it, in the order every client uses."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from mpdbridge.config import MpdSettings
from mpdbridge.errors import ConfigError
from mpdbridge.mpd.address import MpdAddress, resolve_address


def nothing_exists(_path: str) -> bool:
    return False


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("music.local", MpdAddress(host="music.local")),
        ("secret@music.local", MpdAddress(host="music.local", password="secret")),
        ("/srv/mpd/socket", MpdAddress(socket="/srv/mpd/socket")),
        ("secret@/srv/mpd/socket", MpdAddress(socket="/srv/mpd/socket", password="secret")),
        ("@mpd", MpdAddress(socket="@mpd")),
        ("secret@@mpd", MpdAddress(socket="@mpd", password="secret")),
        ("[::1]", MpdAddress(host="::1")),
        ("", MpdAddress()),
    ],
)
def test_mpd_host_takes_the_forms_of_other_clients(host: str, expected: MpdAddress) -> None:
    assert resolve_address(MpdSettings(), {"MPD_HOST": host}, nothing_exists) == expected


def test_a_socket_in_the_home_directory_may_be_written_with_a_tilde() -> None:
    assert resolve_address(MpdSettings(), {"MPD_HOST": "~/s"}).socket == str(Path.home() / "s")


def test_the_configuration_goes_before_the_environment() -> None:
    settings = MpdSettings(host="a", port=6700, password=SecretStr("mine"))
    found = resolve_address(settings, {"MPD_HOST": "theirs@b", "MPD_PORT": "6800"})
    assert found == MpdAddress(host="a", port=6700, password="mine")


@pytest.mark.parametrize(
    ("env", "existing", "expected"),
    [
        ({"XDG_RUNTIME_DIR": "/run/user/1"}, {"/run/user/1/mpd/socket", "/run/mpd/socket"}, "/run/user/1/mpd/socket"),
        ({"XDG_RUNTIME_DIR": "/run/user/1"}, {"/run/mpd/socket"}, "/run/mpd/socket"),
        ({}, {"/run/mpd/socket", "/mpd/socket"}, "/run/mpd/socket"),
        ({}, set(), "localhost:6600"),
        ({"MPD_PORT": "6700"}, {"/run/mpd/socket"}, "localhost:6700"),
        ({"MPD_HOST": "::1"}, {"/run/mpd/socket"}, "[::1]:6600"),
    ],
)
def test_without_a_host_the_usual_places_are_tried_in_order(
    env: dict[str, str], existing: set[str], expected: str
) -> None:
    assert str(resolve_address(MpdSettings(), env, existing.__contains__)) == expected


def test_what_somebody_has_named_is_never_looked_for_elsewhere(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "mpd").mkdir()
    (tmp_path / "mpd" / "socket").touch()
    for env in ({"MPD_HOST": "localhost"}, {"MPD_PORT": "6600"}):
        assert str(resolve_address(MpdSettings(), env, nothing_exists).now()) == "localhost:6600"
    found = resolve_address(MpdSettings(), {"MPD_HOST": "secret@"}, nothing_exists).now()
    assert (str(found), found.password) == (f"{tmp_path}/mpd/socket", "secret")


@pytest.mark.parametrize("port", ["x", "0", "65536", "-1", "٣"])
def test_a_bad_mpd_port_is_told_with_the_fix(port: str) -> None:
    with pytest.raises(ConfigError, match=r"MPD_PORT is .* set it to"):
        resolve_address(MpdSettings(), {"MPD_PORT": port})


def test_the_password_stays_out_of_names_and_logs() -> None:
    address = resolve_address(MpdSettings(), {"MPD_HOST": "secret@music.local"})
    assert "secret" not in f"{address} {address!r}"
