"""A stage: one private MPD and one bridge in a folder of their own. When its `with` block ends nothing is left of it.

The user's MPD is never touched: MPD_HOST and MPD_PORT are not passed on, the private MPD listens on a Unix socket in
the folder only, and every process is stopped by its own process id.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TypeVar

import yaml
from mpd import MPDClient

T = TypeVar("T")

SILENT_OUTPUT = 'audio_output {\n  type "null"\n  name "silent"\n  mixer_type "null"\n}\n'
_MPD_CONF = """\
bind_to_address "{folder}/mpd.sock"
music_directory "{folder}/music"
playlist_directory "{folder}/playlists"
db_file "{folder}/mpd.db"
zeroconf_enabled "no"
{outputs}"""
_STOP_SECONDS = 5.0


class StageError(Exception):
    """Something on the stage did not do what it must; the message is for the person who watches."""


def wait_for(ready: Callable[[], T | None], *, seconds: float, what: str) -> T:
    """The first true value of `ready()`. Raises StageError naming `what` when none came within `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        if value := ready():
            return value
        if time.monotonic() > deadline:
            raise StageError(f"waited {seconds:.0f} s in vain: {what}")
        time.sleep(0.05)


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def private_environment() -> dict[str, str]:
    """Our environment, in UTF-8, without what leads to the user's MPD or puts a web proxy before the bridge."""
    env = {name: value for name, value in os.environ.items() if name not in ("MPD_HOST", "MPD_PORT")}
    return env | {"no_proxy": "localhost,127.0.0.1", "PYTHONUNBUFFERED": "1", "LC_ALL": "C.UTF-8"}


@dataclass
class Stage:
    """The folder and the processes in it.

    Attributes:
        folder: short path (a Unix socket's is limited to 107 bytes), removed at the end.
        port: where the bridge's relay listens on localhost.
    """

    folder: Path
    port: int
    _stack: ExitStack = field(default_factory=ExitStack)

    @property
    def mpd_socket(self) -> Path:
        return self.folder / "mpd.sock"

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    def start(self, name: str, argv: Sequence[str]) -> subprocess.Popen[bytes]:
        """Starts a process that is stopped with the stage; its output goes to `<folder>/<name>.log`."""
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=private_environment(), cwd=self.folder
            )
        self._stack.callback(stop, process)
        return process

    def last_words(self, name: str) -> str:
        """The last lines of a process's log."""
        lines = (self.folder / f"{name}.log").read_text(errors="replace").strip().splitlines()
        return "\n".join(lines[-12:])

    def start_mpd(self, outputs: str = SILENT_OUTPUT) -> subprocess.Popen[bytes]:
        """A private MPD that answers. Raises StageError with MPD's own words when it does not start."""
        for name in ("music", "playlists"):
            (self.folder / name).mkdir(exist_ok=True)
        conf = self.folder / "mpd.conf"
        conf.write_text(_MPD_CONF.format(folder=self.folder, outputs=outputs))
        process = self.start("mpd", ["mpd", "--no-daemon", str(conf)])
        self.until_ready(lambda: _answers(self.mpd_socket), process, "mpd")
        return process

    def mpdbridge(self, *words: str) -> list[str]:
        """The command line of our program with this stage's configuration."""
        return [sys.executable, "-m", "mpdbridge", *words, "--config", str(self.config)]

    def write_config(self, **sections: object) -> None:
        """The bridge's configuration: this stage's MPD, port and database, and the sections given."""
        own = {
            "mpd": {"host": str(self.mpd_socket)},
            "proxy": {"port": self.port, "track_mapping_db": str(self.folder / "tracks.db")},
            "sources": {"ytmusic": {"enabled": False}, "demo": {"enabled": True}},
        }
        self.config.write_text(yaml.safe_dump(own | sections))

    def start_bridge(self) -> subprocess.Popen[bytes]:
        """`mpdbridge watch`, answering and attached to the private MPD."""
        process = self.start("watch", self.mpdbridge("watch", "--no-sync"))
        self.until_ready(lambda: self.health().get("status") == "ok", process, "watch")
        return process

    def health(self) -> dict[str, object]:
        """What the bridge's /health says; empty while it does not answer."""
        with suppress(OSError), urllib.request.urlopen(f"http://localhost:{self.port}/health", timeout=5) as answer:
            return dict(json.load(answer))
        return {}

    def until_ready(self, ready: Callable[[], bool], process: subprocess.Popen[bytes], name: str) -> None:
        """Returns when `ready()` holds. Raises StageError with the log's end when it never does or ends."""
        try:
            wait_for(lambda: process.poll() is not None or ready(), seconds=20, what=f"{name} does not answer")
        except StageError as error:
            raise StageError(f"{error}; its log ends with\n{self.last_words(name)}") from None
        if process.poll() is not None:
            raise StageError(f"{name} ended at once, saying\n{self.last_words(name)}")

    @contextmanager
    def client(self) -> Iterator[MPDClient]:
        """A client of the private MPD that is not ours: python-mpd2."""
        client = MPDClient()
        client.timeout = 20
        client.connect(str(self.mpd_socket))
        try:
            yield client
        finally:
            client.disconnect()


@contextmanager
def open_stage() -> Iterator[Stage]:
    """A stage in a new folder under the temporary directory. It ends in order when this process is told to end, too."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    folder = Path(tempfile.mkdtemp(prefix="mpdbridge-"))
    stage = Stage(folder, free_port())
    try:
        with stage._stack:  # noqa: SLF001  # its own module
            yield stage
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends one process of ours: asks first, insists after a few seconds."""
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _answers(path: Path) -> bool:
    with suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(2)
        probe.connect(str(path))
        return probe.recv(16).startswith(b"OK MPD")
    return False
