"""The login: browser headers as `ytmusicapi browser` saves them."""

import json
from pathlib import Path
from typing import Any

from mpdbridge.errors import SourceError
from mpdbridge.logs import get_logger

_HOW = "run `ytmusicapi browser` and paste the request headers of a logged-in browser"

log = get_logger(__name__)


def read_headers(path: Path) -> dict[str, str]:
    """The request headers in the file, by lower-case name.

    Raises:
        SourceError: there is no such file, or what it holds is no login of a browser.
    """
    headers = _read(path)
    if not headers.get("cookie"):
        what = "an OAuth token, which YouTube Music refuses" if "refresh_token" in headers else "no browser headers"
        raise SourceError(f"sources.ytmusic.auth_file {path}: holds {what}: {_HOW}")
    if "__Secure-3PAPISID=" not in headers["cookie"]:
        raise SourceError(f"sources.ytmusic.auth_file {path}: its cookies are of a browser not logged in: {_HOW}")
    # ytmusicapi takes a header file for a browser's by this value, and computes it anew for each request.
    headers.setdefault("authorization", "SAPISIDHASH")
    headers.setdefault("origin", "https://music.youtube.com")
    if path.stat().st_mode & 0o077:
        log.warning("login readable by others", file=str(path), fix=f"chmod 600 {path}")
    return headers


def _read(path: Path) -> dict[str, str]:
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceError(f"sources.ytmusic.auth_file {path}: {error.strerror}: {_HOW}") from error
    except ValueError as error:  # neither JSON nor UTF-8
        raise SourceError(f"sources.ytmusic.auth_file {path}: is not JSON: {_HOW}") from error
    if not isinstance(found, dict):
        raise SourceError(f"sources.ytmusic.auth_file {path}: holds no headers: {_HOW}")
    return {str(key).lower(): value for key, value in found.items() if isinstance(value, str)}
