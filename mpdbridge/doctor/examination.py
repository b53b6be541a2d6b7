"""Runs all probes at the same time, each within its limit: one that hangs keeps nobody waiting."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from mpdbridge.doctor.checks import Check, fail, failed
from mpdbridge.errors import MpdBridgeError


@dataclass(frozen=True, slots=True)
class Probe:
    """Gathers facts and judges them.

    Attributes:
        look: does so; an MpdBridgeError that comes out of it is a failed check.
        seconds: how long that may take.
    """

    look: Callable[[], Awaitable[Sequence[Check]]]
    seconds: float = 10.0


async def examine(probes: Mapping[str, Probe]) -> list[Check]:
    """What all probes find, in the order of `probes`, whose keys are what a probe is called that finds nothing.

    Takes as long as the slowest one. A thread that hangs over a dead disk or name server is left behind, and no reason
    not to end: this is to be the last thing that its event loop does.
    """
    asyncio.get_running_loop().set_default_executor(_AbandonedThreads())
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_found(name, probe)) for name, probe in probes.items()]
    return [check for task in tasks for check in task.result()]


async def _found(name: str, probe: Probe) -> Sequence[Check]:
    try:
        async with asyncio.timeout(probe.seconds):
            return await probe.look()
    except TimeoutError:
        return [fail(name, f"no answer within {probe.seconds:g} s", "see whether its disk or network hangs")]
    except MpdBridgeError as error:
        return [failed(name, error)]
    except Exception as error:  # noqa: BLE001  # told; the other checks are not to be lost over it
        return [fail(name, f"{type(error).__name__}: {error}", "this is a mistake in mpdbridge: please report it")]


class _AbandonedThreads(ThreadPoolExecutor):
    """A thread for each call, for which nobody waits at the end, as the interpreter does for those of a pool."""

    def submit(self, call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(call(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001  # it is the caller's
                future.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        return future
