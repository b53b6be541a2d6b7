"""A real, private mpd: own socket, own configuration, own directories; never the user's.

It is started and ended by its process id, and every use checks that this very process is alive. The helpers block: in
an async test whose relay has to answer while MPD waits, call them through `asyncio.to_thread`.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from support.mpd_client import Ack, IdleWatcher, Pairs, RawClient

Output = Mapping[str, str]
START_LIMIT = 20.0


def null_output(*, realtime: bool = True) -> Output:
    """Plays into nothing, as fast as music goes, or as fast as it can be decoded."""
    return {"type": "null", "name": "null", "sync": "yes" if realtime else "no"}


def pipe_output(command: str, audio_format: str = "44100:16:2") -> Output:
    """Raw samples into the standard input of a shell command, none dropped."""
    return {"type": "pipe", "name": "pipe", "command": command, "format": audio_format}


def recorder_output(path: Path, encoder: str = "wave", audio_format: str = "44100:16:2") -> Output:
    """Encoded into a file, as fast as it can be decoded when it is the only output."""
    return {
        "type": "recorder",
        "name": "recorder",
        "path": str(path),
        "encoder": encoder,
        "format": audio_format,
        "always_on": "no",
    }


def free_port() -> int:
    """A TCP port on loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(condition: Callable[[], object], what: str, limit: float = 10.0) -> None:
    """Returns as soon as `condition()` is true; fails the test with `what` after `limit` seconds."""
    deadline = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < deadline, f"waited {limit} s for: {what}"
        time.sleep(0.01)


