"""What a value in the configuration may be, whichever section it stands in. A ValueError's text tells the fix."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from mpdbridge.text import one_line


def _no_bool(value: object) -> object:
    # YAML 1.1 reads yes, no, on and off as booleans, and Python takes a boolean for 1 or 0.
    if isinstance(value, bool):
        raise ValueError("write a number")  # noqa: TRY004  # pydantic collects ValueErrors only
    return value


def _expanded(path: Path, info: ValidationInfo) -> Path:
    """`path` with ~ resolved; a relative one stands in the configuration file's folder, wherever we are started."""
    try:
        folder: Path = (info.context or {}).get("folder", Path())
        return folder / path.expanduser()
    except RuntimeError:
        raise ValueError("there is no such user: write the path without ~") from None


def _one_line(value: str) -> str:
    if not value or value != one_line(value):
        raise ValueError("write one line of text, without space at its ends")
    return value


def _without_port(value: str) -> str:
    if value.count(":") == 1:  # an IPv6 address has more of them
        raise ValueError("write the host alone, and the port as the key `port` beside it")
    return value


def _bare_host(value: str) -> str:
    if "/" in value or "[" in value or " " in value:
        raise ValueError("write a host name or an address alone, e.g. localhost or 0.0.0.0")
    return _without_port(value)


def _mpd_host(value: str) -> str:
    if "@" in value[1:]:
        raise ValueError("write the password as mpd.password, and here what stands behind the @")
    if "://" in value:
        raise ValueError("write a host name, an address, or the path of MPD's socket")
    if not value.startswith(("/", "~", "@")):
        return _without_port(value)
    return str(Path(value).expanduser()) if value.startswith("~") else value


def _http_url(value: str) -> str:
    parts = urlsplit(value)  # a ValueError of its own for a broken IPv6 address
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("write a whole link, with http:// or https:// in front")
    return value


def _base_url(value: str) -> str:
    parts = urlsplit(_http_url(value))
    if parts.query or parts.fragment or parts.username is not None or " " in value:
        raise ValueError("write only scheme, host, port and path, e.g. http://192.168.1.5:8080")
    return value.rstrip("/")


def _some(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise ValueError("name at least one")
    return value


def _name_part(value: str) -> str:
    if "/" in value or "\n" in value or "\r" in value:
        raise ValueError("MPD's playlist names take no / and no line break: leave it out")
    return value


def _folder(value: str) -> str:
    if any(not part or part.startswith(".") for part in value.split("/")):
        raise ValueError('write a folder inside of the music directory, e.g. "YouTube Music"')
    return value


FilePath = Annotated[Path, AfterValidator(_expanded)]
Count = Annotated[int, BeforeValidator(_no_bool)]
Amount = Annotated[float, BeforeValidator(_no_bool), Field(gt=0, allow_inf_nan=False)]
Line = Annotated[str, AfterValidator(_one_line)]
Link = Annotated[Line, AfterValidator(_http_url)]
Links = Annotated[tuple[Link, ...], AfterValidator(_some)]
Host = Annotated[Line, AfterValidator(_bare_host)]
MpdHost = Annotated[Line, AfterValidator(_mpd_host)]
BaseUrl = Annotated[Line, AfterValidator(_base_url)]
Port = Annotated[Count, Field(ge=1, le=65535)]
NamePart = Annotated[str, AfterValidator(_name_part)]
Folder = Annotated[Line, AfterValidator(_folder)]
