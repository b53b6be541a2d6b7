"""What yt-dlp works with, as it tells itself. Values only."""

import importlib.metadata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Runtime:
    """A JavaScript runtime that yt-dlp has found, to solve YouTube's puzzles with.

    Attributes:
        supported: new enough for yt-dlp.
    """

    name: str
    version: str
    path: str
    supported: bool


@dataclass(frozen=True, slots=True)
class Toolchain:
    """The yt-dlp of the worker process, and its helpers.

    Attributes:
        version: yt-dlp's, which begins with the date of its release.
        runtimes: JavaScript runtimes that it would use.
        solver: version of its challenge solver scripts (the package yt-dlp-ejs); empty without them.
        solver_wanted: the version that it is made for; the first two numbers have to be the same.
    """

    version: str
    runtimes: tuple[Runtime, ...]
    solver: str
    solver_wanted: str

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Self:
        """From JSON's types."""
        return cls(**{**value, "runtimes": tuple(Runtime(**each) for each in value["runtimes"])})

    @property
    def released(self) -> date | None:
        """The day of the release, or None for a version that does not tell."""
        return _release_day(self.version)

    @property
    def solver_suits(self) -> bool:
        return self.solver.split(".")[:2] == self.solver_wanted.split(".")[:2]


def installed_since() -> date | None:
    """The day before which the yt-dlp that is installed cannot have been there; None when nobody knows it."""
    try:
        return _release_day(importlib.metadata.version("yt-dlp"))
    except importlib.metadata.PackageNotFoundError:
        return None


def _release_day(version: str) -> date | None:
    try:
        year, month, day = (int(part) for part in version.split(".")[:3])
        return date(year, month, day)
    except ValueError:
        return None