@dataclass(kw_only=True)
class MpdProcess:
    """One private mpd; not started before `start()`.

    Attributes:
        home: where its files go.
        outputs: audio outputs; see `null_output` and its neighbours.
        tcp: also listen on a free port of 127.0.0.1, told by `.port`.
        password: grants everything; without it clients have `default_permissions`.
        default_permissions: e.g. "read", or "" for none.
        stored_playlists: False leaves playlist_directory out: MPD refuses all stored playlist commands.
        stickers: False leaves sticker_file out: MPD refuses the command.
        state: keep a state file, so that the queue survives a restart.
        max_playlist_length: songs in a playlist; None for MPD's default of 16384.
        extra: more lines for mpd.conf.
        https_proxy: a port on loopback through which mpd asks for https links.
    """

    home: Path
    outputs: Sequence[Output] = field(default_factory=lambda: [null_output()])
    tcp: bool = False
    password: str | None = None
    default_permissions: str | None = None
    stored_playlists: bool = True
    stickers: bool = True
    state: bool = False
    max_playlist_length: int | None = None
    extra: str = ""
    https_proxy: int | None = None
    port: int | None = field(default=None, init=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    # sun_path holds 107 bytes and pytest's paths are long, so the socket gets a short folder of its own.
    _socket_dir: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="mpd-", dir="/tmp")), init=False)

    @property
    def socket(self) -> Path:
        return self._socket_dir / "s"

    @property
    def playlist_directory(self) -> Path:
        return self.home / "playlists"

    @property
    def music_directory(self) -> Path:
        return self.home / "music"

    @property
    def log(self) -> str:
        return (self.home / "mpd.log").read_text(errors="replace")

    @property
    def pid(self) -> int:
        """Process id of this mpd, which is alive."""
        assert self._process is not None, "mpd was not started"
        assert self._process.poll() is None, f"mpd ended with {self._process.returncode}: {self.log[-2000:]}"
        return self._process.pid

    def start(self) -> "MpdProcess":
        """Starts mpd, on the same socket and port as before, and returns when it answers."""
        assert self._process is None, "mpd runs already"
        for folder in (self.playlist_directory, self.music_directory):
            folder.mkdir(parents=True, exist_ok=True)
        if self.tcp and self.port is None:
            self.port = free_port()
        config = self.home / "mpd.conf"
        config.write_text(self._config())
        self.socket.unlink(missing_ok=True)
        with (self.home / "mpd.log").open("ab") as log:
            command = ["mpd", "--no-daemon", "--stderr", "--verbose", str(config)]
            way = {"https_proxy": f"http://127.0.0.1:{self.https_proxy}"} if self.https_proxy else {}
            self._process = subprocess.Popen(
                command, env=os.environ | way, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        wait_until(self._answers, "mpd to answer", START_LIMIT)
        return self

    def stop(self) -> None:
        """Ends mpd in order: it writes its state file first."""
        self._end(lambda process: process.terminate())

    def kill(self) -> None:
        """Ends mpd as a crash would."""
        self._end(lambda process: process.kill())

    def restart(self) -> None:
        self.stop()
        self.start()

    def close(self) -> None:
        """Ends mpd if it runs and removes its socket."""
        self.stop()
        shutil.rmtree(self._socket_dir, ignore_errors=True)

    def client(self) -> RawClient:
        """A new connection, with the password given already."""
        assert self.pid
        client = RawClient(self.socket)
        if self.password is not None:
            client.command("password", self.password)
        return client

    def command(self, *args: str) -> Pairs:
        """The answer to one command as (key, value) pairs, over a connection of its own."""
        with self.client() as client:
            return client.command(*args)

    def try_to_play(self, *args: str) -> None:
        """`play`, or another command, of what may not be reached: whether MPD's answer tells that is chance."""
        with suppress(Ack):
            self.command(*(args or ("play",)))

    def values(self, *args: str) -> list[str]:
        """The values alone, e.g. the URIs of `listplaylist NAME`."""
        return [value for _, value in self.command(*args)]

    def status(self) -> dict[str, str]:
        return dict(self.command("status"))

    def queue(self) -> list[dict[str, list[str]]]:
        """The entries of the queue, every tag with all its values."""
        songs: list[dict[str, list[str]]] = []
        for key, value in self.command("playlistinfo"):
            if key == "file":
                songs.append({})
            songs[-1].setdefault(key, []).append(value)
        return songs

    @contextmanager
    def watch(self, *subsystems: str) -> Iterator[IdleWatcher]:
        """A second client that waits in `idle`."""
        with self.client() as client:
            yield IdleWatcher(client, subsystems)

    def mpc(self, *args: str) -> str:
        """What `mpc ARGS` prints."""
        assert self.pid
        host = f"{self.password}@{self.socket}" if self.password is not None else str(self.socket)
        done = subprocess.run(
            ["mpc", *args], env={**os.environ, "MPD_HOST": host}, check=True, capture_output=True, timeout=20
        )
        return done.stdout.decode()

    def _answers(self) -> bool:
        assert self.pid
        try:
            RawClient(self.socket).close()
        except OSError:
            return False
        return True

    def _end(self, how: Callable[[subprocess.Popen[bytes]], None]) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        how(process)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)

    def _config(self) -> str:
        settings: dict[str, object] = {
            "music_directory": self.music_directory,
            "db_file": self.home / "database",
            "zeroconf_enabled": "no",
            "auto_update": "no",
        }
        if self.stickers:
            settings["sticker_file"] = self.home / "stickers"
        if self.stored_playlists:
            settings["playlist_directory"] = self.playlist_directory
        if self.state:
            settings["state_file"] = self.home / "state"
        if self.password is not None:
            settings["password"] = f"{self.password}@read,add,player,control,admin"
        if self.default_permissions is not None:
            settings["default_permissions"] = self.default_permissions
            settings["local_permissions"] = self.default_permissions
        if self.max_playlist_length is not None:
            settings["max_playlist_length"] = self.max_playlist_length
        lines = [f'{key} "{value}"' for key, value in settings.items()]
        lines += [f'bind_to_address "{self.socket}"']
        lines += [f'bind_to_address "127.0.0.1:{self.port}"'] if self.tcp else []
        for output in self.outputs:
            options = [f'  {key} "{_quoted(value)}"' for key, value in output.items()]
            lines += ["audio_output {", *options, "}"]
        return "\n".join([*lines, self.extra, ""])


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
