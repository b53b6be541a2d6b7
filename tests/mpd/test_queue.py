"""Adding to the queue, and what MPD will play next, on a real mpd."""

import asyncio
from dataclasses import replace

import pytest
from support.tagging import FIRST, FOREIGN, SECOND, URLS, address, numbered, tagged, tags
from support.waiting import eventually

from mpdbridge.errors import MpdRefusedError
from mpdbridge.models import Track
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.queue import add_to_queue, next_positions, tell_length, upcoming
from mpdbridge.mpd.tag_diff import desired_tags

pytestmark = pytest.mark.mpd

A, B, C, D = TRACKS = numbered(4)


async def play(mpd, position=0):
    await asyncio.to_thread(mpd.command, "play", str(position))
    await eventually(lambda: mpd.status()["state"] == "play", "MPD to play")


def titles(mpd):
    return [entry.get("Title", [""])[0] for entry in mpd.queue()]


async def test_tracks_are_added_behind_all_and_tagged(mpd, connection):
    mpd.command("add", FOREIGN)
    added = await add_to_queue(connection, URLS, [FIRST, SECOND, FIRST])
    queue = mpd.queue()
    assert [entry["Id"] for entry in queue[1:]] == [[entry.song_id] for entry in added]
    assert [tags(entry) for entry in queue[1:]] == [desired_tags(track) for track in (FIRST, SECOND, FIRST)]
    assert queue[0]["file"] == [FOREIGN]
    assert mpd.status()["state"] == "stop"


async def test_no_track_is_no_command(connection):
    assert await add_to_queue(connection, URLS, [], position="next", play=True) == []


async def test_next_is_right_behind_the_current_song_in_order(mpd, connection, urls):
    await add_to_queue(connection, urls, [A, B])
    await play(mpd)
    await add_to_queue(connection, urls, [C, D], position="next")
    assert titles(mpd) == [A.title, C.title, D.title, B.title]


async def test_next_without_a_current_song_is_in_front(mpd, connection):
    await add_to_queue(connection, URLS, [A])
    await add_to_queue(connection, URLS, [B, C], position="next")
    assert titles(mpd) == [B.title, C.title, A.title]
    mpd.command("clear")
    await add_to_queue(connection, URLS, [A, B], position="next")
    assert titles(mpd) == [A.title, B.title]


async def test_next_in_random_mode_is_played_next(mpd, connection, urls):
    mpd.command("random", "1")
    await add_to_queue(connection, urls, numbered(30))
    await play(mpd)
    added = [Track("ccccccccccc", "C"), Track("ddddddddddd", "D")]
    for entry in await add_to_queue(connection, urls, added, position="next"):
        assert mpd.status()["nextsongid"] == entry.song_id
        await asyncio.to_thread(mpd.command, "next")
        await eventually(lambda wanted=entry.song_id: mpd.status().get("songid") == wanted, "the added song to play")


async def test_in_random_mode_more_than_there_are_priorities_are_taken_too(mpd, connection, urls):
    mpd.command("random", "1")
    await add_to_queue(connection, urls, numbered(260), position="next")
    priorities = [int(entry["Prio"][0]) for entry in mpd.queue()]
    assert priorities == [*range(255, 1, -1), *[1] * 6]


async def test_play_starts_the_first_of_them(mpd, connection, urls):
    await add_to_queue(connection, urls, [A, B])
    first, _ = await add_to_queue(connection, urls, [C, D], play=True)
    await eventually(lambda: mpd.status()["state"] == "play", "MPD to play")
    assert mpd.status()["songid"] == first.song_id
    assert tagged(mpd, A, B, C, D)


@pytest.mark.parametrize(("durations", "shown"), [(True, ["60.990"]), (False, None)])
async def test_what_is_started_at_once_has_its_length_in_the_queue(mpd, connection, urls, durations, shown):
    """MPD takes none of a song that plays."""
    await add_to_queue(connection, urls, [replace(A, duration=60.0), B], play=True, durations=durations)
    assert mpd.queue()[0].get("duration") == shown
    await eventually(lambda: mpd.status().get("duration") == "60.000", "the real length of what plays")


