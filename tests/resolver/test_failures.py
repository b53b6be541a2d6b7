"""What yt-dlp's words mean: gone for good, leave us alone, or try again; and messages a person can read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpdbridge.resolver.failures import Failure, error_of, shown

LINK = "https://music.youtube.com/watch?v=oLtmHdXKIYE"
BUG = "; please report this issue on  https://github.com/yt-dlp/yt-dlp/issues?q= , filling out the template."


def error(message, kind="ExtractorError", status=None):
    return error_of(Failure(kind, message, status), LINK)


@pytest.mark.parametrize(
    ("message", "meaning"),
    [
        ("Private video. Sign in if you've been granted access to this video", "private"),
        ("Video unavailable. This video is private", "private"),
        ("This video has been removed by the uploader", "deleted"),
        ("Video unavailable. This video is no longer available because the account was closed", "deleted"),
        ("Video unavailable. This video isn’t available anymore", "deleted"),
        ("This video is no longer available because the YouTube account has been terminated.", "taken down"),
        (
            "Video unavailable. X has blocked it on copyright grounds",
            "taken down",
        ),
        ("The uploader has not made this video available in your country", "this country"),
        ("Video unavailable. The uploader has not made this video available in your country", "this country"),
        ("This video is only available to Music Premium members", "Premium"),
        ("This video is available to this channel's members on level: A. Join this channel", "members of the channel"),
        ("Sign in to confirm your age. This video may be inappropriate for some users.", "proof of age"),
        ("This video is DRM protected", "DRM"),
        ("Video unavailable", "not available"),
        ("This video is only available for registered users. Use --cookies", "a login"),
        ("Unsupported URL: https://a.example/", "no audio there"),
    ],
)
def test_a_track_that_is_gone_is_gone_for_good(message, meaning):
    found = error(message)
    assert meaning in str(found)
    assert found.permanent
    assert found.retry_after is None


@pytest.mark.parametrize(
    ("message", "least"),
    [
        ("Sign in to confirm you’re not a bot. Use --cookies-from-browser or --cookies for the authentication.", 600),
        ("Sign in to confirm you're not a bot. This helps protect our community. Learn more", 600),
        ("This content isn't available, try again later. The current session has been rate-limited by YouTube", 3600),
        ("Video unavailable. This content isn’t available, try again later", 3600),
        ("All player responses are invalid. Your IP is likely being blocked by Youtube", 3600),
        ("Unable to download API page: HTTP Error 429: Too Many Requests", 300),
    ],
)
def test_a_site_that_has_had_enough_is_left_alone_for_minutes_and_the_track_is_not_to_blame(message, least):
    found = error(message)
    assert not found.permanent
    assert found.retry_after >= least


@pytest.mark.parametrize(
    "message",
    [
        "Video unavailable. This content isn’t available.",  # also said to blocked sessions
        "Unable to download webpage: The read operation timed out",
        "Unable to download webpage: Failed to resolve 'www.youtube.com' ([Errno -2] Name or service not known)",
        "Unable to download webpage: [Errno 111] Connection refused",
        "Premieres in 3 hours",
        "No video formats found!",
        "Unable to extract initial player response",
    ],
)
def test_what_may_pass_is_worth_another_try(message):
    found = error(message)
    assert not found.permanent
    assert found.retry_after is None


def test_the_kind_of_an_exception_counts_where_its_words_do_not():
    assert error("Nur in Bayern", kind="GeoRestrictedError").permanent


@pytest.mark.parametrize(("status", "permanent"), [(401, True), (404, True), (410, True), (451, True), (403, False)])
def test_an_http_status_says_more_than_words(status, permanent):
    assert error(f"HTTP Error {status}: whatever", kind="HTTPError", status=status).permanent is permanent


def test_unknown_words_are_passed_on_without_the_noise():
    told = str(error(f"[youtube] oLtmHdXKIYE: Unable to extract yt initial data{BUG}"))
    assert told == f"{LINK}: Unable to extract yt initial data"
    assert str(error("ERROR: [x:y] abc: Odd (caused by KeyError('a'))")) == f"{LINK}: Odd"
    assert str(error("", kind="KeyError")) == f"{LINK}: KeyError"


@given(st.text(), st.text(), st.none() | st.integers(100, 599))
def test_any_failure_becomes_one_short_line(kind, message, status):
    told = str(error_of(Failure(kind, message, status), LINK))
    assert told.startswith(LINK)
    assert "\n" not in told
    assert len(told) < 400


def test_a_link_is_shown_without_what_may_be_secret():
    assert shown("https://a.example/x.mp3?token=SECRET&expire=5#frag") == "https://a.example/x.mp3"
    assert shown("https://www.youtube.com/watch?v=oLtmHdXKIYE&list=PL1&si=SECRET") == (
        "https://www.youtube.com/watch?v=oLtmHdXKIYE&list=PL1"
    )
    assert shown("https://a.example/#https://b?token=SECRET") == "https://a.example/"
    assert shown("a\nb") == "a b"
    assert len(shown("https://a.example/" + "x" * 5000)) == 120
