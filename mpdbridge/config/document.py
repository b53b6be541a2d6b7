"""A YAML file as plain data that remembers on which line each key stands, and finds keys written twice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from mpdbridge.errors import ConfigError

KeyPath = tuple[str | int, ...]
Problem = tuple[int, str]
"""Line number from 1, and the message."""


@dataclass(frozen=True)
class Document:
    """The file's content as dicts, lists and scalars, with the lines its keys stand on."""

    data: object
    lines: dict[KeyPath, int]
    problems: tuple[Problem, ...] = ()

    def line_of(self, key: Sequence[str | int]) -> int:
        """Line number, from 1, of `key`, or of the nearest key around it that the file has."""
        path = tuple(key)
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_document(file: Path, raw: bytes) -> Document:
    """The one YAML document in `raw`; an empty file is an empty mapping.

    Raises:
        ConfigError: it is not UTF-8, not YAML, or not a mapping.
    """
    loader = _loader(file, raw)
    try:
        node = loader.get_single_node()
        data = loader.construct_document(node) if node else {}
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{file}{line}: not valid YAML: {_reason(problem)}") from problem
    except (yaml.YAMLError, ValueError) as problem:
        raise ConfigError(f"{file}: not valid YAML: {' '.join(str(problem).split())}") from problem
    except RecursionError:
        raise ConfigError(f"{file}: not a configuration: it is nested too deeply") from None
    finally:
        loader.dispose()
    if not isinstance(data, dict):
        raise ConfigError(f"{file}: write sections with keys, e.g. `proxy:` and under it `  port: 8080`")
    lines: dict[KeyPath, int] = {}
    problems = tuple(_walk(node, (), lines, set())) if node else ()
    return Document(data=data, lines=lines, problems=problems)


def _loader(file: Path, raw: bytes) -> yaml.SafeLoader:
    try:
        return yaml.SafeLoader(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        raise ConfigError(f"{file}, line {line}: not UTF-8: save the file with that encoding") from None
    except yaml.YAMLError as problem:  # a control character
        raise ConfigError(f"{file}: not valid YAML: {' '.join(str(problem).split())}") from problem


def _reason(problem: yaml.MarkedYAMLError) -> str:
    if problem.problem and "'\\t'" in problem.problem:
        return "a tab: indent with spaces"
    return " ".join(part for part in (problem.context, problem.problem) if part)


def _walk(node: yaml.Node, path: KeyPath, lines: dict[KeyPath, int], seen: set[int]) -> Iterator[Problem]:
    """Fill `lines` with where each key stands; yield keys that stand twice in one mapping. Anchors count once."""
    if id(node) in seen:
        return
    seen.add(id(node))
    for key, mark, child in _children(node):
        here = (*path, key)
        if here in lines:
            yield mark, f"`{key}` is already set on line {lines[here]}: keep one of the two"
        lines.setdefault(here, mark)
        yield from _walk(child, here, lines, seen)


def _children(node: yaml.Node) -> Iterator[tuple[str | int, int, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key.value, key.start_mark.line + 1, value
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield index, value.start_mark.line + 1, value
