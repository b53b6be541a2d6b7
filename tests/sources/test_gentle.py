"""Requests come at a pace, stumbles are tried again, and who asks for peace gets it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from support.innertube import FakeInnerTube, FakePlaylist, Song

from mpdbridge.config import YTMusicSettings
from mpdbridge.errors import SourceError
from mpdbridge.models import PlaylistRef
from mpdbridge.sources.ytmusic import YTMusicSource
from mpdbridge.sources.ytmusic.gentle import GentleAdapter, Pace, retry_after
from mpdbridge.sources.ytmusic.session import open_session

LIST = PlaylistRef("ytmusic", "PLlistlistlist", "List")


class Time:
    """A clock that only sleeping moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@given(st.lists(st.floats(0, 3), min_size=30, max_size=60))
def test_no_second_has_more_requests_than_burst_and_pace_allow(pauses: list[float]) -> None:
    time = Time()
    pace = Pace(burst=5, per_second=2, clock=time, sleep=time.sleep)
    sent: list[float] = []
    for pause in pauses:
        time.sleep(pause)
        pace.wait()
        sent.append(time.now)
    for first in range(len(sent)):
        for last in range(first, len(sent)):
            assert last - first + 1 <= 5 + 2 * (sent[last] - sent[first]) + 1e-6


def test_the_first_ones_wait_for_nothing_and_the_rest_as_long_as_they_must() -> None:
    time = Time()
    pace = Pace(burst=10, per_second=4, clock=time, sleep=time.sleep)
    for _ in range(10):
        pace.wait()
    assert time.now == 100
    for _ in range(140):
        pace.wait()
    assert time.now == pytest.approx(135)


def test_the_program_s_own_session_is_gentle() -> None:
    with open_session() as session:
        assert isinstance(session.get_adapter("https://music.youtube.com/"), GentleAdapter)


@pytest.fixture
async def tube() -> AsyncIterator[FakeInnerTube]:
    async with FakeInnerTube() as running:
        running.playlists[LIST.playlist_id] = FakePlaylist("List", [Song(video_id="video-00000", title="One")])
        yield running


@pytest.fixture
async def music(tube: FakeInnerTube) -> AsyncIterator[YTMusicSource]:
    source = YTMusicSource(settings=YTMusicSettings(), session_factory=tube.session_factory)
    yield source
    await source.aclose()


@pytest.mark.parametrize(
    ("script", "naps"),
    [
        ([503, 500], [0.5, 1.5]),
        ([429], [2.0]),
        ([429, 429], [2.0, 8.0]),
        ([(429, {"Retry-After": "17"})], [17.0]),
        ([(503, {"Retry-After": "3"}), 502], [3.0, 1.5]),
    ],
)
async def test_a_stumble_is_tried_again(
    tube: FakeInnerTube, music: YTMusicSource, script: list[int | tuple[int, dict[str, str]]], naps: list[float]
) -> None:
    tube.script.extend(script)
    assert len((await music.fetch(LIST)).tracks) == 1
    assert tube.naps == naps


@pytest.mark.parametrize(
    ("script", "asked"), [([429] * 3, 3), ([(429, {"Retry-After": "31"})], 1), ([(429, {"Retry-After": "99999"})], 1)]
)
async def test_who_asks_for_peace_gets_it(
    tube: FakeInnerTube, music: YTMusicSource, script: list[int | tuple[int, dict[str, str]]], asked: int
) -> None:
    tube.script.extend(script)
    for _ in range(5):
        with pytest.raises(SourceError, match=r"asks for fewer requests .*: try again later$"):
            await music.fetch(LIST)
    assert len(tube.asked) == asked


@pytest.mark.parametrize(
    ("told", "seconds"), [({}, 60), ({"Retry-After": "120"}, 120), ({"Retry-After": "99999"}, 3600)]
)
def test_peace_ends(told: dict[str, str], seconds: int) -> None:
    time = Time()
    adapter = GentleAdapter(clock=time, sleep=lambda _: None)
    refused = requests.Response()
    refused.status_code = 429
    refused.headers.update(told)
    refused._content = b"{}"
    assert adapter._last(refused) is refused
    request = requests.Request("GET", "http://127.0.0.1:1/").prepare()
    refused.raw = object()
    time.now += seconds - 1
    assert adapter.send(request) is refused
    assert refused.raw is None, "old cookies in it would go over newer ones"
    time.now += 2
    with pytest.raises(requests.ConnectionError):
        adapter.send(request, proxies={})


def test_a_connection_that_fails_is_tried_three_times() -> None:
    naps: list[float] = []
    request = requests.Request("GET", "http://127.0.0.1:1/").prepare()
    with pytest.raises(requests.ConnectionError):
        GentleAdapter(sleep=naps.append).send(request, proxies={})  # as a session does
    assert naps == [0.5, 1.5]


def test_how_long_to_wait_is_told_in_seconds_or_as_a_date() -> None:
    assert retry_after({"Retry-After": " 7 "}) == 7
    soon = retry_after({"Retry-After": format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)})
    assert soon is not None
    assert 55 < soon <= 60
    assert retry_after({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0
    assert retry_after({"Retry-After": "soon"}) is None
    assert retry_after({}) is None
