"""What must never be read in a log: signed URLs, cookies, authorization headers, passwords. Pure.

Whoever finds one in a bug report could play at the user's cost, or log in as the user. So every value passes here on
its way out, whatever its type and however deep it lies. Where text is ambiguous too much is hidden, not too little.
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

HIDDEN = "[redacted]"
_DEPTH = 8  # deeper than anything we log; ends a structure that holds itself

# A key with one of these words in it hides its value, unless it names a file: `set-cookie`, but not `cookies_file`.
_SECRET_WORDS = frozenset({"apikey", "authorization", "cookie", "cookies", "credentials", "key", "lsig", "passwd"})
_SECRET_WORDS |= {"password", "sapisid", "secret", "sig", "signature", "token"}
# Of links that people write; every other parameter may be a signature.
_HARMLESS_PARAMETERS = frozenset({"v", "list", "t", "index"})

# Ends at a quote without a backslash before it, however often the text was quoted.
_QUOTED = r"\"(?:[^\"]|(?<=\\)\")*\"?|'(?:[^']|(?<=\\)')*'?"
_ESCAPED = r"\\+[\"'][^\"'\\]*"  # what was quoted once more as a part of something else
_IS = r"\\*[\"']?\s*[:=,]\s*b?"  # stands between key and value, in headers, JSON, and what Python prints
_WORDS = r"(?:\b|_)(?:password|passwd|secret|token|signature|l?sig|api_?key|credentials)"
_PATTERNS = {
    # An URL that is percent-encoded inside another one
    r"\bhttps?%3A[^\s\"'<>]*": HIDDEN,
    # A header; a value without quotes ends with the line
    rf"((?:cookies?|authorization){_IS})(?:{_QUOTED}|[^\n]*)": rf"\1{HIDDEN}",
    r"\b(SAPISID\w*HASH|Bearer|Basic|Digest)\s+[\w.~+/=-]{12,}": rf"\1 {HIDDEN}",
    # Google's login cookies, wherever they stand
    r"\b(__(?:Secure|Host)-[\w-]{1,40}|\w{0,20}SAPISID|[HS]?SID(?:CC|TS)?|LOGIN_INFO)=[^;\s\"',]+": rf"\1={HIDDEN}",
    # MPD's own command, and a call of it
    rf"\b(password)(?:\s+|\()(?:{_QUOTED}|{_ESCAPED})": rf"\1 {HIDDEN}",
    rf"({_WORDS}{_IS})(?:{_QUOTED}|{_ESCAPED}|[^\s&;,\"'\\]+)": rf"\1{HIDDEN}",
}
_RULES = tuple((re.compile(pattern, re.IGNORECASE), replacement) for pattern, replacement in _PATTERNS.items())
_HARMLESS = re.compile(r"[\w.-]*")  # each rule needs some other character as well
_URL = re.compile(r"\b(?:https?|wss?|ftp)://[^\s\"'<>\\]+", re.IGNORECASE)


def redact(value: object, *, depth: int = _DEPTH) -> object:
    """`value` without secrets, as what JSON knows: text, numbers, lists and mappings; the rest becomes text."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping) and depth:
        return {
            redact_text(_text(key)): HIDDEN if _is_secret(key) else redact(item, depth=depth - 1)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset) and depth:
        items = list(value)
        if len(items) == 2 and _is_secret(items[0]):  # a header as a pair
            return [redact_text(_text(items[0])), HIDDEN]
        return [redact(item, depth=depth - 1) for item in items]
    return redact_text(_text(value))


def redact_text(text: str) -> str:
    """`text` with every secret in it replaced; what it was, and of which host, can still be told."""
    if _HARMLESS.fullmatch(text):
        return text
    text = _URL.sub(lambda found: redact_url(found[0]), text)
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def redact_url(url: str) -> str:
    """`url` without user, fragment, and any query but a harmless one; a stream's path goes, too."""
    try:
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:  # a broken IPv6 address
        return HIDDEN
    user, _, host = parts.netloc.rpartition("@")
    if host.lower().partition(":")[0].endswith("googlevideo.com") or "/videoplayback" in parts.path:
        return f"{parts.scheme}://{host}/{HIDDEN}"
    plain = f"{parts.scheme}://{HIDDEN + '@' if user else ''}{host}{parts.path}"
    if parts.fragment or not all(key in _HARMLESS_PARAMETERS for key, _ in query):
        return f"{plain}?{HIDDEN}"
    return f"{plain}?{parts.query}" if query else plain


def _is_secret(key: object) -> bool:
    words = set(re.split(r"[^a-z]+", _text(key).lower())) if isinstance(key, str | bytes) else set()
    return not words.isdisjoint(_SECRET_WORDS) and words.isdisjoint({"file", "path"})


def _text(value: object) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)
