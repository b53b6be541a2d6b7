"""Whether the login lives. It is asked for, by one question to YouTube Music, only if there is one."""

import asyncio

from mpdbridge.config import YTMusicSettings
from mpdbridge.doctor.checks import Check, fail, ok, warn
from mpdbridge.errors import LoginError, SourceError
from mpdbridge.sources.ytmusic import probe as ask
from mpdbridge.sources.ytmusic.opened import SessionFactory

_NAME = "Login"
_FIX = "run `mpdbridge auth`"


async def probe(settings: YTMusicSettings, *, session_factory: SessionFactory | None = None) -> list[Check]:
    """Nothing where YouTube Music is not used."""
    if not settings.enabled:
        return []
    path = settings.login_file
    if not await asyncio.to_thread(path.exists):
        return [_none(settings)]
    try:
        account = await ask(settings, session_factory=session_factory)
    except LoginError as error:
        return [fail(_NAME, str(error).removesuffix(f": {_FIX}"), _FIX)]
    except SourceError as error:
        return [warn(_NAME, f"not known whether it lives: {error}")]
    return [ok(_NAME, f"{account}, in {path}")]


def _none(settings: YTMusicSettings) -> Check:
    if settings.auth_file is not None:
        return fail(_NAME, f"{settings.login_file} (sources.ytmusic.auth_file) is not there", _FIX)
    if not settings.playlists:
        told = "none, and no link in sources.ytmusic.playlists, so YouTube Music gives nothing"
        return warn(_NAME, told, f"{_FIX}, or put links there")
    return ok(_NAME, "none: public playlists and albums only; `mpdbridge auth` brings your library")
