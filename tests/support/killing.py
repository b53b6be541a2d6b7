"""Syncs that are killed between two steps, as by SIGKILL: nothing is tidied up."""

from collections.abc import Sequence

from support.bridge import Bridge
from support.libraries import Library

from mpdbridge.store import AsyncStore


class Killed(BaseException):
    """Stands for SIGKILL: nobody catches it, and nothing is tidied up."""


class Fuse:
    """Lets a number of calls pass and kills at the next."""

    def __init__(self, calls: int) -> None:
        self._left = calls

    def wrap(self, method):
        async def fused(*args, **kwargs):
            self._left -= 1
            if self._left < 0:
                raise Killed
            return await method(*args, **kwargs)

        return fused


class FusedDestination:
    """The real destination, with a fuse at every call that changes something."""

    via = "mpd"

    def __init__(self, real, fuse: Fuse) -> None:
        self.names, self.read, self.clear_leftovers = real.names, real.read, real.clear_leftovers
        self.longest = self.doubted = None
        self.publish, self.rename, self.remove = map(fuse.wrap, (real.publish, real.rename, real.remove))


class FusedStore(AsyncStore):
    """The real store, with a fuse at every call."""

    def __init__(self, real: AsyncStore, fuse: Fuse) -> None:
        self.run = fuse.wrap(real.run)


async def killed_sync(bridge: Bridge, day: Sequence[Library], fuse: Fuse) -> bool:
    """Whether `fuse` was too short for a sync of `day`."""
    fused = Bridge(FusedDestination(bridge.destination, fuse), FusedStore(bridge.store, fuse), bridge.target)
    try:
        await fused.sync(*day)
    except Killed:
        return True
    return False
