"""Whose login it is, and whether it lives.

A dead login is not told by an error: its library is empty, or is a page that nobody understands. Only YouTube's account
menu tells for sure.
"""

from dataclasses import dataclass
from typing import Any

from mpdbridge.config import YTMusicSettings
from mpdbridge.errors import LoginError, SourceError
from mpdbridge.sources.ytmusic.client import SHAPE_ERRORS, MusicClient
from mpdbridge.sources.ytmusic.login import HOW
from mpdbridge.sources.ytmusic.opened import SessionFactory


@dataclass(frozen=True, slots=True)
class Account:
    """The account of a login: its name, and its channel's handle (`@somebody`) if it has one."""

    name: str
    handle: str | None = None

    def __str__(self) -> str:
        return f"{self.name} ({self.handle})" if self.handle else self.name


async def probe(settings: YTMusicSettings, *, session_factory: SessionFactory | None = None) -> Account:
    """Whose login `settings.login_file` is; one question to YouTube Music.

    Raises:
        LoginError: it is dead, or there is none (`absent`).
        SourceError: YouTube Music cannot be reached, or refuses to answer at present.
    """
    client = MusicClient(settings=settings, session_factory=session_factory)
    try:
        return await client.call(account_of, login=True)
    finally:
        await client.aclose()


def library_rows(music: Any) -> list[Any]:
    """The playlists of the library, as ytmusicapi gives them; at least one. For the client's thread.

    The account is asked for only when there is doubt: a library that shows something is no dead login's.

    Raises:
        LoginError: the login is dead.
        SourceError: it lives, and its library is empty, which is not believed: even a new account's is not.
    """
    from ytmusicapi.exceptions import YTMusicServerError

    try:
        rows: list[Any] = music.get_library_playlists(limit=None)
    except (YTMusicServerError, *SHAPE_ERRORS) as error:
        if "HTTP 429" not in str(error):
            account_of(music)
        raise
    if not rows:
        raise SourceError(f"YouTube Music shows an empty library to {account_of(music)}, which is not believed")
    return rows


def account_of(music: Any) -> Account:
    """Whose login `music` has; one question. For the client's thread.

    Raises:
        LoginError: it is dead.
    """
    try:
        found = music.get_account_info()
    except SHAPE_ERRORS as error:
        # Who is not logged in gets a menu without an account.
        raise LoginError(f"the login has died, YouTube Music does not know it any more: {HOW}") from error
    return Account(str(found["accountName"]), found.get("channelHandle"))
