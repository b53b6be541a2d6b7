"""The login's file: rotations are kept, other writers too, and nothing that fails costs the login that was there."""

import errno
import json
import os
import threading
from http.cookiejar import Cookie
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from support.innertube import BROWSER_HEADERS
from support.innertube_login import netscape

from mpdbridge.cookies import of_lines, read_login
from mpdbridge.errors import LoginError
from mpdbridge.sources.ytmusic.login import LoginFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "cookies.txt"
    file.write_text(netscape(rotating="old"))
    file.chmod(0o600)
    return file


def opened(path: Path) -> LoginFile:
    login = LoginFile(path)
    assert login.refresh()
    return login


def cookie(name: str, value: str) -> Cookie:
    (one,) = of_lines({("", "", ""): f".youtube.com\tTRUE\t/\tTRUE\t2000000000\t{name}\t{value}"})
    return one


def stored(path: Path) -> dict[str, str | None]:
    return {one.name: one.value for one in read_login(path.read_text()).jar}


def test_a_file_that_has_not_changed_is_not_read_again_and_not_written(path: Path) -> None:
    login, before = opened(path), path.stat()
    assert not login.refresh()
    login.jar.set_cookie(cookie("LOGIN_INFO", "x"))  # the server said the same again
    login.save()
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_rotated_cookie_is_kept_for_the_user_alone(path: Path) -> None:
    login = opened(path)
    path.chmod(0o644)
    login.jar.set_cookie(cookie("TOKEN", "new"))
    assert login.changed
    login.save()
    assert not login.changed
    assert stored(path)["TOKEN"] == "new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_link_to_the_file_stays_a_link(path: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    link = tmp_path / "other" / "link.txt"
    link.symlink_to(path)
    login = opened(link)
    login.jar.set_cookie(cookie("TOKEN", "new"))
    login.save()
    assert link.is_symlink()
    assert stored(path)["TOKEN"] == "new"


def test_headers_stay_headers_and_get_the_rotated_cookies(tmp_path: Path) -> None:
    path = tmp_path / "headers.json"
    path.write_text(json.dumps(BROWSER_HEADERS))
    path.chmod(0o600)
    login = opened(path)
    login.jar.set_cookie(cookie("TOKEN", "new"))
    login.save()
    assert not login.changed, "headers do not tell when a cookie expires"
    assert json.loads(path.read_text()) == BROWSER_HEADERS | {"cookie": f"{BROWSER_HEADERS['cookie']}; TOKEN=new"}


def test_two_processes_do_not_eat_each_others_rotations(path: Path) -> None:
    one, other = opened(path), opened(path)
    one.jar.set_cookie(cookie("ONE", "1"))
    other.jar.set_cookie(cookie("OTHER", "2"))
    one.save()
    other.save()
    assert {"ONE", "OTHER", "SID"} <= stored(path).keys()
    assert not one.refresh()
    assert {"ONE", "OTHER"} <= {each.name for each in one.jar}


def test_many_writers_at_once_lose_nothing(path: Path) -> None:
    def rotate(number: int) -> None:
        login = opened(path)
        for turn in range(5):
            login.jar.set_cookie(cookie(f"N{number}-{turn}", "x"))
            login.save()

    threads = [threading.Thread(target=rotate, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {f"N{number}-{turn}" for number in range(4) for turn in range(5)} <= stored(path).keys()


def test_another_login_in_the_file_replaces_this_one_with_all_it_got(path: Path) -> None:
    login = opened(path)
    login.jar.set_cookie(cookie("TOKEN", "of the old one"))
    path.write_text(netscape().replace("sapisid-of-a-test", "somebody-else"))
    assert login.refresh()
    login.save()
    assert "TOKEN" not in stored(path)
    assert "somebody-else/1" in stored(path).values()


def test_another_account_of_the_same_browser_is_another_login(path: Path) -> None:
    login = opened(path)
    path.write_text(f"# x-goog-authuser: 1\n{path.read_text()}")
    assert login.refresh()
    assert login.login.auth_user == "1"


def test_another_login_that_is_met_while_storing_is_told_of(path: Path) -> None:
    login = opened(path)
    login.jar.set_cookie(cookie("TOKEN", "new"))
    assert not login.save()
    login.jar.set_cookie(cookie("TOKEN", "newer"))
    path.write_text(netscape().replace("sapisid-of-a-test", "somebody-else"))
    assert login.save()
    assert not login.changed


def test_who_was_thrown_out_by_the_server_leaves_the_file_alone(path: Path) -> None:
    login, before = opened(path), path.read_text()
    login.jar.clear(".youtube.com", "/", "__Secure-3PAPISID")
    login.save()
    assert path.read_text() == before


def test_a_login_that_was_removed_does_not_come_back(path: Path) -> None:
    login = opened(path)
    login.jar.set_cookie(cookie("TOKEN", "new"))
    path.unlink()
    login.save()
    assert not path.exists()
    with pytest.raises(LoginError, match=r"^there is no login at .*: run `mpdbridge auth`$") as caught:
        login.refresh()
    assert caught.value.absent


def test_a_full_disk_costs_no_login_and_is_said_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)  # where a file system that allocates late tells
    login, before = opened(path), path.read_text()
    login.jar.set_cookie(cookie("TOKEN", "new"))
    with capture_logs() as logs:
        login.save()
        login.save()
    assert [log["event"] for log in logs] == ["the login's new cookies cannot be kept"]
    assert path.read_text() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert login.changed, "it is tried again"
    assert "TOKEN" in {one.name for one in login.jar}


def test_a_killed_writer_leaves_the_old_file_or_the_new_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    login, before = opened(path), path.read_text()
    login.jar.set_cookie(cookie("TOKEN", "new"))

    def killed(_descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", killed)
    with pytest.raises(KeyboardInterrupt):
        login.save()
    assert path.read_text() == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe", "holds neither cookies nor browser headers"),
        (b"{}", "holds no browser headers"),
        (b'{"refresh_token": "y"}', "holds an OAuth token, which YouTube Music refuses"),
    ],
)
def test_a_file_that_is_no_login_is_told_with_the_fix(path: Path, content: bytes, said: str) -> None:
    path.write_bytes(content)
    with pytest.raises(LoginError) as caught:
        LoginFile(path).refresh()
    assert str(caught.value) == f"{path}: {said}: run `mpdbridge auth`"


def test_a_login_that_others_may_read_is_warned_of_once(path: Path) -> None:
    path.chmod(0o644)
    with capture_logs() as logs:
        login = opened(path)
        os.utime(path, (1, 1))
        login.refresh()
    assert [(log["event"], log["fix"]) for log in logs] == [("login readable by others", f"chmod 600 {path}")]


def test_what_a_dead_login_got_is_worth_nothing_to_the_one_made_anew(path: Path) -> None:
    login = opened(path)
    login.jar.set_cookie(cookie("__Secure-3PSIDTS", "of the dead one"))
    path.write_text(netscape(rotating="fresh"))
    assert login.refresh(keep=False)
    assert "fresh" in {one.value for one in login.jar}
