"""One command from a command line: through the running bridge if it listens, else carried out here and now.

Both give the same answer. Through the bridge only one process talks to YouTube Music with the login.
"""

import asyncio
import secrets
from contextlib import AsyncExitStack

from mpdbridge.config import Settings
from mpdbridge.control.answering import answer
from mpdbridge.control.commands import Command
from mpdbridge.control.replies import Reply
from mpdbridge.control.tools import open_tools
from mpdbridge.errors import MpdBridgeError, MpdRefusedError, MpdUnavailableError
from mpdbridge.mpd.address import resolve_address
from mpdbridge.mpd.channel import COMMANDS, REPLIES, messages
from mpdbridge.mpd.connection import MpdConnection

_GLANCE = 1.0  # seconds between two looks at whether the bridge is still there; MPD tells of nobody who leaves
_PATIENCE = 120.0  # seconds; a radio may wait for a sync to end


async def ask(settings: Settings, command: Command) -> Reply:
    """What the command's verb answers; `failed` in it tells of what a running bridge could not do.

    Raises:
        MpdBridgeError: what could not be done here, or the bridge does not answer.
    """
    async with AsyncExitStack() as stack:
        if connection := await _bridge(settings, stack):
            try:
                async with asyncio.timeout(_PATIENCE):
                    return await _through_bridge(connection, command)
            except TimeoutError:
                raise MpdBridgeError(f"the running bridge did not answer within {_PATIENCE:g} s: see its log") from None
    async with open_tools(settings) as tools:
        return await answer(tools, command)


async def _bridge(settings: Settings, stack: AsyncExitStack) -> MpdConnection | None:
    """A connection over which a bridge hears; None where none listens, or MPD lets us send no messages."""
    connection = MpdConnection(resolve_address(settings.mpd), settings.mpd.timeout_seconds)
    try:
        await stack.enter_async_context(connection)
        return connection if await _is_heard(connection) else None
    except (MpdUnavailableError, MpdRefusedError):
        return None  # whoever needs MPD will say so


async def _is_heard(connection: MpdConnection) -> bool:
    """Whether a bridge listens on this MPD."""
    return ("channel", COMMANDS) in await connection.command("channels")


async def _through_bridge(connection: MpdConnection, command: Command) -> Reply:
    channel = f"{REPLIES}-{secrets.token_hex(8)}"
    await connection.command("subscribe", channel)
    await connection.command("sendmessage", COMMANDS, f"@{channel} {command}")
    received: list[str] = []
    while (reply := Reply.from_messages(received)) is None:
        glance = asyncio.get_running_loop().call_later(_GLANCE, connection.noidle)
        await connection.idle("message")
        glance.cancel()
        received += messages(await connection.command("readmessages"), channel)
        if not received and not await _is_heard(connection):
            raise MpdBridgeError("the running bridge has ended before it answered: see its log")
    return reply
