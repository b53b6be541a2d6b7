"""The unit that systemd reads: every path and value gets through, and every setting is one it knows."""

import os
import shutil
import subprocess
import sys

import pytest

from mpdbridge.service.unit import MARK, unit

PLAIN = ["/usr/bin/mpdbridge", "watch"]


def setting(text: str, name: str) -> list[str]:
    return [line.removeprefix(f"{name}=") for line in text.splitlines() if line.startswith(f"{name}=")]


def test_it_begins_with_our_mark() -> None:
    assert unit(PLAIN, {}).startswith(f"{MARK}\n")


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("/home/me/my music/c.yaml", '"/home/me/my music/c.yaml"'),
        ('say "hi"', r'"say \"hi\""'),
        ("back\\slash", r'"back\\slash"'),
        ("100%n", '"100%%n"'),
        ("$HOME", '"$$HOME"'),
        ("two\nlines", r'"two\nlines"'),
        ("Müsik·", '"Müsik·"'),
    ],
)
def test_any_word_of_the_command_is_itself(word, written) -> None:
    assert setting(unit([*PLAIN, word], {}), "ExecStart") == [f'"/usr/bin/mpdbridge" "watch" {written}']


def test_a_variable_keeps_its_dollars() -> None:
    text = unit(PLAIN, {"MPD_HOST": "pa$$word%@/run/s", "MPD_PORT": "6601"})
    assert setting(text, "Environment") == ['"MPD_HOST=pa$$word%%@/run/s"', '"MPD_PORT=6601"']


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
def test_systemd_understands_all_of_it(tmp_path) -> None:
    path = tmp_path / "mpdbridge.service"
    path.write_text(unit([sys.executable, "-m", "mpdbridge", "a b%c$d"], {"MPD_HOST": "x%y"}))
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", path],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout + done.stderr == ""
