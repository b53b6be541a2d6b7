"""The playlist folder of our MPD is found where it is told, and never that of somebody else's MPD."""

from collections.abc import Callable
from pathlib import Path

import pytest
from support.mpd_process import MpdProcess

from mpdbridge.mpd.address import MpdAddress
from mpdbridge.mpd.directories import MpdConf, find_music_directory, find_playlist_directory

SYSTEM = MpdAddress(socket="/run/mpd/socket")


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": f"{tmp_path}/run"}


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


async def test_the_configuration_goes_before_everything(env: dict[str, str]) -> None:
    write(Path(env["HOME"]) / ".mpdconf", 'playlist_directory "~/other"\n')
    assert await find_playlist_directory(SYSTEM, configured=Path("/mine"), env=env) == Path("/mine")


async def test_a_running_mpd_is_asked_and_its_files_are_read_when_it_does_not_tell(
    start_mpd: Callable[..., MpdProcess], env: dict[str, str]
) -> None:
    mpd = start_mpd()
    address = MpdAddress(socket=str(mpd.socket))
    told = dict(mpd.command("config")).get("playlist_directory")  # MPD tells it from 0.24 on
    assert await find_playlist_directory(address, env=env) == (mpd.playlist_directory if told else None)
    write(Path(env["HOME"]) / ".mpdconf", (mpd.home / "mpd.conf").read_text())
    assert await find_playlist_directory(address, env=env) == mpd.playlist_directory
    mpd.kill()
    assert await find_playlist_directory(address, env=env) == mpd.playlist_directory


async def test_an_answer_of_mpd_is_taken(monkeypatch: pytest.MonkeyPatch, mpd: MpdProcess, env: dict[str, str]) -> None:
    """What 0.24 says, put into the mouth of whatever version runs here."""

    async def config(_connection: object, *_args: str) -> list[tuple[str, str]]:
        return [("music_directory", "/m"), ("playlist_directory", "/p")]

    monkeypatch.setattr("mpdbridge.mpd.directories.MpdConnection.command", config)
    assert await find_playlist_directory(MpdAddress(socket=str(mpd.socket)), env=env) == Path("/p")


async def test_the_music_directory_is_configured_or_told_by_mpd_or_by_its_file(
    start_mpd: Callable[..., MpdProcess], env: dict[str, str]
) -> None:
    mpd = start_mpd(tcp=True)
    local, remote = MpdAddress(socket=str(mpd.socket)), MpdAddress(host="127.0.0.1", port=mpd.port or 0)
    assert await find_music_directory(local, env=env) == mpd.music_directory
    assert await find_music_directory(remote, env=env) is None
    assert await find_music_directory(remote, configured=Path("/mine"), env=env) == Path("/mine")
    write(Path(env["HOME"]) / ".mpdconf", (mpd.home / "mpd.conf").read_text())
    assert await find_music_directory(remote, env=env) == mpd.music_directory


async def test_music_that_is_not_in_files_has_no_folder(env: dict[str, str]) -> None:
    write(Path(env["HOME"]) / ".mpdconf", 'music_directory "nfs://nas/music"\nbind_to_address "/run/mpd/socket"\n')
    assert await find_music_directory(SYSTEM, env=env) is None


@pytest.mark.parametrize("place", [".config/mpd/mpd.conf", ".mpdconf", ".mpd/mpd.conf"])
async def test_every_usual_place_is_looked_at(env: dict[str, str], place: str) -> None:
    home = Path(env["HOME"])
    write(home / place, 'bind_to_address "localhost"\nplaylist_directory "~/lists"\n')
    for address in (SYSTEM, MpdAddress(), MpdAddress(host="127.0.0.1"), MpdAddress(socket=f"{home}/run/mpd/socket")):
        assert await find_playlist_directory(address, env=env) == home / "lists"


async def test_the_first_file_goes_before_the_others(env: dict[str, str]) -> None:
    home = Path(env["HOME"])
    write(home / "xdg/mpd/mpd.conf", 'playlist_directory "/first"\n')
    write(home / ".mpdconf", 'playlist_directory "/second"\n')
    assert await find_playlist_directory(SYSTEM, env={**env, "XDG_CONFIG_HOME": f"{home}/xdg"}) == Path("/first")
    assert await find_playlist_directory(SYSTEM, env=env) == Path("/second")


@pytest.mark.parametrize(
    "address",
    [
        MpdAddress(socket="/tmp/private/s"),
        MpdAddress(port=6601),
        MpdAddress(host="192.0.2.1"),
        MpdAddress(host="nowhere.invalid"),
    ],
)
async def test_the_file_of_another_mpd_is_not_believed(env: dict[str, str], address: MpdAddress) -> None:
    write(Path(env["HOME"]) / ".mpdconf", 'playlist_directory "/theirs"\n')
    assert await find_playlist_directory(address, env=env) is None


@pytest.mark.parametrize(
    ("bound", "address"),
    [
        ('bind_to_address "~/.mpd/socket"', MpdAddress(socket="/home/me/.mpd/socket")),
        ('bind_to_address "@mine"', MpdAddress(socket="@mine")),
        ('bind_to_address "any"\nport "6700"', MpdAddress(port=6700)),
        ('bind_to_address "127.0.0.1:6800"', MpdAddress(port=6800)),
        ('bind_to_address "[::1]:6900"\nbind_to_address "/s"', MpdAddress(host="::1", port=6900)),
        ('port "nonsense"', MpdAddress()),
    ],
)
def test_a_file_is_about_the_mpd_that_listens_where_it_says(bound: str, address: MpdAddress) -> None:
    conf = MpdConf.parse(f'{bound}\nplaylist_directory "/p"\n', {"HOME": "/home/me"})
    assert conf.is_about(address, {})


@pytest.mark.parametrize(
    ("line", "folder"),
    [
        ('playlist_directory "/a b/c"', "/a b/c"),
        ('  playlist_directory\t"/a"  # comment', "/a"),
        ('playlist_directory "/quo\\"ted\\\\"', '/quo"ted\\'),
        ('playlist_directory "~"', "/home/me"),
        ('playlist_directory "~/lists"', "/home/me/lists"),
        ('user "root"\nplaylist_directory "~/lists"', "/root/lists"),
        ('playlist_directory "~nobody-of-this-name/lists"', "~nobody-of-this-name/lists"),
        ('playlist_directory "$XDG_CONFIG_HOME/lists"', "/home/me/.config/lists"),
        ('playlist_directory "/$UNKNOWN/lists"', "/$UNKNOWN/lists"),
        ('# playlist_directory "/a"', None),
        ('audio_output {\n  playlist_directory "/in/a/block"\n}', None),
        ('audio_output {\n}\nplaylist_directory "/behind"', "/behind"),
        ("playlist_directory unquoted", None),
        ("", None),
    ],
)
def test_mpd_conf_is_read_as_mpd_reads_it(line: str, folder: str | None) -> None:
    conf = MpdConf.parse(line, {"HOME": "/home/me", "XDG_CONFIG_HOME": "/home/me/.config"})
    assert conf.folders.get("playlist_directory") == (Path(folder) if folder else None)
