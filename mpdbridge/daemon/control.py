"""The control channel of a running bridge: the verbs, with the parts that run already."""

import time
from functools import partial

from mpdbridge.config import Settings
from mpdbridge.control.controller import Controller
from mpdbridge.control.tools import Tools
from mpdbridge.daemon.parts import Parts
from mpdbridge.doctor.facts import gather
from mpdbridge.doctor.overview import lines
from mpdbridge.mpd.channel import ControlChannel


def control_channel(parts: Parts) -> ControlChannel:
    """Hears what MPD's clients want, and has it done."""
    controller = Controller(
        tools=Tools(settings=parts.settings, store=parts.store, sources=parts.sources, session=parts.session),
        sync=parts.periodic.once,
        why_not=lambda: parts.periodic.last_error,
        status=partial(_status, parts.settings),
    )
    timeout = parts.settings.mpd.timeout_seconds
    return ControlChannel(address=parts.address, respond=controller.respond, timeout=timeout)


async def _status(settings: Settings) -> list[str]:
    """What `mpdbridge status` shows."""
    found = lines(await gather(settings), None, now=time.time())
    return [f"{'ok' if line.well else '–'} {line.part}: {line.told}" for line in found]
