"""What a check is made of."""

import pytest

from mpdbridge.doctor.checks import Check, failed, worst
from mpdbridge.errors import MpdBridgeError


@pytest.mark.parametrize(
    ("message", "told", "fix"),
    [
        ("cannot reach MPD: gone; start it", "cannot reach MPD: gone", "start it"),
        ("one; two; three", "one; two", "three"),
        ("nobody knows", "nobody knows", ""),
    ],
)
def test_an_error_of_ours_is_told_with_its_fix_apart(message, told, fix) -> None:
    assert failed("MPD", MpdBridgeError(message)) == Check("MPD", "fail", told, fix)


@pytest.mark.parametrize(
    ("states", "all_together"), [([], "ok"), (["ok", "warn"], "warn"), (["fail", "ok", "warn"], "fail")]
)
def test_the_worst_of_all_counts(states, all_together) -> None:
    assert worst(Check("x", state, "") for state in states) == all_together
