"""Headers as browsers' developer tools copy them."""

import json

import pytest

from mpdbridge.cookies import LoginJar
from mpdbridge.sources.ytmusic.pasted import login_of

COOKIE = "SID=a.b; __Secure-3PAPISID=secret/1; PREF=tz=Europe.Berlin"
RAW = f"""\
POST /youtubei/v1/browse?prettyPrint=false HTTP/2
Host: music.youtube.com
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0)
Accept: */*
X-Goog-AuthUser: 1
Authorization: SAPISIDHASH 1700000000_abc
Cookie: {COOKIE}
"""
CHROME = f"""\
:authority
music.youtube.com
:method
POST
accept
*/*
cookie
{COOKIE}
x-goog-authuser
1
"""
CHROME_WITH_COLONS = f":authority: music.youtube.com\naccept:\n*/*\ncookie:\n{COOKIE}\nx-goog-authuser:\n1\n"
CURL = f"""\
curl 'https://music.youtube.com/youtubei/v1/browse?prettyPrint=false' \\
  --compressed -X POST \\
  -H 'accept: */*' \\
  -H $'x-goog-authuser: 1' \\
  -b '{COOKIE}' \\
  --data-raw '{{"context":{{}}}}'
"""
CURL_FOR_CMD = f"""\
curl ^"https://music.youtube.com/youtubei/v1/browse?prettyPrint=false&x=50^%^" ^
  -X ^"POST^" ^
  -H ^"x-goog-authuser: 1^" ^
  -b ^"{COOKIE}^" ^
  --data-raw ^"^{{^\\^"context^\\^":^{{^}}^}}^"
"""
FIREFOX_JSON = json.dumps(
    {
        "Request Headers (2.1 kB)": {
            "headers": [{"name": "Cookie", "value": COOKIE}, {"name": "X-Goog-AuthUser", "value": "1"}]
        }
    }
)


def values(jar: LoginJar) -> dict[str, str | None]:
    return {one.name: one.value for one in jar}


@pytest.mark.parametrize(
    "text",
    [
        RAW,
        RAW.replace("\n", "\r\n"),
        RAW.lower().replace(COOKIE.lower(), COOKIE),
        CHROME,
        CHROME_WITH_COLONS,
        CURL,
        CURL.replace("-b '", "-H 'Cookie: "),
        CURL_FOR_CMD,
        json.dumps({"Cookie": COOKIE, "X-Goog-AuthUser": "1"}),
        FIREFOX_JSON,
    ],
    ids=[
        "raw",
        "crlf",
        "lower case",
        "chrome",
        "chrome with colons",
        "curl",
        "curl -H",
        "curl cmd",
        "json",
        "firefox json",
    ],
)
def test_every_form_gives_the_same_login(text: str) -> None:
    login = login_of(text)
    assert values(login.jar) == {"SID": "a.b", "__Secure-3PAPISID": "secret/1", "PREF": "tz=Europe.Berlin"}
    assert (login.auth_user, login.headers) == ("1", None)
    assert {one.domain for one in login.jar} == {".youtube.com"}


def test_cookies_in_several_headers_are_all_taken() -> None:
    split = COOKIE.replace("; ", "\ncookie: ")
    assert values(login_of(f"accept: */*\ncookie: {split}").jar) == values(login_of(COOKIE).jar)


@pytest.mark.parametrize("bang", ["!", r"\u0021", r"\x21", r"\041"])
def test_what_curl_commands_escape_is_read_as_a_shell_does(bang: str) -> None:
    login = login_of(rf"curl 'https://music.youtube.com/' -H 'x: $' -b $'a=\'{bang}\\; {COOKIE}'")
    assert values(login.jar)["a"] == "'!\\"


@pytest.mark.parametrize("text", [COOKIE, f"cookie: {COOKIE}", f"  {COOKIE}\n"])
def test_the_cookies_alone_will_do(text: str) -> None:
    assert values(login_of(text).jar)["__Secure-3PAPISID"] == "secret/1"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is no `cookie` among these headers: copy the request headers of"),
        ("accept: */*", "there is no `cookie`"),
        ("{broken", "there is no `cookie`"),
        ("curl 'https://music.youtube.com/", "there is no `cookie`"),
        ("cookie: SID=a; __Secure-3PAPISID=secr…secret", "the cookies in these headers are not whole"),
        ('{"cookie": "__Secure-3PAPISID=secret\\ud800"}', "are not whole"),
        ("cookie: SID=secret", "the cookies in these headers are not those of a login"),
    ],
)
def test_what_is_missing_is_told_and_nothing_of_what_there_is(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        login_of(text)
    assert "secret" not in str(caught.value)
