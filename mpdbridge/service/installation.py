"""Puts the unit where the user's systemd finds it, and takes it away again."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from mpdbridge.errors import MpdBridgeError
from mpdbridge.files import write_private
from mpdbridge.service.unit import MARK, NAME, unit

# What decides where MPD, the configuration and our files are, and what systemd's manager need not have from the shell.
_PASSED_ON = ("MPD_HOST", "MPD_PORT", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")
_TOLD = ("UnitFileState", "ActiveState", "SubState", "StatusText", "NRestarts")
_SECONDS = 120.0  # a start takes up to 90 (systemd's DefaultTimeoutStartSec)


def unit_path(env: Mapping[str, str] = os.environ) -> Path:
    """Where the user's units are (systemd.unit(5))."""
    config = env.get("XDG_CONFIG_HOME") or Path(env.get("HOME") or Path.home()) / ".config"
    return Path(config) / "systemd" / "user" / NAME


def watch_command(config: Path | None) -> list[str]:
    """The command that runs the bridge as this process was started: as the program of that name, else as a module."""
    program = Path(sys.argv[0]).absolute()
    is_program = program.name == "mpdbridge" and program.is_file() and os.access(program, os.X_OK)
    command = [str(program)] if is_program else [sys.executable, "-m", "mpdbridge"]
    return [*command, *(["--config", str(config.expanduser().absolute())] if config else []), "watch"]


def is_installed(path: Path) -> bool:
    """Whether there is a unit of ours at `path`.

    Raises:
        MpdBridgeError: there is one that we did not write.
    """
    try:
        text = path.read_text("utf-8", "replace")
    except FileNotFoundError:
        return False
    except OSError as error:
        raise MpdBridgeError(f"{path}: {error.strerror}; make it readable, or move it away") from error
    if not text.startswith(MARK):
        raise MpdBridgeError(f"{path} was not written by mpdbridge; move it away first")
    return True


def install(path: Path, config: Path | None, env: Mapping[str, str] = os.environ) -> None:
    """Writes the unit (0600, since $MPD_HOST may hold a password) in place of one of ours.

    Raises:
        MpdBridgeError: it cannot be written, or somebody else's stands there.
    """
    is_installed(path)
    passed_on = {name: env[name] for name in _PASSED_ON if env.get(name)}
    try:
        write_private(path, unit(watch_command(config), passed_on))
    except OSError as error:
        raise MpdBridgeError(f"{path} cannot be written: {error.strerror}; check its folder") from error


def remove(path: Path) -> None:
    """Removes the unit, which is ours, and the link that enables it, should systemctl have left it.

    Raises:
        MpdBridgeError: it cannot be removed.
    """
    try:
        for file in (path.parent / "default.target.wants" / NAME, path):
            file.unlink(missing_ok=True)
    except OSError as error:
        raise MpdBridgeError(f"{path} cannot be removed: {error.strerror}") from error


def start() -> None:
    """Enables the unit and starts it, anew if it runs.

    Raises:
        SystemctlError: there is no systemd for this user, or the bridge does not start.
    """
    systemctl("enable", "mpdbridge")
    try:
        systemctl("restart", "mpdbridge")  # unlike enable --now, also when it runs an older unit
    except SystemctlError as error:
        raise SystemctlError(f"{str(error).rstrip('.')}; `journalctl --user -u mpdbridge -n 20` shows why") from error


def stop() -> None:
    """Stops the unit and disables it.

    Raises:
        SystemctlError: there is no systemd for this user.
    """
    systemctl("disable", "--now", "mpdbridge")
    with suppress(SystemctlError):  # there is nothing to forget of one that did not fail
        systemctl("reset-failed", "mpdbridge")


def state() -> dict[str, str]:
    """What systemd says of the unit, by its own names for that; nothing of what is empty.

    Raises:
        SystemctlError: there is no systemd for this user.
    """
    told = systemctl("show", "mpdbridge", f"--property={','.join(_TOLD)}")
    found = dict(line.split("=", 1) for line in told.splitlines())
    return {name: found[name] for name in _TOLD if found.get(name)}


class SystemctlError(MpdBridgeError):
    """systemctl is not there, or did not do what it was asked for."""


def systemctl(*words: str) -> str:
    """What `systemctl --user WORDS` says.

    Raises:
        SystemctlError: why it does not.
    """
    program = shutil.which("systemctl")
    if program is None:
        raise SystemctlError("there is no systemctl here")
    try:
        done = _run([program, "--user", *words])
    except subprocess.TimeoutExpired:
        raise SystemctlError(f"systemctl --user {' '.join(words)}: no answer in {_SECONDS:g} s") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise SystemctlError(f"systemctl --user {' '.join(words)}: {said[0] if said else done.returncode}")
    return done.stdout.strip()


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # a program of the system's, with words of ours
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS, check=False
    )
