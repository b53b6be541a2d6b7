"""Runs the bridge until a signal comes, and takes it down in reverse order."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager

from mpdbridge.config import Settings
from mpdbridge.daemon.facts import HealthFacts
from mpdbridge.daemon.followers import followers_of
from mpdbridge.daemon.loops import Loop, loops
from mpdbridge.daemon.parts import open_parts
from mpdbridge.daemon.serving import open_relay
from mpdbridge.logs import get_logger
from mpdbridge.service.manager import ServiceManager

log = get_logger(__name__)

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


async def run_watch(settings: Settings, *, sync: bool = True) -> None:
    """Relays, tags, prefetches and syncs until SIGTERM or SIGINT; then ends in good order, in less than three seconds.

    Args:
        settings: the whole configuration.
        sync: also keep the playlists up to date.

    Raises:
        ConfigError: MPD's address makes no sense.
        StoreError: the TrackStore cannot be opened.
        ProxyError: the relay's port is taken.
    """
    async with AsyncExitStack() as stack:
        stop = stack.enter_context(_stop_signals())
        manager = ServiceManager()
        parts = await open_parts(settings, stack)
        followers = followers_of(parts)
        facts = HealthFacts(parts, followers)
        relay = await open_relay(parts, facts, stack)
        await _run_until(stop, loops(parts, followers, facts, relay, manager, sync=sync), manager)
    log.info("ended")


async def _run_until(stop: asyncio.Event, loops: list[Loop], manager: ServiceManager) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(loop) for loop in loops]
        manager.ready()
        await stop.wait()
        manager.stopping()
        log.info("ending")
        for task in tasks:
            task.cancel()


@contextmanager
def _stop_signals() -> Iterator[asyncio.Event]:
    """An event that is set when the process is asked to end."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    for number in _SIGNALS:
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)  # leaves the system's default behind
            signal.signal(number, handler)
