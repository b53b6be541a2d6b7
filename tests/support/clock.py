"""A clock that stands still until a test moves it."""


class FakeClock:
    """Epoch seconds; `clock.now += 3600` lets an hour pass."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now
