"""A terminal that a program draws on and a test reads: a private tmux server with one window."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from support.mpd_process import wait_until


class Terminal:
    """Runs `argv` on a screen of its own; its tmux server has its own socket and is ended with it."""

    def __init__(self, argv: Sequence[str], *, columns: int = 110, lines: int = 30) -> None:
        # A socket's path holds 107 bytes and pytest's paths are long.
        self._folder = Path(tempfile.mkdtemp(prefix="tmux-", dir="/tmp"))
        # COLUMNS and LINES, which pytest-xdist sets, would go before the real size of the screen.
        foreign = ("MPD_", "TMUX", "COLUMNS", "LINES")
        self._env = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        self._env |= {"LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
        self._argv = argv
        self._size = ("-x", str(columns), "-y", str(lines))

    def __enter__(self) -> Self:
        self._tmux("new-session", "-d", *self._size, *self._argv)
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._tmux("kill-server")
        except AssertionError:  # the program has ended, and with its only window the server
            pass
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def press(self, *keys: str) -> None:
        """Keys as tmux names them: "5", "Enter", "Right"."""
        self._tmux("send-keys", *keys)

    def paste(self, file: Path) -> None:
        """The content of a file, as if it came from the clipboard."""
        self._tmux("load-buffer", str(file))
        self._tmux("paste-buffer")

    def screen(self) -> str:
        """What stands on the screen now."""
        return self._tmux("capture-pane", "-p")

    def wait(self, condition: Callable[[str], bool], what: str, limit: float = 20.0) -> None:
        """Returns as soon as `condition(screen)` holds; fails the test with `what` and the screen."""
        try:
            wait_until(lambda: condition(self.screen()), what, limit)
        except AssertionError as error:
            raise AssertionError(f"{error}, but the screen is\n{self.screen()}") from None

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-u", "-S", str(self._folder / "s"), "-f", "/dev/null", *words],
            env=self._env, capture_output=True, encoding="utf-8", timeout=20, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"tmux {words[0]}: {done.stderr}"
        return done.stdout
