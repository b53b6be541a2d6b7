"""Waiting on conditions in async tests, instead of sleeping for luck."""

import asyncio
from collections.abc import Callable


async def eventually(condition: Callable[[], object], what: str, limit: float = 10.0) -> None:
    """Returns as soon as `condition()` is true; fails the test with `what` after `limit` seconds."""
    try:
        async with asyncio.timeout(limit):
            while not condition():  # noqa: ASYNC110  # the condition is anything, it has no event
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"waited {limit} s for: {what}") from None
