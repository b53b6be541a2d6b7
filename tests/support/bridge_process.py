"""The program as a user runs it: `mpdbridge` with a configuration file of its own, ended by its process id."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self

import yaml
from support.mpd_process import MpdProcess, free_port, wait_until

from mpdbridge.models import Stream, Track
from mpdbridge.store import TrackStore


class BridgeProcess:
    """`mpdbridge` for one private mpd, with the demo source; more of the configuration by keyword.

    Args:
        home: where its files go.
        process: the mpd, reached by its socket unless the section `mpd` says otherwise.
        options: of `watch`; it does not sync unless they are empty.
        env: more environment variables.

    Attributes:
        port: of its relay, on localhost.
    """

    def __init__(
        self,
        home: Path,
        process: MpdProcess,
        /,
        *,
        options: tuple[str, ...] = ("--no-sync",),
        env: Mapping[str, str] | None = None,
        **sections: dict[str, Any],
    ) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self._options = options
        self._more_env = dict(env or {})
        self._log = home / "watch.log"
        self._config = home / "config.yaml"
        self._cache = home / "cache"
        settings: dict[str, dict[str, Any]] = {
            "mpd": {"host": str(process.socket)},
            "proxy": {"port": self.port, "track_mapping_db": str(home / "tracks.db")},
            "sources": {"ytmusic": {"enabled": False}, "demo": {"enabled": True}},
        }
        for name, section in sections.items():
            settings[name] = settings.get(name, {}) | section
        self._config.write_text(yaml.safe_dump(settings))
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`mpdbridge WORDS`, to its end."""
        return subprocess.run(
            self._argv(*words), env=self._env(), capture_output=True, encoding="utf-8", timeout=60, check=False
        )

    @contextmanager
    def begin(self, *words: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
        """`mpdbridge WORDS`, running; killed on leaving, if it still does. `options` are those of Popen."""
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        argv, env = self._argv(*words), self._env()
        with subprocess.Popen(argv, env=env, encoding="utf-8", **(pipes | options)) as process:
            try:
                yield process
            finally:
                process.kill()

    def __enter__(self) -> Self:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._argv("watch", *self._options), env=self._env(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            wait_until(lambda: self.health() is not None, "the bridge to answer", 20)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    @property
    def log(self) -> str:
        """What `watch` has written, as JSON lines."""
        return self._log.read_text()

    def stop(self) -> tuple[int, float]:
        """Ends `watch` by SIGTERM. Returns its exit code, and the seconds that it took."""
        assert self._process is not None
        asked_at = time.monotonic()
        self._process.terminate()
        return self._process.wait(10), time.monotonic() - asked_at

    def kill(self) -> None:
        """Ends `watch` as a crash would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def know(self, track: Track, stream: Stream) -> None:
        """As if `track` had been synced and resolved to `stream`."""
        with TrackStore(self._config.with_name("tracks.db")) as store:
            store.upsert_tracks([track])
            store.save_stream(track.track_id, stream)

    def health(self) -> dict[str, Any] | None:
        """What /health says, or None while nobody listens. Fails when the process has ended."""
        assert self._process is not None
        assert self._process.poll() is None, f"watch ended: {self._log.read_text()[-2000:]}"
        try:
            with closing(urllib.request.urlopen(f"http://localhost:{self.port}/health", timeout=5)) as answer:
                health: dict[str, Any] = json.load(answer)
        except urllib.error.URLError:
            return None
        return health

    def _argv(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "mpdbridge", *words, "--config", str(self._config)]

    def _env(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MPD_")}
        return inherited | {"XDG_CACHE_HOME": str(self._cache)} | self._more_env

    def _end(self) -> None:
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
