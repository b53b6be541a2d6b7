"""`mpdbridge auth` as a user has it: a process of its own, browsers on disk, and a YouTube Music that knows its own."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.browsers import make_firefox
from support.innertube import BROWSER_HEADERS, FakeInnerTube, FakePlaylist, Song
from support.innertube_login import ROTATING, SAPISID, netscape
from support.terminal import Terminal

from mpdbridge.cookies import read_login

TESTS = Path(__file__).resolve().parents[1]
FIREFOX = [(".youtube.com", "SID", "abc", 0), (".youtube.com", "__Secure-3PAPISID", SAPISID, 0)]


@dataclass
class User:
    """A home, and who is asked for music there."""

    home: Path
    tube: FakeInnerTube

    @property
    def login(self) -> Path:
        return self.home / "share" / "mpdbridge" / "cookies.txt"

    @property
    def environment(self) -> dict[str, str]:
        import os

        inherited = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
        path = f"{TESTS}:{inherited.get('PYTHONPATH', '')}"
        here = {"XDG_DATA_HOME": f"{self.home}/share", "XDG_CACHE_HOME": f"{self.home}/cache"}
        return inherited | here | {"HOME": str(self.home), "PYTHONPATH": path}

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "support.cli_at_innertube", str(self.tube.port), *words]

    async def run(self, *words: str, typed: str = "") -> tuple[int, str, str]:
        """Exit code, stdout and stderr of `mpdbridge auth word…`."""
        process = await asyncio.create_subprocess_exec(
            *self.command("auth", *words),
            env=self.environment,
            cwd=self.home,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate(typed.encode())
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()


@pytest.fixture
async def user(tmp_path: Path) -> AsyncIterator[User]:
    async with FakeInnerTube() as tube:
        yield User(tmp_path, tube)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)
    return path


async def test_a_browsers_login_is_tried_saved_and_named(user: User) -> None:
    rotating = (".youtube.com", ROTATING, "sidts-0", 0)
    make_firefox(user.home, [*FIREFOX, rotating, (".example.org", "other", "site", 0)])
    user.tube.login.rotates_every = 1
    code, out, err = await user.run("--browser", "firefox")
    assert (code, err) == (0, "")
    first, second = out.splitlines()
    assert first == f"Logged in as Ada Example (@ada). The login is kept in {user.login}, which only you can read."
    assert second == "`mpdbridge sync` brings your library into MPD. A running `watch` has to be started anew."
    assert user.login.stat().st_mode & 0o777 == 0o600
    jar = read_login(user.login.read_text()).jar
    assert {one.domain for one in jar} == {".youtube.com"}
    assert {one.name: one.value for one in jar}[ROTATING] == "sidts-1", "what the try has rotated is kept"
    assert [each.name for each in user.login.parent.iterdir()] == ["cookies.txt"]


async def test_a_login_in_a_container_is_found_by_its_name_only(user: User) -> None:
    make_firefox(user.home, [(host, name, value, 2) for host, name, value, _ in FIREFOX])
    code, _, err = await user.run("--browser", "firefox")
    assert code == 1
    assert err == (
        "mpdbridge: error: firefox is not logged in at music.youtube.com: log in there, or name another --profile or "
        "--container\n"
    )
    assert (await user.run("--browser", "firefox", "--container", "Music"))[0] == 0


@pytest.mark.parametrize("form", ["raw", "json"])
async def test_pasted_headers_are_a_login(user: User, form: str) -> None:
    raw = "\n".join(f"{name}: {value}" for name, value in BROWSER_HEADERS.items())
    code, out, _ = await user.run("--headers", "-", typed=raw if form == "raw" else json.dumps(BROWSER_HEADERS))
    assert (code, out.split(".")[0]) == (0, "Logged in as Ada Example (@ada)")


async def test_a_cookies_txt_is_a_login_and_other_sites_stay_out_of_it(user: User) -> None:
    exported = write(user.home / "export.txt", netscape(".example.org\tTRUE\t/\tTRUE\t0\tother\tsite"))
    assert (await user.run("--cookies", str(exported)))[0] == 0
    assert "example.org" not in user.login.read_text()
    assert exported.read_text().count("example.org") == 1


async def test_a_login_that_youtube_does_not_know_does_not_take_the_place_of_the_old_one(user: User) -> None:
    before = write(user.login, netscape()).read_text()
    user.tube.login.alive = False
    fresh = write(user.home / "fresh.txt", netscape().replace(SAPISID, "another"))
    code, out, err = await user.run("--cookies", str(fresh))
    assert (code, out) == (1, "")
    assert "YouTube Music does not know this login" in err
    assert err.endswith("; the old login is still there\n")
    assert user.login.read_text() == before
    code, out, _ = await user.run("--cookies", str(fresh), "--force")
    assert code == 0
    assert f"Saved in {user.login}, not known to work (YouTube Music does not know it)." in out
    assert "another" in user.login.read_text()


async def test_offline_a_login_is_saved_and_it_is_said(user: User) -> None:
    fresh = write(user.home / "fresh.txt", netscape())
    await user.tube.__aexit__(None, None, None)
    code, out, _ = await user.run("--cookies", str(fresh))
    assert code == 0
    assert "not known to work (YouTube Music does not answer (ConnectionError): is this machine online?)." in out
    assert user.login.exists()


async def test_check_names_the_account_and_fails_when_it_is_dead(user: User) -> None:
    code, _, err = await user.run("--check")
    assert (code, err) == (1, f"mpdbridge: error: there is no login at {user.login}: run `mpdbridge auth`\n")
    write(user.login, netscape())
    assert await user.run("--check") == (
        0,
        f"Logged in as Ada Example (@ada). The login is in {user.login}\n",
        "",
    )
    code, out, _ = await user.run("--check", "--json")
    told = {"file": str(user.login), "logged_in": True, "name": "Ada Example", "handle": "@ada", "problem": ""}
    assert (code, json.loads(out)) == (0, told)
    user.tube.login.alive = False
    code, out, err = await user.run("--check", "--json")
    found = json.loads(out)
    assert (code, found["logged_in"]) == (1, False)
    assert err == f"mpdbridge: error: {found['problem']}\n"
    assert "the login has died" in err


async def test_remove_forgets_it(user: User) -> None:
    write(user.login, netscape())
    assert (await user.run("--remove"))[0] == 0
    assert not user.login.exists()
    assert (await user.run("--remove"))[0] == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "say where the login comes from"),
        (["--browser", "firefox", "--check"], "give one of"),
        (["--profile", "x"], "belong to --browser"),
        (["--browser", "chrome", "--container", "x"], "only Firefox has containers"),
        (["--json"], "--json belongs to --check"),
    ],
)
async def test_what_does_not_fit_together_is_a_usage_error(user: User, words: list[str], said: str) -> None:
    code, _, err = await user.run(*words)
    assert code == 2
    assert said in err


async def test_the_next_sync_brings_the_library_without_a_word_in_the_configuration(user: User, mpd) -> None:
    user.tube.playlists = {
        "LM": FakePlaylist("Liked Music", [Song(video_id="video-00000", title="One")], announced=None),
        "PLmine": FakePlaylist("Mine", [Song(video_id="video-00001", title="Two")]),
    }
    user.tube.library = list(user.tube.playlists)
    config = write(user.home / "c.yaml", json.dumps({"mpd": {"host": str(mpd.socket)}}))
    write(user.home / "headers.txt", json.dumps(BROWSER_HEADERS))
    assert (await user.run("--headers", "headers.txt", "--config", str(config)))[0] == 0

    async def synced() -> tuple[int | None, str]:
        process = await asyncio.create_subprocess_exec(
            *user.command("sync", "--config", str(config)),
            env=user.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await process.communicate()
        return process.returncode, out.decode()

    code, out = await synced()
    assert code == 0, out
    assert set(mpd.mpc("lsplaylists").split("\n")) >= {"YT: Liked Music", "YT: Mine"}
    user.tube.login.alive = False
    code, out = await synced()
    assert code == 1
    assert "ytmusic failed: the login has died" in out
    assert "; what MPD has of it stays" in out
    assert set(mpd.mpc("lsplaylists").split("\n")) >= {"YT: Liked Music", "YT: Mine"}


@pytest.mark.clients
async def test_on_a_terminal_it_asks_and_takes_a_paste_longer_than_a_line_may_be(user: User, tmp_path: Path) -> None:
    make_firefox(user.home, FIREFOX)
    long = f"{BROWSER_HEADERS['cookie']}; LONG={'x' * 6000}"
    pasted = write(tmp_path / "paste.txt", f"x-goog-authuser: 0\ncookie: {long}\n")
    environment = [f"{name}={value}" for name, value in user.environment.items()]
    script = f"{' '.join(user.command('auth'))}; echo code $?; sleep 60"

    def drive() -> None:
        with Terminal(["env", *environment, "sh", "-c", script]) as terminal:
            terminal.wait(lambda screen: "Number [1]:" in screen, "the question")
            assert "1  take the login of Firefox" in terminal.screen()
            terminal.press("2", "Enter")
            terminal.wait(lambda screen: "press Ctrl-D" in screen, "the paste")
            terminal.paste(pasted)
            terminal.press("C-d")
            terminal.wait(lambda screen: "code 0" in screen, "the end")
            screen = terminal.screen()
            assert "Logged in as Ada Example (@ada)" in screen
            assert "xxx" not in screen, "it is a secret"

    await asyncio.to_thread(drive)
    assert "x" * 6000 in user.login.read_text()
