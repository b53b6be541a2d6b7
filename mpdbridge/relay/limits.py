"""How many audio streams run at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mpdbridge.errors import ProxyError

# A seek's new request can overtake the goodbye of the connection it replaces: worth a moment's wait.
_PATIENCE = 0.5


class AllStreamsTakenError(ProxyError):
    """As many streams run as the configuration allows."""


class StreamSlots:
    """At most `most` streams at once.

    Attributes:
        active: streams that run now.
        served: streams that ran or run, since the start.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.active = 0
        self.served = 0
        self._free = asyncio.Semaphore(most)

    @asynccontextmanager
    async def take(self) -> AsyncIterator[None]:
        """Hold a slot while inside.

        Raises:
            AllStreamsTakenError: none came free in time.
        """
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._free.acquire()
        except TimeoutError:
            raise AllStreamsTakenError(f"{self.most} streams run already; raise proxy.max_streams for more") from None
        self.active += 1
        self.served += 1
        try:
            yield
        finally:
            self.active -= 1
            self._free.release()
