"""The one decision, held to a table: byte ranges or ICY titles, never both."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpdbridge.byterange import ByteRange
from mpdbridge.relay.plan import (
    Full,
    Interleaved,
    NotSatisfiable,
    Partial,
    RequestFacts,
    Span,
    StreamFacts,
    hangs_on_cut_body,
    headers,
    opening,
    plan_response,
    restart,
    status,
)

OLD, NEW, OTHER = "Music Player Daemon 0.23.12", "Music Player Daemon 0.24.13", "Lavf/59.27.100"
ETAG = '"x.251.1000"'
KNOWN = StreamFacts(1000, "audio/webm", ETAG)
UNKNOWN = StreamFacts(None, "audio/mpeg")

AGENTS, MODES = (OLD, NEW, OTHER), ("auto", "always", "never")
RANGES = {
    None: None,
    "bytes=0-": ByteRange(0, 999),
    "bytes=100-": ByteRange(100, 999),
    "bytes=100-199": ByteRange(100, 199),
    "bytes=-100": ByteRange(900, 999),
    "bytes=1000-": NotSatisfiable(1000),
    "bytes=0-1,5-6": None,
    "seconds=3-": None,
}


def titles_expected(mode, icy, tagged, agent, asked) -> bool:
    """The rule as README tells it."""
    if not icy or mode == "never" or asked in ("bytes=100-", "bytes=100-199", "bytes=-100", "bytes=1000-"):
        return False
    return mode == "always" or not (tagged and agent in (OLD, NEW))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize("asked", RANGES)
def test_every_get_of_a_known_length(mode, agent, asked) -> None:
    for icy, tagged in product((False, True), repeat=2):
        request = RequestFacts(range=asked, icy=icy, user_agent=agent, tagged=tagged)
        plan = plan_response(request, KNOWN, mode)
        sized = agent != OLD
        if titles_expected(mode, icy, tagged, agent, asked):
            assert plan == Interleaved()
        elif asked == "bytes=1000-" and agent == OLD:
            assert plan == Partial(ByteRange(1000, 999), sized=False), "nothing, but no refusal: it would play noise"
        elif isinstance(RANGES[asked], ByteRange):
            assert plan == Partial(RANGES[asked], sized)
        else:
            assert plan == (RANGES[asked] or Full(sized))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize("asked", RANGES)
def test_every_get_of_an_unknown_length(mode, agent, asked) -> None:
    """No range of it can be told, so the whole comes, chunked."""
    for icy, tagged in product((False, True), repeat=2):
        request = RequestFacts(range=asked, icy=icy, user_agent=agent, tagged=tagged)
        titles = titles_expected(mode, icy, tagged, agent, asked)
        assert plan_response(request, UNKNOWN, mode) == (Interleaved() if titles else Full(sized=False))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize("asked", RANGES)
def test_a_head_is_answered_as_a_get_without_range(mode, agent, asked) -> None:
    """RFC 9110 14.2: Range is defined for GET alone."""
    for icy, tagged in product((False, True), repeat=2):
        plain = RequestFacts(icy=icy, user_agent=agent, tagged=tagged)
        head = RequestFacts(method="HEAD", range=asked, icy=icy, user_agent=agent, tagged=tagged)
        assert plan_response(head, KNOWN, mode) == plan_response(plain, KNOWN, mode)
        assert opening(head, mode) == Span(0, 0)


def test_a_tagged_mpd_keeps_its_tags_and_another_player_beside_it_gets_titles() -> None:
    assert plan_response(RequestFacts(icy=True, user_agent=NEW, tagged=True), KNOWN, "auto") == Full(sized=True)
    assert plan_response(RequestFacts(icy=True, user_agent=OTHER, tagged=True), KNOWN, "auto") == Interleaved()
    assert plan_response(RequestFacts(icy=True, user_agent=NEW, tagged=False), KNOWN, "auto") == Interleaved()


@pytest.mark.parametrize(
    ("if_range", "expected"),
    [(None, 206), (ETAG, 206), ('"other"', 200), (f"W/{ETAG}", 200), ("Sat, 29 Oct 1994 19:43:31 GMT", 200)],
)
def test_if_range(if_range, expected) -> None:
    plan = plan_response(RequestFacts(range="bytes=5-9", if_range=if_range), KNOWN, "auto")
    assert status(plan) == expected


@pytest.mark.parametrize(
    ("agent", "hangs"),
    [
        ("Music Player Daemon 0.20.5", True),
        ("Music Player Daemon 0.23", True),
        ("Music Player Daemon 0.23.12", True),
        ("Music Player Daemon 0.23.13", False),
        ("Music Player Daemon 0.24", False),
        ("Music Player Daemon 0.24.13~git", False),
        ("Music Player Daemon 1.0.0", False),
        ("Music Player Daemon", True),
        ("Music Player Daemon git", True),
        ("VLC/3.0.18 LibVLC/3.0.18", False),
        ("", False),
    ],
)
def test_which_mpd_hangs_on_a_cut_body(agent, hangs) -> None:
    assert hangs_on_cut_body(agent) is hangs


@pytest.mark.parametrize(
    ("plan", "stream", "expected"),
    [
        (
            Full(sized=True),
            KNOWN,
            {"Content-Type": "audio/webm", "Accept-Ranges": "bytes", "ETag": ETAG, "Content-Length": "1000"},
        ),
        (Full(sized=False), KNOWN, {"Content-Type": "audio/webm", "Accept-Ranges": "bytes", "ETag": ETAG}),
        (Full(sized=False), UNKNOWN, {"Content-Type": "audio/mpeg"}),
        (
            Partial(ByteRange(5, 9), sized=True),
            KNOWN,
            {
                "Content-Type": "audio/webm",
                "Accept-Ranges": "bytes",
                "ETag": ETAG,
                "Content-Range": "bytes 5-9/1000",
                "Content-Length": "5",
            },
        ),
        (
            Partial(ByteRange(5, 9), sized=False),
            KNOWN,
            {
                "Content-Type": "audio/webm",
                "Accept-Ranges": "bytes",
                "ETag": ETAG,
                "Content-Range": "bytes 5-9/1000",
            },
        ),
        (Interleaved(), KNOWN, {"Content-Type": "audio/webm", "icy-name": "A - B", "icy-metaint": "16000"}),
        (NotSatisfiable(1000), KNOWN, {"Accept-Ranges": "bytes", "Content-Range": "bytes */1000"}),
    ],
)
def test_the_headers_of_every_plan(plan, stream, expected) -> None:
    assert headers(plan, stream, name="A - B", metaint=16000) == expected


@given(st.text())
def test_no_name_breaks_the_header_block(name) -> None:
    value = headers(Interleaved(), KNOWN, name=name, metaint=1)["icy-name"]
    assert not any(ord(char) < 32 or ord(char) == 127 for char in value)
    assert len(value.encode()) <= 1000


@given(
    st.sampled_from([*RANGES, "bytes=0-99999", "bytes=0-0", "bytes=-0"]),
    st.sampled_from([None, ETAG, '"other"']),
    st.booleans(),
    st.sampled_from([KNOWN, UNKNOWN, StreamFacts(0, "audio/webm")]),
    st.sampled_from(MODES),
)
def test_after_the_opening_and_its_correction_the_body_is_what_the_plan_says(
    asked, if_range, icy, stream, mode
) -> None:
    request = RequestFacts(range=asked, if_range=if_range, icy=icy)
    plan, opened = plan_response(request, stream, mode), opening(request, mode)
    correction = restart(plan, stream, opened)
    if isinstance(plan, NotSatisfiable):
        assert correction is None, "nothing is fetched for a refusal"
        return
    fetched = correction or opened
    length = 500 if stream.length is None else stream.length
    file = range(length)
    body = file[plan.part.first : plan.part.last + 1] if isinstance(plan, Partial) else file
    assert file[fetched.first : None if fetched.last is None else fetched.last + 1] == body


def test_the_usual_requests_need_no_correction() -> None:
    for asked in (None, "bytes=0-", "bytes=100-", "bytes=100-199"):
        request = RequestFacts(range=asked)
        assert restart(plan_response(request, KNOWN, "auto"), KNOWN, opening(request, "auto")) is None


def test_an_old_mpd_is_refused_what_lies_farther_out() -> None:
    for asked in ("bytes=1001-", "bytes=1000-1000"):
        assert plan_response(RequestFacts(range=asked, user_agent=OLD), KNOWN, "auto") == NotSatisfiable(1000)


def test_an_empty_part_is_told_without_a_range_that_could_not_be() -> None:
    told = headers(Partial(ByteRange(1000, 999), sized=False), KNOWN, name="a", metaint=1)
    assert told == {"Content-Type": "audio/webm", "Accept-Ranges": "bytes", "ETag": ETAG}
