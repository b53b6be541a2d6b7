"""Login files as text: whatever browsers' exporters write is read, and nothing gets lost on the way back."""

import io
import json
from http.cookiejar import CookieJar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yt_dlp.cookies import YoutubeDLCookieJar

from mpdbridge.cookies import (
    jar_of,
    lines_of,
    login_cookies,
    merged,
    netscape,
    of_cookie_header,
    of_lines,
    read_login,
    sapisid,
    write_login,
)

EXPORTED = """\
# Netscape HTTP Cookie File
# https://curl.se/docs/http-cookies.html

.youtube.com\tTRUE\t/\tTRUE\t2000000000\t__Secure-3PAPISID\tsecret/1
#HttpOnly_.youtube.com\tTRUE\t/\tTRUE\t2000000000\t__Secure-3PSID\tabc.
.youtube.com\tTRUE\t/\tFALSE\t0\tSESSION\tforever young
music.youtube.com\tFALSE\t/x\tTRUE\t\tHOST\t
.youtube.com\tTRUE\t/\tTRUE\t1000000000\tEXPIRED\told
.google.com\tTRUE\t/\tTRUE\t2000000000\t__Secure-3PAPISID\tof google
.example.org\tTRUE\t/\tFALSE\t2000000000.5\tother\tsite
"""


def values(jar: CookieJar) -> dict[str, str | None]:
    return {f"{one.domain} {one.name}": one.value for one in jar}


def test_an_exported_file_is_read_whole() -> None:
    jar = read_login(EXPORTED).jar
    assert values(jar) == {
        ".youtube.com __Secure-3PAPISID": "secret/1",
        ".youtube.com __Secure-3PSID": "abc.",
        ".youtube.com SESSION": "forever young",
        "music.youtube.com HOST": "",
        ".youtube.com EXPIRED": "old",
        ".google.com __Secure-3PAPISID": "of google",
        ".example.org other": "site",
    }
    expiries = {one.name: one.expires for one in jar if one.domain.endswith("youtube.com")}
    assert (expiries["SESSION"], expiries["HOST"], expiries["EXPIRED"]) == (None, None, 1000000000)


def test_session_cookies_expired_ones_and_those_of_other_sites_survive_a_rewrite() -> None:
    once = write_login(read_login(EXPORTED))
    assert lines_of(read_login(once).jar) == lines_of(read_login(EXPORTED).jar)
    assert once == write_login(read_login(once))
    assert "#HttpOnly_.youtube.com\tTRUE\t/\tTRUE\t2000000000\t__Secure-3PSID\tabc.\n" in once


def test_yt_dlp_reads_the_same() -> None:
    theirs = YoutubeDLCookieJar(io.StringIO(write_login(read_login(EXPORTED))))
    theirs.load()
    ours = read_login(EXPORTED).jar
    assert {name: value or "" for name, value in values(theirs).items()} == values(ours)
    assert {one.name: one.expires for one in theirs} == {one.name: one.expires for one in ours}


def test_a_file_without_its_first_line_with_windows_ends_and_a_byte_order_mark_will_do() -> None:
    bare = "\ufeff" + EXPORTED.split("\n\n")[1].replace("\n", "\r\n")
    assert values(read_login(bare).jar) == values(read_login(EXPORTED).jar)


def test_a_file_whose_tabs_became_blanks_in_a_terminal_will_do() -> None:
    assert sapisid(read_login(EXPORTED.replace("\t", "    ")).jar) == "secret/1"


def test_who_is_logged_in_is_told_by_youtubes_cookie_not_by_googles() -> None:
    assert sapisid(read_login(EXPORTED).jar) == "secret/1"
    assert sapisid(of_cookie_header("SAPISID=first; X=1")) == "first"
    assert sapisid(of_cookie_header("SAPISID=first; __Secure-3PAPISID=third")) == "third"
    assert sapisid(jar_of([])) is None


def test_only_youtubes_and_googles_cookies_are_taken_from_a_browser() -> None:
    domains = {
        one.domain for one in login_cookies(read_login(EXPORTED + ".notyoutube.com\tTRUE\t/\tTRUE\t0\ta\tb\n").jar)
    }
    assert domains == {".youtube.com", "music.youtube.com", ".google.com"}


