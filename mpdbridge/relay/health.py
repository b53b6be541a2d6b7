"""What a relay says of itself at `/health`, asked from outside the process that it runs in."""

import asyncio
import http.client
import json
from collections.abc import Mapping
from contextlib import closing
from urllib.parse import urlsplit

_PATIENCE = 3.0  # seconds; a relay that takes longer is not well
_LIMIT = 1 << 20  # bytes


async def ask_health(base: str) -> Mapping[str, object]:
    """The answer of the relay at `base`. No proxy is asked ($http_proxy): MPD does not ask one for us either.

    Raises:
        ConnectionRefusedError: nobody listens there.
        OSError, http.client.HTTPException: no answer.
        ValueError: another program answers.
    """
    return await asyncio.to_thread(_ask, base)


def _ask(base: str) -> Mapping[str, object]:
    parts = urlsplit(base)
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    with closing(make(parts.hostname or "", parts.port, timeout=_PATIENCE)) as connection:
        connection.request("GET", f"{parts.path}/health")
        answer = connection.getresponse()
        health = json.loads(answer.read(_LIMIT)) if answer.status == http.client.OK else None
    if not isinstance(health, dict) or "uptime_seconds" not in health:
        raise ValueError("not our /health")
    return health
