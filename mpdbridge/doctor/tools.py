"""Whether yt-dlp is there, new enough, and able to solve YouTube's puzzles."""

import asyncio
import shlex
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from mpdbridge.config import ResolverSettings
from mpdbridge.doctor.checks import Check, fail, ok, warn
from mpdbridge.errors import YouTubeStreamError
from mpdbridge.resolver import ExtractorWorker, Toolchain

_KNOW_THE_SITES = '"yt-dlp[default,deno]" ytmusicapi'
_OLD_DAYS = 60  # sites change; yt-dlp comes out about every second week


def renewal(prefix: str, python: str) -> str:
    """The command that renews, where mpdbridge is installed, what has to keep up with the sites.

    Args:
        prefix: of that installation (`sys.prefix`).
        python: its interpreter.
    """
    folders = Path(prefix).parts
    if "pipx" in folders:
        return f"pipx runpip mpdbridge install --upgrade {_KNOW_THE_SITES}"
    if "uv" in folders:
        return "uv tool upgrade mpdbridge"
    return f"{shlex.quote(python)} -m pip install --upgrade {_KNOW_THE_SITES}"


RENEW = renewal(sys.prefix, sys.executable)


async def probe(settings: ResolverSettings) -> list[Check]:
    """Starts yt-dlp as `watch` does, and asks it; and whether the cookies are there that the user has for it."""
    try:
        async with ExtractorWorker(settings=settings) as worker:
            found = await worker.about()
    except YouTubeStreamError as error:
        return [fail("yt-dlp", str(error), f"mend the section `resolver`, or {RENEW}")]
    checks = list(judge(found, datetime.fromtimestamp(time.time(), UTC).date()))
    cookies = settings.cookies_file
    if cookies is not None and not await asyncio.to_thread(cookies.exists):
        told = f"{cookies} (resolver.cookies_file) is not there: streams are looked up without cookies"
        checks.append(warn("Cookies", told, "correct it, or leave it out to use the login"))
    return checks


def judge(found: Toolchain, today: date) -> Iterator[Check]:
    yield _age(found, today)
    yield _javascript(found)


def _age(found: Toolchain, today: date) -> Check:
    if found.released is None:
        return ok("yt-dlp", f"{found.version}, which does not tell its age")
    days = (today - found.released).days
    told = f"{found.version}, {max(days, 0)} days old"
    return warn("yt-dlp", told, f"renew it: {RENEW}") if days > _OLD_DAYS else ok("yt-dlp", told)


def _javascript(found: Toolchain) -> Check:
    """Without one YouTube gives out few formats, or none [yt-dlp wiki, EJS]."""
    usable = next((each for each in found.runtimes if each.supported), None)
    if usable is None:
        old = ", ".join(f"{each.name} {each.version} at {each.path} is too old" for each in found.runtimes)
        return fail("JavaScript", old or "yt-dlp finds no deno, which it needs for YouTube", RENEW)
    told = f"{usable.name} {usable.version}"
    if not found.solver_suits:
        lacking = f"yt-dlp-ejs {found.solver or 'is missing'}, where yt-dlp wants {found.solver_wanted}"
        return fail("JavaScript", f"{told}, but {lacking}", RENEW)
    return ok("JavaScript", f"{told}, with yt-dlp-ejs {found.solver}")