HEADERS = {"Cookie": "SID=a=b; __Secure-3PAPISID=secret/1", "X-Goog-AuthUser": "2", "origin": "https://x", "n": 1}


def test_headers_keep_all_but_the_cookies_values() -> None:
    login = read_login(json.dumps(HEADERS))
    assert (login.auth_user, login.header("origin")) == ("2", "https://x")
    next(one for one in login.jar if one.name == "SID").value = "new"
    login.jar.set_cookie(next(iter(of_cookie_header("TOKEN=t"))))
    assert json.loads(write_login(login)) == HEADERS | {"Cookie": "SID=new; __Secure-3PAPISID=secret/1; TOKEN=t"}


def test_the_account_that_headers_meant_is_kept_in_the_netscape_format_too() -> None:
    login = read_login("# x-goog-authuser: 3\n" + EXPORTED)
    assert login.auth_user == "3"
    assert read_login(write_login(login)).auth_user == "3"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds neither cookies nor browser headers"),
        ("cookie: x", "holds neither cookies nor browser headers"),
        ("{", "is broken JSON"),
        ("[]", "holds no browser headers"),
        ('{"cookie": 3}', "holds no browser headers"),
        ('{"access_token": "x", "refresh_token": "y"}', "holds an OAuth token, which YouTube Music refuses"),
        ('{"cookie": "SID=x"}', "its cookies are of a browser that is not logged in"),
        (".youtube.com\tTRUE\t/\tTRUE\t0\tSID\tabc", "its cookies are of a browser that is not logged in"),
    ],
)
def test_what_is_no_login_is_told(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_login(text)


def test_a_cookie_that_would_break_the_file_stays_out_of_it() -> None:
    jar = of_cookie_header("good=1")
    jar.set_cookie(next(iter(of_cookie_header("bad=1\nevil"))))
    assert netscape(jar).count("\n") == 1


def test_the_clock_costs_no_cookie() -> None:
    jar = read_login(EXPORTED).jar
    jar.clear_expired_cookies()
    assert ".youtube.com EXPIRED" in values(jar)


texts = st.text(st.characters(blacklist_characters="\t\r\n", blacklist_categories=("Cs", "Zs", "Cc", "Zl", "Zp")))
cookies = st.tuples(
    st.sampled_from([".youtube.com", "music.youtube.com", ".google.com", ".example.org"]),
    st.sampled_from(["/", "/x"]),
    texts.filter(bool),
    texts,
    st.sampled_from(["0", "", "1000000000", "2000000000"]),
    st.booleans(),
    st.booleans(),
)


@given(st.lists(cookies, max_size=8))
def test_every_jar_comes_back_from_its_lines(found) -> None:
    text = "\n".join(
        f"{'#HttpOnly_' if hidden else ''}{domain}\tTRUE\t{path}\t{str(secure).upper()}\t{expires}\t{name}\t{value}"
        for domain, path, name, value, expires, secure, hidden in found
    )
    jar = jar_of(of_lines({("", "", str(number)): line for number, line in enumerate(text.split("\n"))}))
    assert len(lines_of(jar)) == len({(domain, path, name) for domain, path, name, *_ in found})
    assert lines_of(jar_of(of_lines(lines_of(jar)))) == lines_of(jar)


states = st.dictionaries(st.sampled_from("abcd").map(lambda name: ("d", "/", name)), st.sampled_from("123"))


@given(states, states, states)
def test_two_writers_keep_each_others_changes(base, ours, theirs) -> None:
    both = merged(base, ours, theirs)
    for key in base.keys() | ours.keys() | theirs.keys():
        mine, their = ours.get(key), theirs.get(key)
        if mine == base.get(key):
            assert both.get(key) == their, "who changed nothing has no say"
        elif their == base.get(key) or mine is not None:
            assert both.get(key) == mine
        else:
            assert both.get(key) == their, "taken back here, renewed there: it lives"


def test_no_cookie_shows_where_a_login_is_printed() -> None:
    assert "secret" not in repr(read_login(EXPORTED)) + repr(read_login(json.dumps(HEADERS)))
