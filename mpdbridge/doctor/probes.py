"""All that `doctor` looks at, in the order in which it is told."""

import time
from functools import partial

from mpdbridge.config import Settings
from mpdbridge.doctor import clock, library, login, mpd, online, relay, store, tools
from mpdbridge.doctor.checks import Check
from mpdbridge.doctor.examination import Probe
from mpdbridge.doctor.facts import ask_store
from mpdbridge.resolver import installed_since

_LOGIN_SECONDS = 45.0  # retries included
_WORKER_SECONDS = 60.0  # yt-dlp on a cold SD card


def probes(settings: Settings, *, asking: bool) -> dict[str, Probe]:
    """What there is to look at with these settings.

    Args:
        settings: the whole configuration.
        asking: also ask the sites.
    """
    found = {
        "MPD": Probe(partial(_mpd, settings), 6 * mpd.PATIENCE),
        "Library": Probe(partial(library.probe, settings)),
        "Relay": Probe(partial(relay.probe, settings)),
        "Tracks": Probe(partial(store.probe, settings)),
        "yt-dlp": Probe(partial(tools.probe, settings.resolver), _WORKER_SECONDS),
    }
    found["Login"] = Probe(partial(login.probe, settings.sources.ytmusic), _LOGIN_SECONDS)
    if asking:
        seconds = _WORKER_SECONDS + 2 * settings.resolver.timeout_seconds
        return found | {"Online": Probe(partial(online.probe, settings), seconds)}
    return found | {"Clock": Probe(partial(_clock, settings))}


async def _mpd(settings: Settings) -> list[Check]:
    known = await ask_store(settings.proxy.track_mapping_db, settings.mpd)
    return await mpd.probe(settings, longest=known.longest, learned=known.playlist_limit)


async def _clock(settings: Settings) -> list[Check]:
    known = await ask_store(settings.proxy.track_mapping_db, settings.mpd)
    at = known.last_sync.get("at")
    last_sync = float(at) if isinstance(at, int | float) else 0.0
    now, since = time.time(), installed_since()
    return [clock.by_itself(now, at_least=since, last_sync=last_sync, synchronised=clock.kernel_says())]
