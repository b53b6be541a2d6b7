"""Time as a dependency, and the shapes of waiting that more than one room needs."""

import random
from collections.abc import Callable, Iterator

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
