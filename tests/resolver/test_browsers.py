"""Cookies out of browsers: real databases, read by the real yt-dlp."""

from pathlib import Path

import pytest
from support.browsers import make_chromium, make_firefox

from mpdbridge.cookies import LoginJar, lines_of
from mpdbridge.errors import LoginError
from mpdbridge.resolver.browsers import browser_cookies, found_browsers


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return tmp_path


COOKIES = [
    (".youtube.com", "SID", "mine", 0),
    (".youtube.com", "SID", "of personal", 1),
    (".youtube.com", "SID", "of music", 2),
    (".google.com", "NID", "google", 0),
    (".example.org", "session", "none of our business", 0),
]


def values(jar: LoginJar) -> dict[str, str | None]:
    return {f"{one.domain} {one.name}": one.value for one in jar}


@pytest.mark.parametrize("schema", [15, 16])
def test_firefox_without_any_container(home: Path, schema: int) -> None:
    make_firefox(home, COOKIES, schema=schema)
    found = browser_cookies("firefox")
    assert values(found) == {".youtube.com SID": "mine", ".google.com NID": "google"}
    assert lines_of(found)[".youtube.com", "/", "SID"] == ".youtube.com\tTRUE\t/\tTRUE\t2000000000\tSID\tmine"


@pytest.mark.parametrize(("container", "value"), [("Music", "of music"), ("userContextPersonal.label", "of personal")])
def test_a_container_of_firefox(home: Path, container: str, value: str) -> None:
    make_firefox(home, COOKIES)
    assert values(browser_cookies("firefox", container=container)) == {".youtube.com SID": value}


def test_a_profile_of_firefox_by_name_and_by_path(home: Path) -> None:
    make_firefox(home, COOKIES)
    other = make_firefox(home, [(".youtube.com", "SID", "of other", 0)], profile="efgh.other")
    for profile in ("efgh.other", str(other)):
        assert values(browser_cookies("firefox", profile=profile)) == {".youtube.com SID": "of other"}


def test_chromiums_times_become_seconds(home: Path) -> None:
    make_chromium(home, [(".youtube.com", "SID", "mine"), (".example.org", "a", "b")])
    line = ".youtube.com\tTRUE\t/\tTRUE\t2000000000\tSID\tmine"
    assert lines_of(browser_cookies("chromium")) == {(".youtube.com", "/", "SID"): line}


@pytest.mark.parametrize(
    ("browser", "options", "said"),
    [
        (
            "firefox",
            {"container": "Nowhere"},
            r"^firefox: could not find firefox container .Nowhere. in",
        ),
        (
            "firefox",
            {"profile": "none"},
            "^firefox: no cookies of it found for this user: start it once, or name its --profile$",
        ),
        ("chrome", {}, r"^chrome: no cookies of it found for this user"),
    ],
)
def test_what_is_not_there_is_told_in_one_line(home: Path, browser, options, said: str) -> None:
    make_firefox(home, COOKIES)
    with pytest.raises(LoginError, match=said):
        browser_cookies(browser, **options)


def test_only_browsers_of_this_user_are_found(home: Path) -> None:
    assert found_browsers() == []
    make_firefox(home, COOKIES)
    make_chromium(home, [])
    assert found_browsers() == ["firefox", "chromium"]
