"""Time as a dependency, and the shapes of waiting and working aside that more than one room needs."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, ParamSpec, Self, TypeVar

A = TypeVar("A")
B = TypeVar("B")
P = ParamSpec("P")

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


class OneThread:
    """A thread for work that blocks, done in the order in which it was asked for, while inside `async with`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._pool: ThreadPoolExecutor | None = None

    async def __aenter__(self) -> Self:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=self._name)
        return self

    async def __aexit__(self, *_: object) -> None:
        """What was asked for until now is done first."""
        if self._pool is not None:
            pool, self._pool = self._pool, None
            try:
                await asyncio.get_running_loop().run_in_executor(pool, _nothing)
            finally:
                pool.shutdown(wait=False)

    def run(self, work: Callable[P, A], *args: P.args, **kwargs: P.kwargs) -> "asyncio.Future[A]":
        """The result of `work`, which is done even if nobody waits for it, unless it is cancelled before it begins."""
        if self._pool is None:
            raise RuntimeError(f"the thread {self._name!r} is used outside of its `async with`")
        return asyncio.get_running_loop().run_in_executor(self._pool, lambda: work(*args, **kwargs))


def _nothing() -> None:
    """Its turn in a thread means that all before it is done."""
