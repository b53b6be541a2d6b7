"""pydantic's findings as one line each that a person can act on: key, value, fix. Pure."""

import difflib
import reprlib
from collections.abc import Callable, Iterator, Sequence
from typing import get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from mpdbridge.config.document import Problem
from mpdbridge.config.settings import Settings

_SECRETS = ("mpd.password", "mpd.host")  # password@host is a usual mistake

_WHAT_TO_WRITE = {
    "bool": "write true or false",
    "int": "write a whole number",
    "float": "write a number",
    "finite": "write a number",
    "string": "put the value in quotes",
    "path": "write a path",
    "tuple": "write a list: [a, b], or one per line with - in front",
    "list": "write a list: [a, b], or one per line with - in front",
    "dict": "write keys with values under it",
    "model": "write keys with values under it",
}


def explain(error: ErrorDetails, line_of: Callable[[Sequence[str | int]], int]) -> Problem:
    """The line, and a message that names key, value and fix."""
    loc = tuple(part for part in error["loc"] if part != "[key]")
    return line_of(loc), f"{_key(loc)}: {_message(error, loc)}"


def _key(loc: Sequence[str | int]) -> str:
    """`sources.web.playlists[0].urls`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).removeprefix(".") or "the file"


def _message(error: ErrorDetails, loc: Sequence[str | int]) -> str:
    kind = error["type"]
    if kind == "extra_forbidden":
        return f"unknown key; {_instead(loc)}"
    if kind == "missing":
        return "is missing: add it"
    return f"{_value(error['input'], loc)}{_fix(error)}"


def _fix(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return f"write one of {str(context['expected']).replace(chr(39), '').replace(' or ', ', ')}"
    bounds = {"greater_than": "more than", "greater_than_equal": "at least", "less_than_equal": "at most"}
    if kind in bounds:
        limit = next(iter(context.values()))
        return f"write {bounds[kind]} {limit}"
    return _WHAT_TO_WRITE.get(kind.split("_")[0], error["msg"])


def _value(value: object, loc: Sequence[str | int]) -> str:
    if _key(loc) in _SECRETS:
        return ""
    if isinstance(value, dict | list):
        return ""  # the line number shows it better than a heap of brackets
    shown = str(value).lower() if isinstance(value, bool) else reprlib.repr(value)
    return f"{shown} will not do: "


def _instead(loc: Sequence[str | int]) -> str:
    """What was probably meant: a key of this section, or the section in which the key belongs."""
    *parents, wrong = (str(part) for part in loc if not isinstance(part, int))
    sections = dict(_sections(Settings, ()))
    here = sections.get(tuple(parents), ())
    close = difflib.get_close_matches(wrong, here, n=1)
    if close:
        return f"did you mean `{close[0]}`?"
    elsewhere = [".".join(path) for path, keys in sections.items() if wrong in keys]
    if elsewhere:
        return (
            f"it belongs under `{'` or `'.join(elsewhere)}`" if elsewhere != [""] else "it belongs at the left margin"
        )
    return f"known here: {', '.join(here)}"


def _sections(model: type[BaseModel], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Each section's path and keys."""
    yield path, tuple(model.model_fields)
    for name, field in model.model_fields.items():
        for inner in (field.annotation, *get_args(field.annotation)):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from _sections(inner, (*path, name))
