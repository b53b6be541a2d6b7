"""Time as a dependency, and the shapes of waiting that more than one room needs."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

A = TypeVar("A")
B = TypeVar("B")

Clock = Callable[[], float]
"""Wall time in epoch seconds; `time.time` outside tests."""


def backoff(*, first: float = 1.0, factor: float = 2.0, longest: float = 30.0) -> Iterator[float]:
    """Seconds to wait before each next try, for ever: first, first*factor, … up to `longest`, each ±20 %.

    Start a new one after a success.
    """
    delay = first
    while True:
        yield delay * random.uniform(0.8, 1.2)  # noqa: S311  # jitter, not a secret
        delay = min(delay * factor, longest)


async def both(first: Coroutine[Any, Any, A], second: Coroutine[Any, Any, B]) -> tuple[A, B]:
    """The results of two coroutines that run at the same time. When one fails, the other is cancelled.

    The error comes out as itself, not in a group, so that callers catch it by its class.
    """
    try:
        async with asyncio.TaskGroup() as tasks:
            one, other = tasks.create_task(first), tasks.create_task(second)
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None
    return one.result(), other.result()


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, A]) -> AsyncIterator[asyncio.Task[A]]:
    """Runs `work` beside the body, and ends it with the body. Its error comes out where the task is asked for it."""
    task = asyncio.create_task(work)  # noqa: TID251  # it does not outlive the body
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())  # asked for here, if nowhere else
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])
