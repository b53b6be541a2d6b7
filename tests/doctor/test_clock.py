"""A clock that is wrong is seen, with and without somebody to compare it with."""

from datetime import UTC, date, datetime

import pytest

from mpdbridge.doctor.clock import against_server, by_itself, kernel_says

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC).timestamp()
RELEASE = date(2026, 8, 19)


@pytest.mark.parametrize(
    ("off", "state", "part"),
    [
        (0.4, "ok", "as example.org has it"),
        (-59, "ok", "as example.org has it"),
        (61, "warn", "61 s ahead of example.org"),
        (-599, "warn", "599 s behind example.org"),
        (3600, "fail", "3600 s ahead of example.org"),
    ],
)
def test_it_is_compared(off, state, part) -> None:
    check = against_server(NOON + off, NOON, "example.org")
    assert check.state == state
    assert part in check.told


def alone(now=NOON, **known):
    return by_itself(now, **{"at_least": RELEASE, "last_sync": 0.0, "synchronised": True} | known)


def test_alone_it_is_believed() -> None:
    assert (alone().state, alone().told) == ("ok", "2026-09-01 12:00 UTC")


def test_it_cannot_be_earlier_than_what_is_installed() -> None:
    assert alone(now=0.0).state == "fail"
    assert alone(now=0.0, at_least=None).state == "ok"


def test_it_cannot_be_earlier_than_what_was_done() -> None:
    assert alone(last_sync=NOON + 3600).state == "warn"
    assert alone(last_sync=NOON - 3600).state == "ok"


def test_that_nothing_keeps_it_right_is_a_doubt_only() -> None:
    check = alone(synchronised=False)
    assert check.state == "ok"
    assert "--online" in check.told


def test_the_kernel_can_be_asked() -> None:
    assert kernel_says() in {True, False, None}
