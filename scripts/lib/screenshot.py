"""Real captures of ncmpcpp, with its colours, drawn as SVG. Run by scripts/screenshot."""

import io
import os
import subprocess
import sys
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text
from stage import Stage, StageError, open_stage, private_environment, wait_for

from mpdbridge.catalogue import demo_playlists

_COLUMNS, _LINES = 100, 20
_CONFIG = """\
ncmpcpp_directory = {folder}/ncmpcpp
mpd_host = {socket}
message_delay_time = 1
"""
# As rich's own, but without fonts from elsewhere: a picture shall not call anybody.
_SVG = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: "Fira Code", "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: arial, sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def main(target: Path) -> None:
    """Writes ncmpcpp-queue.svg and ncmpcpp-playlists.svg into `target`."""
    target.mkdir(parents=True, exist_ok=True)
    with open_stage() as stage:
        stage.start_mpd()
        stage.write_config()
        stage.start_bridge()
        subprocess.run(stage.mpdbridge("sync"), env=private_environment(), check=True, stdout=subprocess.DEVNULL)
        ncmpcpp = Ncmpcpp(stage)
        ncmpcpp.start()
        try:
            play(stage)
            ncmpcpp.take("ncmpcpp: the queue", target / "ncmpcpp-queue.svg", shows="Playing: ")
            ncmpcpp.press("5", "Down")
            ncmpcpp.take("ncmpcpp: the playlist editor", target / "ncmpcpp-playlists.svg", shows="Content (5 items)")
        finally:
            ncmpcpp.stop()


def play(stage: Stage) -> None:
    """Every demo playlist in the queue, the second song some seconds in."""
    with stage.client() as client:
        names = [entry["playlist"] for entry in client.listplaylists()]
        for name in sorted(names, key=lambda name: demo_playlists()[0].name not in name):
            client.load(name)
        count = sum(len(playlist.tracks) for playlist in demo_playlists())
        wait_for(lambda: sum("title" in song for song in client.playlistinfo()) == count, seconds=10, what="the tags")
        client.play(1)
        wait_for(lambda: float(client.status().get("elapsed", 0)) > 0, seconds=10, what="the song to play")
        client.seekcur(9)
        wait_for(lambda: float(client.status().get("elapsed", 0)) > 9, seconds=10, what="the seek to land")


class Ncmpcpp:
    """ncmpcpp on the private MPD, in a private tmux."""

    def __init__(self, stage: Stage) -> None:
        self._config = stage.folder / "ncmpcpp.conf"
        self._config.write_text(_CONFIG.format(folder=stage.folder, socket=stage.mpd_socket))
        self._socket = stage.folder / "tmux"

    def start(self) -> None:
        program = ["ncmpcpp", "--config", str(self._config), "--bindings", os.devnull, "--quiet"]
        self._tmux("new-session", "-d", "-x", str(_COLUMNS), "-y", str(_LINES), *program)

    def stop(self) -> None:
        self._tmux("kill-server")

    def press(self, *keys: str) -> None:
        self._tmux("send-keys", *keys)

    def take(self, title: str, path: Path, *, shows: str) -> None:
        """Draws the screen as soon as it shows `shows` and nothing more changes in its upper part."""

        def settled() -> str | None:
            plain, coloured = self._tmux("capture-pane", "-p"), self._tmux("capture-pane", "-p", "-e")
            quiet = plain.splitlines()[:-2] == self._tmux("capture-pane", "-p").splitlines()[:-2]
            return coloured if quiet and shows in plain else None

        screen = wait_for(settled, seconds=15, what=f"ncmpcpp to show {shows!r}")
        console = Console(record=True, file=io.StringIO(), width=_COLUMNS, legacy_windows=False)
        console.print(Text.from_ansi(_even(screen.rstrip("\n"))), end="")
        path.write_text(console.export_svg(title=title, code_format=_SVG, unique_id=path.stem))
        print(f"wrote {path}")

    def _tmux(self, *words: str) -> str:
        env = private_environment() | {"TERM": "xterm-256color"}
        for name in ("TMUX", "COLUMNS", "LINES"):  # they would go before the size that is asked for
            env.pop(name, None)
        argv = ["tmux", "-u", "-S", str(self._socket), "-f", os.devnull, *words]
        done = subprocess.run(argv, env=env, capture_output=True, encoding="utf-8", timeout=20, check=False)
        if done.returncode:
            raise StageError(f"tmux {words[0]}: {done.stderr.strip()}")
        return done.stdout


def _even(screen: str) -> str:
    """`screen` so that rich's columns are tmux's, and its count of characters is that of columns.

    tmux gives an emoji one column whether a variation selector follows or not, rich would give it two. And rich takes
    the number of characters for the width of a text: so one that is two columns wide gets one without width beside it.
    """
    return "".join(f"{sign}\u200b" if cell_len(sign) == 2 else sign for sign in screen.replace("\ufe0f", ""))


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except StageError as error:
        sys.exit(f"screenshot: {error}")
