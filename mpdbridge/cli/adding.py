"""Adds links to the queue and tells of it, for the commands that do."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

import click

from mpdbridge.config import Settings
from mpdbridge.control.adding import Additions, Position, Wanted, add
from mpdbridge.control.tools import open_tools
from mpdbridge.doctor.facts import ask_relay
from mpdbridge.errors import SourceError
from mpdbridge.text import counted, one_line

_SHOWN = 10  # of a long playlist nobody reads every title


def add_and_tell(
    settings: Settings,
    wanted: Sequence[Wanted],
    *,
    position: Position = "end",
    play: bool = False,
    as_json: bool = False,
) -> None:
    """Adds what is `wanted`, and prints what came of it.

    Raises:
        MpdUnavailableError, MpdRefusedError, StoreError: as control.adding.add.
        ExceptionGroup: a SourceError for each link that gave nothing; all others are added.
    """
    done = asyncio.run(_add(settings, wanted, position=position, play=play))
    if as_json:
        click.echo(json.dumps(done.to_json(), ensure_ascii=False, indent=2))
    else:
        for line in told(done):
            click.echo(line)
    if done.hint:
        click.echo(f"mpdbridge: {done.hint}", err=True)
    if done.failed:
        raise ExceptionGroup("links that gave nothing", list(map(SourceError, done.failures)))


async def _add(settings: Settings, wanted: Sequence[Wanted], *, position: Position, play: bool) -> Additions:
    async with open_tools(settings) as tools:
        done = await add(tools, wanted, position=position, play=play)
    if not done.added or not settings.proxy.enabled:  # a relay elsewhere is nobody's to judge from here
        return done
    relay = await ask_relay(settings.proxy)
    hint = f"nothing plays it yet (relay {relay.url}: {relay.problem})"
    return replace(done, hint=hint) if relay.problem else done


def told(done: Additions) -> Iterator[str]:
    """What was added, for a person to read."""
    if not done.added:
        return
    yield f"Added {counted(len(done.added), 'track')}:"
    for each in done.added[:_SHOWN]:
        yield f"  {one_line(each.label)}"
    if len(done.added) > _SHOWN:
        yield f"  … and {len(done.added) - _SHOWN} more"
