"""What a relay says of itself at `/health`: how its process is, and how to ask from outside of it."""

import asyncio
import http.client
import json
import os
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

_PATIENCE = 3.0  # seconds; a relay that takes longer is not well
_LIMIT = 1 << 20  # bytes


async def ask_health(base: str, *, patience: float = _PATIENCE) -> Mapping[str, object]:
    """The answer of the relay at `base`. No proxy is asked ($http_proxy): MPD does not ask one for us either.

    Raises:
        ConnectionRefusedError: nobody listens there.
        OSError, http.client.HTTPException: no answer.
        ValueError: another program answers.
    """
    return await asyncio.to_thread(_ask, base, patience)


def _ask(base: str, patience: float) -> Mapping[str, object]:
    parts = urlsplit(base)
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    with closing(make(parts.hostname or "", parts.port, timeout=patience)) as connection:
        connection.request("GET", f"{parts.path}/health")
        answer = connection.getresponse()
        health = json.loads(answer.read(_LIMIT)) if answer.status == http.client.OK else None
    if not isinstance(health, dict) or "uptime_seconds" not in health:
        raise ValueError("not our /health")
    return health


async def process_facts() -> dict[str, object]:
    """What this process holds, and must not hold more and more of; memory in KiB, None where it cannot be known."""
    return {"tasks": len(asyncio.all_tasks()), **await asyncio.to_thread(_held)}


def _held() -> dict[str, object]:
    try:
        descriptors = sum(1 for _ in Path("/proc/self/fd").iterdir())
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except OSError:
        return {"descriptors": None, "rss_kib": None}
    return {"descriptors": descriptors, "rss_kib": pages * os.sysconf("SC_PAGE_SIZE") // 1024}
