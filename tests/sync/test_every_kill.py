"""A sync killed or cut off at any of its steps, whatever that day brought and the next brings: nothing is lost."""

from itertools import count

import pytest
from support.bridge import URLS, Bridge, clear, open_bridge, playlists_of
from support.killing import Break, Fuse, FusedDestination, killed_sync
from support.libraries import Library, Shelf, track

from mpdbridge.sync.m3u_fallback import M3UDirectory

FIRST = {"a": ("One", (1, 2)), "b": ("Two", (3, 4)), "c": ("Other", (5,))}
DAYS = {
    "renamed": FIRST | {"a": ("Uno", (1, 2))},
    "renamed and edited": FIRST | {"a": ("Uno", (2, 9, 1))},
    "two changed names": FIRST | {"a": ("Two", (1, 2)), "b": ("One", (3, 4))},
    "three changed names": {"a": ("Two", (1, 2)), "b": ("Other", (3, 4)), "c": ("One", (5,))},
    "one took the name that another gave up": FIRST | {"a": ("Two", (1, 2)), "b": ("Three", (3, 4))},
    "one took the name of one that is gone": {"b": ("One", (3, 4)), "c": ("Other", (5,))},
    "a new one took the name of one that is gone": {"n": ("One", (8, 9)), "b": ("Two", (3, 4)), "c": ("Other", (5,))},
    "one came, one went": {"n": ("New", (8, 9)), "b": ("Two", (3, 4)), "c": ("Other", (5,))},
}
CHAINS = {
    "three changed names": DAYS["three changed names"],
    "one took the name that another gave up": DAYS["one took the name that another gave up"],
    "a new one took the name that another gave up": FIRST | {"a": ("Uno", (1, 2, 6)), "n": ("One", (8, 9))},
}
NEXT_DAYS = [
    FIRST,
    {"a": ("Eins", (1, 2)), "b": ("Zwei", (3, 4)), "c": ("Other", (5,)), "n": ("Neu", (8, 9))},
    {"c": ("Other", (5,))},
]


def library(day) -> Library:
    return Library("first", tuple(Shelf(playlist_id, *told) for playlist_id, told in day.items()))


def expected(day) -> dict[str, list[str]]:
    return {f"YT: {name}": [URLS.of(track(number)) for number in numbers] for name, numbers in day.values()}


@pytest.mark.parametrize("destination", ["commands", "files"])
@pytest.mark.parametrize("story", DAYS)
async def test_the_next_sync_finds_everything_again(mpd, story, destination) -> None:
    day, wrong = DAYS[story], []
    for last in (day, *NEXT_DAYS):
        for calls in count():
            clear(mpd)
            async with open_bridge(mpd) as bridge:
                if destination == "files":
                    bridge.destination = M3UDirectory(mpd.playlist_directory)
                await bridge.sync(library(FIRST))
                killed = await killed_sync(bridge, [library(day)], Fuse(calls))
                await bridge.sync(library(last))
            if playlists_of(mpd) != expected(last):
                wrong.append((calls, list(expected(last)), list(playlists_of(mpd))))
            if not killed:
                break
        assert calls > 5, "there are more steps than that"
    assert not wrong


@pytest.mark.parametrize("heard", [True, False], ids=["answer lost", "not heard"])
@pytest.mark.parametrize("story", CHAINS)
async def test_a_step_that_is_cut_off_costs_no_playlist_and_the_next_sync_does_it(mpd, story, heard) -> None:
    day, first = CHAINS[story], expected(FIRST)
    ring = "changed names" in story  # written in place, so one of them may wait for the next sync
    stay = [[first[f"YT: {FIRST[one][0]}"], expected(day)[f"YT: {day[one][0]}"]] for one in FIRST]
    for calls in count():
        clear(mpd)
        async with open_bridge(mpd) as bridge:
            await bridge.sync(library(FIRST))
            cut = Break(calls, heard=heard)
            await Bridge(FusedDestination(bridge.destination, cut), bridge.store, bridge.target).sync(library(day))
            present = playlists_of(mpd).values()
            assert ring or all(any(uris in present for uris in either) for either in stay), calls
            await bridge.sync(library(day))
        assert playlists_of(mpd) == expected(day), calls
        if not cut.happened:
            break
    assert calls > 0
