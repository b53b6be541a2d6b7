"""Commands that a running bridge carries out if there is one: what they print."""

import asyncio
import json

import click

from mpdbridge.config import Settings
from mpdbridge.control.asking import ask
from mpdbridge.control.commands import Command
from mpdbridge.control.replies import Reply
from mpdbridge.errors import MpdBridgeError
from mpdbridge.text import one_line


def ask_and_tell(settings: Settings, command: Command, *, as_json: bool) -> Reply:
    """Has the command carried out, and prints what came of it.

    Raises:
        MpdBridgeError: it could not be done.
    """
    reply = asyncio.run(ask(settings, command))
    if reply.failed:
        raise MpdBridgeError("; ".join(map(one_line, reply.lines)))
    if as_json:
        click.echo(json.dumps(dict(reply.data), ensure_ascii=False, indent=2))
    else:
        for line in reply.lines:
            click.echo(one_line(line))
    return reply
