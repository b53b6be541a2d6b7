"""Whether library mode can put its sheets where MPD looks for music."""

import asyncio
import os
from pathlib import Path

from mpdbridge.config import Settings
from mpdbridge.doctor.checks import Check, fail, ok
from mpdbridge.mpd.address import resolve_address
from mpdbridge.mpd.directories import find_music_directory

_NAME = "Library"
_FIX = "set mpd.music_directory to MPD's, as this machine sees it"


async def probe(settings: Settings) -> list[Check]:
    """Nothing while library mode is off."""
    if not settings.library.enabled:
        return []
    folder = await find_music_directory(resolve_address(settings.mpd), configured=settings.mpd.music_directory)
    if folder is None:
        return [fail(_NAME, "where MPD keeps its music is not known", f"{_FIX}, or mpd.host to its Unix socket")]
    return [await asyncio.to_thread(_judge, folder, settings.library.folder)]


def _judge(folder: Path, ours: str) -> Check:
    if not folder.is_dir():
        return fail(_NAME, f"{folder}: there is no such folder", _FIX)
    place = folder / ours if (folder / ours).is_dir() else folder
    if not os.access(place, os.W_OK | os.X_OK):
        return fail(_NAME, f"{place} cannot be written to", "give this user the right to write there")
    return ok(_NAME, f"songs of ours in {folder / ours}")
