"""A soak run of twenty seconds; `./scripts/soak` does it for as long as you like."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.mpd
def test_after_twenty_seconds_of_anything_all_is_right_and_nothing_has_grown() -> None:
    path = os.pathsep.join([str(ROOT / "tests"), str(ROOT / "scripts"), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-m", "soaking", "--seconds", "20", "--seed", "7"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing was wrong" in done.stdout
