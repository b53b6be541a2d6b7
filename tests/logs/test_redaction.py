"""Redaction: a secret is not in what comes out, wherever it was put; what is no secret can still be read."""

import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict
from pydantic import SecretStr

from mpdbridge.logs import redact, redact_text
from mpdbridge.models import Stream

SECRET = "AJfQdSsw-XyZ_0123"

# Every way in which a secret was ever seen to reach a log line.
LEAKS = [
    "https://rr3---sn-4g5e6nzz.googlevideo.com/videoplayback?expire=1763&ip=1.2.3.4&sig={}&lsig=x",
    "https://manifest.googlevideo.com/api/manifest/hls/expire/17/sig/{}/file/index.m3u8",
    "HTTPS://RR3---SN.GOOGLEVIDEO.COM/videoplayback?n={}",
    "https://cdn.example.org/a.mp3?Expires=17&Signature={}&Key-Pair-Id=K",
    "https://cdn.example.org/a.mp3?auth_token={}",
    "https://bucket.s3.example/a.mp3?X-Amz-Signature={}",
    "https://cdn.example.org/a.mp3#access_token={}",
    "https://user:{}@example.org/a.mp3",
    "https://[broken/{}",
    "https://www.youtube.com/redirect?q=https%3A%2F%2Frr1.googlevideo.com%2Fvideoplayback%3Fsig%3D{}",
    "url=https%3A%2F%2Frr1.googlevideo.com%2Fvideoplayback%3Fsig%3D{}",
    "GET failed: <https://rr1.googlevideo.com/videoplayback?sig={}>",
    "'https://rr1.googlevideo.com/videoplayback?sig={}'",
    "Cookie: SID=a; __Secure-3PAPISID={}; HSID=b",
    "cookie: a={}",
    "Set-Cookie: x={}; Path=/",
    "{{'Cookie': 'a={}; b=c', 'Accept': '*/*'}}",
    '{{"cookie": "a=\\"{}\\"; b=c", "accept": "*/*"}}',
    '"{{\\"Cookie\\": \\"a={}\\"}}"',
    "<CIMultiDictProxy('Set-Cookie': 'a={}; Path=/')>",
    "[('Cookie', 'a={}')]",
    "(b'Authorization', b'x {}')",
    "Authorization: SAPISIDHASH 17_{} SAPISID1PHASH 17_{}",
    "authorization: Bearer {}",
    "sent SAPISIDHASH 1700000000_{}",
    "got __Secure-1PSID={} from the jar",
    "SAPISID={}",
    "LOGIN_INFO={}",
    "password={}",
    "password: '{}'",
    "{{'password': '{}'}}",
    '{{\\"token\\": \\"{}\\"}}',
    'MPD command password "{}" failed',
    "Calling MPD password('{}')",
    "api_key={}",
    "client_secret: {}",
    "signature={}&x=1",
]

leaks = st.sampled_from(LEAKS).map(lambda leak: leak.replace("{}", SECRET).replace("{{", "{").replace("}}", "}"))
words = st.text(st.characters(codec="utf-8", exclude_characters="\"'\\"), max_size=12)


@dataclass
class Holder:
    inner: object


class RefusedError(Exception):
    pass


WRAPPERS = [
    lambda leak: leak,
    lambda leak: leak.encode(),
    lambda leak: [leak],
    lambda leak: (1, leak),
    lambda leak: {"message": leak},
    lambda leak: {"a": [{"b": (leak,)}]},
    lambda leak: {leak: 1},
    RefusedError,
    lambda leak: OSError(5, "refused", leak),
    Holder,
    lambda leak: {"cookies": leak},
    lambda leak: json.dumps({"a": leak}),
    lambda leak: ExceptionGroup("all", [ValueError(leak)]).exceptions,
]


@pytest.mark.parametrize("leak", LEAKS)
def test_each_known_leak_is_closed(leak):
    text = leak.replace("{}", SECRET).replace("{{", "{").replace("}}", "}")
    assert SECRET not in redact_text(text)
    assert "redacted" in redact_text(text)


@given(leaks, st.sampled_from(WRAPPERS), words, words)
def test_no_secret_survives_in_any_value(leak, wrap, before, after):
    value = wrap(f"{before} {leak} {after}")
    assert SECRET not in json.dumps(redact(value))


@given(
    st.recursive(leaks, lambda inner: st.lists(inner) | st.dictionaries(words, inner) | inner.map(str), max_leaves=8)
)
def test_no_secret_survives_however_deep_it_lies(value):
    assert SECRET not in json.dumps(redact(value))


@pytest.mark.parametrize("key", ["Cookie", "set-cookie", "AUTHORIZATION", "password", "auth_token", "sig", "api-key"])
def test_a_telling_key_hides_its_value_whatever_it_is(key):
    for value in (SECRET, [SECRET], {"x": SECRET}, Holder(SECRET), SECRET.encode()):
        assert redact({key: value}) == {key: "[redacted]"}
    assert redact([(key, SECRET)]) == [[key, "[redacted]"]]


def test_headers_of_a_request_are_redacted():
    assert redact(CIMultiDict({"Cookie": SECRET, "Range": "bytes=0-1"})) == {
        "Cookie": "[redacted]",
        "Range": "bytes=0-1",
    }


def test_a_stream_can_be_logged():
    shown = str(redact(Stream(url=LEAKS[0].replace("{}", SECRET), resolved_at=1.0, headers={"Cookie": SECRET})))
    assert SECRET not in shown
    assert "rr3---sn-4g5e6nzz.googlevideo.com" in shown


def test_a_secret_of_the_settings_stays_one():
    assert SECRET not in str(redact({"value": SecretStr(SECRET)}))


def test_a_structure_that_holds_itself_ends():
    loop = {"a": SECRET}
    loop["self"] = loop
    assert "self" in str(redact(loop))


@pytest.mark.parametrize(
    "text",
    [
        "https://music.youtube.com/watch?v=oLtmHdXKIYE",
        "https://music.youtube.com/playlist?list=PL123",
        "http://localhost:8080/proxy/oLtmHdXKIYE/Tommy Guerrero - Thin Brown Layer",
        "YT: Demo – Ágætis byrjun, 'live' (2004)",
        "Kate Bush - The Man with the Cookie Jar",
        "basically a bearer of good news",
        "cookies_file is older than a day",
    ],
)
def test_what_is_no_secret_stays_as_it_is(text):
    assert redact_text(text) == text


def test_plain_values_keep_their_type():
    value = {"n": None, "t": True, "i": 3, "f": 0.5, "l": [1, 2], "cookies_file": "/home/a/c.txt"}
    assert redact(value) == value


@given(st.text())
def test_any_text_can_be_redacted_and_twice_is_once(text):
    assert redact_text(redact_text(text)) == redact_text(text)
