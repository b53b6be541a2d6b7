"""Syncs that are killed between two steps, as by SIGKILL: nothing is tidied up. Or a call of one fails."""

from collections.abc import Sequence

from support.bridge import Bridge
from support.libraries import Library

from mpdbridge.errors import MpdUnavailableError
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


class Break:
    """A connection that breaks at one call, `heard` by MPD or not, and is there again for the next.

    Attributes:
        happened: there were calls enough.
    """

    def __init__(self, calls: int, *, heard: bool) -> None:
        self._left = calls
        self._heard = heard
        self.happened = False

    def wrap(self, method):
        async def broken(*args, **kwargs):
            self._left -= 1
            if self._left != -1:
                return await method(*args, **kwargs)
            self.happened = True
            if self._heard:
                await method(*args, **kwargs)
            raise MpdUnavailableError("the connection broke")

        return broken


class FusedDestination:
    """The real destination, with a fuse at every call that changes something."""

    via = "mpd"

    def __init__(self, real, fuse: Fuse | Break) -> None:
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
