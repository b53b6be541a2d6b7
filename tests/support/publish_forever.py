"""A program to be killed: `publish_forever.py SOCKET LISTS.json` publishes the lists as "x" in turn, for ever."""

import asyncio
import itertools
import json
import sys
from pathlib import Path

from mpdbridge.mpd.address import MpdAddress
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.publisher import PlaylistPublisher


async def main(path: str, lists: list[list[str]]) -> None:
    async with MpdConnection(MpdAddress(socket=path)) as connection:
        publisher = PlaylistPublisher(connection=connection)
        print("ready", flush=True)  # noqa: T201  # whoever kills us waits for it
        for uris in itertools.cycle(lists):
            await publisher.publish("x", uris)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], json.loads(Path(sys.argv[2]).read_text())))
