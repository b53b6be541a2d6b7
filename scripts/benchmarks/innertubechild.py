"""A music.youtube.com with a big library, the one of the tests, in a process of its own. Run by scripts/bench.

It is told how many tracks and playlists. To the line `port` it answers with its port, to `requests` with the number of
those that it has answered since it was asked last.
"""

import asyncio
import sys

from support.innertube import FakeInnerTube, FakePlaylist, Song


def songs(first: int, count: int) -> list[Song]:
    return [
        Song(
            video_id=f"video{number:06}",
            title=f"Title {number}",
            artists=(f"Artist {number % 900}", "Guest")[: 1 + number % 2],
            album=f"Album {number // 12}",
            album_id=f"MPREb_{number // 12}",
            form="ATV",
        )
        for number in range(first, first + count)
    ]


async def main(tracks: int, playlists: int) -> None:
    async with FakeInnerTube() as tube:
        each = tracks // playlists
        for number in range(playlists):
            name = f"PLplaylist{number:06}" if number else "LM"
            tube.playlists[name] = FakePlaylist(f"Playlist {number}", songs(number * each, each))
        tube.library = list(tube.playlists)
        while question := await asyncio.to_thread(sys.stdin.readline):
            print(tube.port if question == "port\n" else len(tube.asked), flush=True)
            if question == "requests\n":
                tube.asked.clear()


asyncio.run(main(*map(int, sys.argv[1:])))
