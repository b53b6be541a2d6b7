"""A new login in the place of the old one: tried first, and only then taken."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from mpdbridge.config import YTMusicSettings
from mpdbridge.cookies import Login, write_login
from mpdbridge.errors import LoginError, SourceError
from mpdbridge.files import locked, write_private
from mpdbridge.sources.ytmusic.account import Account, probe
from mpdbridge.sources.ytmusic.opened import SessionFactory


@dataclass(frozen=True, slots=True)
class Renewed:
    """A login that is in its place now.

    Attributes:
        path: its file.
        account: whose it is; None when YouTube Music could not be asked, or did not know it.
        doubt: why not; empty when it was.
    """

    path: Path
    account: Account | None
    doubt: str = ""


async def renew(
    settings: YTMusicSettings, login: Login, *, force: bool = False, session_factory: SessionFactory | None = None
) -> Renewed:
    """Puts `login` in the place of `settings.login_file`, if YouTube Music knows it, or cannot be asked at present.

    Args:
        settings: language and account that it is tried with.
        login: the new one.
        force: take it even if YouTube Music does not know it.
        session_factory: as for MusicClient.

    Raises:
        LoginError: YouTube Music does not know it, or its file cannot be written. The old one is as it was.
    """
    path = settings.login_file
    target = await asyncio.to_thread(path.resolve)
    candidate = target.with_name(f".{target.name}.new")
    account, doubt = None, ""
    try:
        await asyncio.to_thread(write_private, candidate, write_login(login))
        try:
            # It is tried from a file, so that what is rotated by that is kept, too.
            tried = settings.model_copy(update={"auth_file": candidate})
            account = await probe(tried, session_factory=session_factory)
        except LoginError:
            doubt = "YouTube Music does not know it"
            if not force:
                raise LoginError(_refused(has_old=await asyncio.to_thread(path.exists))) from None
        except SourceError as error:
            doubt = str(error)
        await asyncio.to_thread(_put, candidate, target)
    except OSError as error:
        raise LoginError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        await asyncio.to_thread(candidate.unlink, missing_ok=True)
    return Renewed(path, account, doubt)


def _put(candidate: Path, target: Path) -> None:
    with locked(target.parent):  # nobody who has just read the old one writes it back
        candidate.replace(target)


def _refused(*, has_old: bool) -> str:
    kept = "; the old login is still there" if has_old else ""
    return f"YouTube Music does not know this login: log in at music.youtube.com in that browser, and try again{kept}"
