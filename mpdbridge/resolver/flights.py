"""Work that is done once for all who want it at the same time. Nothing here starts a task."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from mpdbridge.errors import MpdBridgeError

Result = TypeVar("Result")


class Flights(Generic[Result]):
    """What is under way, by key.

    Whoever asks first does the work, those who ask meanwhile share what comes of it, and if the first one goes away,
    the next goes on in its place.
    """

    def __init__(self) -> None:
        self._flying: dict[str, asyncio.Future[Result]] = {}

    async def share(self, key: str, work: Callable[[], Awaitable[Result]]) -> Result:
        """What `work` gives, or its MpdBridgeError, for all who ask for `key` at the same time."""
        while (flight := self._flying.get(key)) is not None:
            try:
                return await asyncio.shield(flight)
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if not flight.cancelled() or (task is not None and task.cancelling()):
                    raise  # it is we who shall stop; else the one who did the work has gone, and we go on
        flight = self._flying[key] = asyncio.get_running_loop().create_future()
        try:
            result = await work()
        except MpdBridgeError as error:
            flight.set_exception(error)
            flight.exception()  # asked for here, since perhaps nobody else will
            raise
        except BaseException:
            flight.cancel()
            raise
        else:
            flight.set_result(result)
            return result
        finally:
            del self._flying[key]