async def test_what_plays_before_its_length_is_told_plays_on(mpd, connection, urls):
    (added,) = await add_to_queue(connection, urls, [A])
    await play(mpd)
    await tell_length(connection, added, replace(A, duration=60.0))
    assert (mpd.status()["state"], mpd.queue()[0].get("Range")) == ("play", None)


async def test_a_full_queue_is_refused_with_the_fix(start_mpd):
    mpd = start_mpd(max_playlist_length=2)
    async with MpdConnection(address(mpd)) as connection:
        with pytest.raises(MpdRefusedError, match="max_playlist_length"):
            await add_to_queue(connection, URLS, TRACKS)


async def test_nasty_titles_are_no_commands(mpd, connection):
    nasty = Track("nnnnnnnnnnn", 'x"\nclear\n"', ("a\r\nstop",), album="x" * 9000)
    await add_to_queue(connection, URLS, [A, nasty], position="next")
    assert titles(mpd) == [A.title, 'x" clear "']


async def test_upcoming_while_playing_are_the_songs_behind_the_current_one(mpd, connection, urls):
    await add_to_queue(connection, urls, TRACKS)
    await play(mpd)
    assert await upcoming(connection, urls, 2) == [B.track_id, C.track_id]
    mpd.command("single", "1")
    assert await upcoming(connection, urls, 2) == [B.track_id]
    mpd.command("single", "0")
    mpd.command("random", "1")
    next_one = mpd.command("playlistinfo", mpd.status()["nextsong"])[0][1]
    assert await upcoming(connection, urls, 2) == [urls.track_id(next_one)]


async def test_upcoming_at_the_end_is_the_beginning_only_when_repeating(mpd, connection, urls):
    await add_to_queue(connection, urls, TRACKS)
    await play(mpd, 3)
    assert await upcoming(connection, urls, 2) == []
    mpd.command("repeat", "1")
    assert await upcoming(connection, urls, 2) == [A.track_id, B.track_id]
    mpd.command("single", "1")
    assert await upcoming(connection, urls, 2) == [D.track_id]


async def test_upcoming_of_a_stopped_mpd_begins_with_what_play_starts(mpd, connection, urls):
    assert await upcoming(connection, urls, 2) == []
    await add_to_queue(connection, urls, TRACKS)
    assert await upcoming(connection, urls, 2) == [A.track_id, B.track_id]
    await play(mpd, 2)
    mpd.command("stop")
    assert await upcoming(connection, urls, 2) == [C.track_id, D.track_id]


async def test_upcoming_passes_over_what_is_not_ours(mpd, connection, urls):
    await add_to_queue(connection, urls, [A])
    mpd.command("add", FOREIGN)
    await add_to_queue(connection, urls, [B, B])
    assert await upcoming(connection, urls, 4) == [A.track_id, B.track_id]
    assert await upcoming(connection, urls, 0) == []


def status(**facts):
    return {"state": "play", "random": "0", "single": "0", "repeat": "0", "consume": "0", "playlistlength": "5"} | facts


@pytest.mark.parametrize(
    ("facts", "count", "positions"),
    [
        ({"song": "1", "nextsong": "2"}, 2, [2, 3]),
        ({"song": "3", "nextsong": "4"}, 2, [4]),
        ({"song": "4"}, 2, []),
        ({"song": "4", "nextsong": "0", "repeat": "1"}, 2, [0, 1]),
        ({"song": "3", "nextsong": "4", "repeat": "1"}, 9, [4, 0, 1, 2, 3]),
        ({"song": "1", "nextsong": "4", "random": "1"}, 3, [4]),
        ({"song": "1", "nextsong": "1", "repeat": "1", "single": "1"}, 3, [1]),
        ({"song": "1", "nextsong": "2", "single": "oneshot"}, 3, [2]),
        ({"state": "stop"}, 2, [0, 1]),
        ({"state": "stop", "random": "1"}, 2, []),
        ({"state": "stop", "song": "3", "nextsong": "4"}, 2, [3, 4]),
        ({"state": "pause", "song": "3", "nextsong": "4"}, 2, [4]),
        ({"state": "stop", "playlistlength": "0"}, 2, []),
        ({"song": "1", "nextsong": "2"}, 0, []),
    ],
)
def test_the_next_positions_follow_mpds_modes(facts, count, positions):
    assert next_positions(status(**facts), count) == positions
