"""The configuration file: read, judged, and nothing in it shown."""

from pathlib import Path

from mpdbridge.config import Settings, load_settings
from mpdbridge.doctor.checks import Check, fail, ok, warn
from mpdbridge.errors import ConfigError

_NAME = "Config"
_OTHERS = 0o077


def read(path: Path | None, shown: Path) -> tuple[Settings | None, list[Check]]:
    """The settings, or None, and what is to be said of the file: every mistake in it.

    Args:
        path: the file that the user named, or None for the default one, which need not exist.
        shown: the file that counts.
    """
    try:
        settings = load_settings(path)
    except ConfigError as error:
        return None, _mistakes(str(error), shown)
    if not shown.exists():
        return settings, [ok(_NAME, f"the defaults; there is no {shown}"), *_sources(settings)]
    return settings, [_mode(shown, settings), *_sources(settings)]


def _mistakes(told: str, file: Path) -> list[Check]:
    """A check for each; all but the first line of a message about several are one mistake each."""
    first, *each = told.splitlines()
    found = [f"{file}, {line.strip()}" for line in each] or [first]
    return [fail(_NAME, mistake) for mistake in found] + [
        warn(_NAME, "nothing else was looked at", "mend the configuration, and run this again")
    ]


def _mode(file: Path, settings: Settings) -> Check:
    if settings.mpd.password is not None and file.stat().st_mode & _OTHERS:
        return warn(_NAME, f"{file} holds MPD's password, and others can read it", f"chmod 600 {file}")
    return ok(_NAME, str(file))


def _sources(settings: Settings) -> list[Check]:
    if settings.sources.any:
        return []
    return [warn("Sources", "none, so there is nothing to sync", "put your playlists under `sources:`")]
