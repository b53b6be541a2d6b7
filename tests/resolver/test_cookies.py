"""yt-dlp's cookies: a copy that follows the file, keeps what yt-dlp is sent, and gives back only what rotated."""

import io
from pathlib import Path

import pytest
import yt_dlp
from support.innertube_login import netscape

from mpdbridge.cookies import of_lines, read_login
from mpdbridge.resolver.cookies import WorkerCookies


@pytest.fixture
def login(tmp_path: Path) -> Path:
    file = tmp_path / "cookies.txt"
    file.write_text(netscape(rotating="first"))
    return file


def opened(cookies: WorkerCookies) -> yt_dlp.YoutubeDL:
    return yt_dlp.YoutubeDL({"quiet": True, "cookiefile": cookies.stream()})


def values(ydl: yt_dlp.YoutubeDL) -> dict[str, str]:
    return {one.name: one.value for one in ydl.cookiejar}


def receive(ydl: yt_dlp.YoutubeDL, name: str, value: str) -> None:
    for one in of_lines({("", "", ""): f".youtube.com\tTRUE\t/\tTRUE\t2000000000\t{name}\t{value}"}):
        ydl.cookiejar.set_cookie(one)


def test_the_login_is_what_yt_dlp_sends_and_yt_dlp_does_not_write_its_file(login: Path) -> None:
    before = login.read_text()
    with opened(WorkerCookies(file=None, login=str(login))) as ydl:
        assert "__Secure-3PSIDTS=first" in ydl.cookiejar.get_cookie_header("https://music.youtube.com/watch")
        receive(ydl, "NEW", "1")
        ydl.save_cookies()
    assert login.read_text() == before


def test_cookies_that_the_user_names_go_before_the_login(login: Path, tmp_path: Path) -> None:
    named = tmp_path / "named.txt"
    named.write_text("site.example\tFALSE\t/\tFALSE\t0\ta\tb\n")
    with opened(WorkerCookies(file=str(named), login=str(login))) as ydl:
        assert values(ydl) == {"a": "b"}


def test_rotations_in_the_file_arrive_and_what_yt_dlp_was_sent_stays(login: Path) -> None:
    cookies = WorkerCookies(file=None, login=str(login))
    with opened(cookies) as ydl:
        receive(ydl, "PREF", "hl=en")
        receive(ydl, "LOGIN_INFO", "rotated by yt-dlp")
        assert cookies.take_changed(ydl.cookiejar)
        login.write_text(netscape(rotating="second"))
        assert cookies.take_changed(ydl.cookiejar)
        found = values(ydl)
    assert found["__Secure-3PSIDTS"] == "second"
    assert (found["PREF"], found["LOGIN_INFO"]) == ("hl=en", "rotated by yt-dlp")


def test_a_rotation_that_yt_dlp_is_sent_is_kept_for_all_and_nothing_else(login: Path) -> None:
    login.write_text(netscape(".youtube.com\tTRUE\t/\tTRUE\t0\tPREF\tmine", rotating="first"))
    login.chmod(0o600)
    cookies = WorkerCookies(file=None, login=str(login))
    with opened(cookies) as ydl:
        before = login.stat()
        cookies.keep_rotated(ydl.cookiejar)
        assert login.stat().st_ino == before.st_ino, "nothing is new"
        for name in ("__Secure-3PSIDTS", "PREF", "OF_A_GUEST"):
            receive(ydl, name, "of yt-dlp")
        cookies.keep_rotated(ydl.cookiejar)
        written = login.stat()
        cookies.keep_rotated(ydl.cookiejar)
        assert login.stat().st_ino == written.st_ino
    kept = {one.name: one.value for one in read_login(login.read_text()).jar}
    assert (kept["__Secure-3PSIDTS"], kept["PREF"]) == ("of yt-dlp", "mine")
    assert "OF_A_GUEST" not in kept
    assert login.stat().st_mode & 0o777 == 0o600


def test_what_others_have_written_is_taken_over_first(login: Path) -> None:
    cookies = WorkerCookies(file=None, login=str(login))
    with opened(cookies) as ydl:
        receive(ydl, "__Secure-3PSIDTS", "of yt-dlp")
        login.write_text(changed := netscape(rotating="first").replace("LOGIN_INFO\tx", "LOGIN_INFO\tnew"))
        cookies.keep_rotated(ydl.cookiejar)
        assert login.read_text() == changed
        assert cookies.take_changed(ydl.cookiejar)
        cookies.keep_rotated(ydl.cookiejar)
    kept = {one.name: one.value for one in read_login(login.read_text()).jar}
    assert (kept["__Secure-3PSIDTS"], kept["LOGIN_INFO"]) == ("of yt-dlp", "new")


def test_the_user_s_own_file_is_left_alone(login: Path) -> None:
    before = login.read_text()
    cookies = WorkerCookies(file=str(login), login=None)
    with opened(cookies) as ydl:
        receive(ydl, "__Secure-3PSIDTS", "of yt-dlp")
        cookies.keep_rotated(ydl.cookiejar)
    assert login.read_text() == before


def test_another_login_a_first_one_and_none_any_more_are_a_new_beginning(login: Path) -> None:
    cookies = WorkerCookies(file=None, login=str(login))
    with opened(cookies) as ydl:
        login.write_text(netscape().replace("sapisid-of-a-test", "somebody-else"))
        assert not cookies.take_changed(ydl.cookiejar)
    with opened(cookies) as ydl:
        login.unlink()
        assert not cookies.take_changed(ydl.cookiejar)
    with opened(cookies) as ydl:
        assert values(ydl) == {}
        login.write_text(netscape())
        assert not cookies.take_changed(ydl.cookiejar)


def test_headers_of_a_browser_will_do(tmp_path: Path) -> None:
    file = tmp_path / "browser.json"
    file.write_text('{"Cookie": "SID=1; SAPISID=2"}')
    with opened(WorkerCookies(file=None, login=str(file))) as ydl:
        assert ydl.cookiejar.get_cookie_header("https://www.youtube.com/") == "SID=1; SAPISID=2"


def test_a_broken_login_is_no_obstacle_a_broken_file_of_the_users_is_told(tmp_path: Path) -> None:
    file = tmp_path / "broken"
    file.write_text("{")
    assert isinstance(WorkerCookies(file=None, login=str(file)).stream(), io.StringIO)
    with pytest.raises(ValueError, match="is broken JSON"):
        WorkerCookies(file=str(file), login=None).stream()
