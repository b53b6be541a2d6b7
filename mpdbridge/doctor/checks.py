"""What an examination finds: one Check for each thing that has to be right. Values only."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "fail"]
"""`warn`: it works, or may work, but not as it should; `fail`: something does not work until it is mended."""

_ORDER: tuple[State, ...] = ("ok", "warn", "fail")


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `doctor`.

    Attributes:
        name: what was looked at, one or two words.
        told: what was found.
        fix: what to do about it; empty when there is nothing to do, or when `told` says it.
    """

    name: str
    state: State
    told: str
    fix: str = ""


def ok(name: str, told: str) -> Check:
    return Check(name, "ok", told)


def warn(name: str, told: str, fix: str = "") -> Check:
    return Check(name, "warn", told, fix)


def fail(name: str, told: str, fix: str = "") -> Check:
    return Check(name, "fail", told, fix)


def failed(name: str, error: Exception) -> Check:
    """An error of ours as a failed check: our messages end with the fix, behind a semicolon."""
    told, _, fix = str(error).rpartition("; ")
    return fail(name, told or fix, fix if told else "")


def worst(checks: Iterable[Check]) -> State:
    """The state of all of them together."""
    return max((check.state for check in checks), key=_ORDER.index, default="ok")
