"""What can be told of the login without asking YouTube Music: its file, and what the last sync found."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mpdbridge.config import YTMusicSettings
from mpdbridge.errors import LoginError
from mpdbridge.sources.ytmusic.login import login_at

_NONE = "none, which public playlists do not need; `mpdbridge auth` brings your library"


@dataclass(frozen=True, slots=True)
class LoginFacts:
    """The login's file, and what the last sync said of it.

    Attributes:
        exists: it is there.
        problem: why it cannot be used; or why YouTube Music did not take it in the last sync, if it is still the same.
        fresh: it was made after a sync in which the one before was dead.
    """

    path: Path
    exists: bool = False
    problem: str = ""
    fresh: bool = False

    @property
    def told(self) -> str:
        """In some words, for who wants to know how things are."""
        if self.problem:
            return self.problem
        if not self.exists:
            return _NONE
        return f"{self.path}{', made since the last sync' if self.fresh else ''}"


async def ask_login(settings: YTMusicSettings, last_sync: Mapping[str, object]) -> LoginFacts:
    """Looks at the file, and asks nobody; `last_sync` is the note that a sync leaves."""
    return await asyncio.to_thread(_look, settings, last_sync)


def _look(settings: YTMusicSettings, last_sync: Mapping[str, object]) -> LoginFacts:
    path, wanted = settings.login_file, settings.auth_file is not None
    try:
        login_at(path)
        made = path.stat().st_mtime
    except LoginError as error:
        problem = "" if error.absent and not wanted else str(error)
        return LoginFacts(path, exists=not error.absent, problem=problem)
    except OSError:  # removed just now
        return LoginFacts(path)
    at, reason = last_sync.get("at"), _why_dead(last_sync)
    renewed = isinstance(at, int | float) and made > at
    return LoginFacts(path, exists=True, problem="" if renewed else reason, fresh=bool(reason) and renewed)


def _why_dead(last_sync: Mapping[str, object]) -> str:
    """What the last sync said, if it found the login dead; else nothing."""
    troubles = last_sync.get("sources_failed")
    for trouble in troubles if isinstance(troubles, list) else ():
        if isinstance(trouble, dict) and trouble.get("login_is_dead"):
            return str(trouble.get("reason"))
    return ""
