"""Inside the worker process: what yt-dlp is told, and what is read from its exceptions."""

import pytest
import yt_dlp
from support.innertube_login import ROTATING, netscape
from yt_dlp.networking.exceptions import HTTPError
from yt_dlp.utils import DownloadError, ExtractorError, GeoRestrictedError

from mpdbridge.resolver.failures import Failure
from mpdbridge.resolver.worker import Extractor, failure_of


def options(**changes):
    return {
        "format": "bestaudio",
        "extractor_args": {},
        "cookies_file": None,
        "login_file": None,
        "socket_timeout": 5,
        **changes,
    }


def test_extractor_args_reach_yt_dlp_as_its_command_line_would_pass_them():
    extractor = Extractor(options(extractor_args={"YouTube": {"player-client": ["web_music"]}}), say=lambda _: None)
    assert extractor._ydl.params["extractor_args"] == {"youtube": {"player_client": ["web_music"]}}


def test_a_missing_cookies_file_is_no_obstacle(tmp_path):
    assert Extractor(options(cookies_file=str(tmp_path / "none.txt")), say=lambda _: None)


def test_what_rotated_during_a_job_is_in_the_login_afterwards(tmp_path):
    login = tmp_path / "cookies.txt"
    login.write_text(netscape(rotating="old"))
    extractor = Extractor(options(login_file=str(login)), say=lambda _: None)
    (one,) = (one for one in extractor._ydl.cookiejar if one.name == ROTATING)
    one.value = "new"
    assert "value" in extractor.answer({"job": 1, "do": "about", "url": "yt-dlp"})
    assert f"{ROTATING}\tnew\n" in login.read_text()


def wrapped(error):
    try:
        raise error
    except type(error) as caught:
        return DownloadError(f"ERROR: {caught}", (type(caught), caught, caught.__traceback__))


def test_the_failure_behind_a_download_error_is_the_inner_one():
    error = wrapped(ExtractorError("Private video", expected=True, video_id="oLtmHdXKIYE", ie="youtube"))
    assert failure_of(error) == Failure("ExtractorError", "Private video")
    error = wrapped(GeoRestrictedError("Not here", countries=["DE"]))
    assert failure_of(error) == Failure("GeoRestrictedError", "Not here")


def test_an_http_status_is_found_at_any_depth():
    class Response:
        status = 429
        reason = "Too Many Requests"

        def close(self):
            pass

    cause = HTTPError(Response())
    assert failure_of(wrapped(cause)).status == 429
    assert failure_of(wrapped(ExtractorError("Unable to download webpage", cause=cause))).status == 429


def test_any_other_exception_is_a_failure_too():
    assert failure_of(KeyError("url")) == Failure("KeyError", "'url'")
    assert failure_of(DownloadError("bare")) == Failure("DownloadError", "bare")


def test_jobs_that_fail_in_any_way_are_answered():
    extractor = Extractor(options(), say=lambda _: None)

    def explode(*_, **__):
        raise RuntimeError("boom")

    extractor._ydl.extract_info = explode
    reply = extractor.answer({"job": 3, "do": "extract", "url": "http://127.0.0.1:1/"})
    assert reply == {"job": 3, "failure": {"kind": "RuntimeError", "message": "boom", "status": None}}


@pytest.mark.parametrize("name", ["cookiejar", "params", "extract_info", "sanitize_info", "format_selector"])
def test_what_we_use_of_yt_dlp_is_there(name):
    with yt_dlp.YoutubeDL({"quiet": True}) as ydl:
        assert hasattr(ydl, name)
