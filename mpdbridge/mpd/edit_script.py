"""What has to be done to one list of URIs to make it another. Pure.

MPD reads and writes the whole file for each positional edit of a stored playlist, whatever its size: about 1/40 of
building the playlist anew (measured with 1,000 and 10,000 entries). So the script is the shortest one (Myers, "An
O(ND) Difference Algorithm", 1986), neighbouring deletions are one command, and a long script is none: a rebuild is
cheaper. Appending touches only the end of the file and costs next to nothing.

A moved entry is a deletion and an insertion; `playlistmove` would save one write of the file, in one case of few.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

REWRITE_LIMIT = 40
"""Edits that each write the whole file; more of them cost more than a rebuild."""
_DISTANCE_LIMIT = 100  # entries taken out or put in; bounds the search for the script: O(entries * limit) at worst


@dataclass(frozen=True, slots=True)
class Append:
    uri: str


@dataclass(frozen=True, slots=True)
class Insert:
    """Puts `uri` in front of the entry at `position`, which counts from 0."""

    position: int
    uri: str


@dataclass(frozen=True, slots=True)
class Delete:
    """Takes out the entries from `start` up to, not including, `stop`."""

    start: int
    stop: int


Edit = Append | Insert | Delete


def edits(old: Sequence[str], new: Sequence[str]) -> list[Edit] | None:
    """The edits that make `new` of `old`, to be carried out in order, or None when a rebuild is cheaper.

    First what is appended, then all else from the back to the front, so that no edit moves the place of a later one.
    """
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    removed, added = old[head : len(old) - tail], new[head : len(new) - tail]
    if not added:
        return [Delete(head, head + len(removed))] if removed else []
    if not removed and not tail:
        return [Append(uri) for uri in added]
    steps = _shortest(removed, added)
    if steps is None:
        return None
    script = _combined([_shifted(step, head) for step in steps], len(old))
    return script if sum(not isinstance(edit, Append) for edit in script) <= REWRITE_LIMIT else None


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _shifted(step: Insert | Delete, by: int) -> Insert | Delete:
    if isinstance(step, Insert):
        return Insert(step.position + by, step.uri)
    return Delete(step.start + by, step.stop + by)


def _combined(steps: Sequence[Insert | Delete], end: int) -> list[Edit]:
    """`steps`, which come from the back: insertions at the end as appends, neighbouring deletions as one."""
    appended: list[Edit] = []
    script: list[Edit] = []
    for step in steps:
        last = script[-1] if script else None
        if isinstance(step, Insert) and step.position == end and not script:
            appended.insert(0, Append(step.uri))
        elif isinstance(step, Delete) and isinstance(last, Delete) and last.start == step.stop:
            script[-1] = Delete(step.start, last.stop)
        else:
            script.append(step)
    return appended + script


def _shortest(old: Sequence[str], new: Sequence[str]) -> list[Insert | Delete] | None:
    """The fewest single steps, from the back to the front, or None when there are too many."""
    reach = {1: 0}  # diagonal (old index - new index) -> furthest old index that can be reached on it
    trace: list[dict[int, int]] = []
    for distance in range(_DISTANCE_LIMIT + 1):
        trace.append(dict(reach))
        for diagonal in range(-distance, distance + 1, 2):
            inserts = _inserts(reach, diagonal, distance)
            at = reach[diagonal + 1] if inserts else reach[diagonal - 1] + 1
            while at < len(old) and at - diagonal < len(new) and old[at] == new[at - diagonal]:
                at += 1
            reach[diagonal] = at
            if at >= len(old) and at - diagonal >= len(new):
                return list(_walk_back(trace, len(old), len(new), new))
    return None


def _inserts(reach: dict[int, int], diagonal: int, distance: int) -> bool:
    """Whether the best way onto `diagonal` at this distance is an insertion; else it is a deletion."""
    return diagonal == -distance or (diagonal != distance and reach[diagonal - 1] < reach[diagonal + 1])


def _walk_back(trace: list[dict[int, int]], at: int, in_new: int, new: Sequence[str]) -> Iterator[Insert | Delete]:
    for distance in range(len(trace) - 1, 0, -1):
        reach, diagonal = trace[distance], at - in_new
        inserts = _inserts(reach, diagonal, distance)
        before = diagonal + 1 if inserts else diagonal - 1
        at, in_new = reach[before], reach[before] - before
        yield Insert(at, new[in_new]) if inserts else Delete(at, at + 1)
