"""What can be configured, with the defaults. Pure values: nothing here opens a file or reads the environment.

A key set to null means its default, so a key without a value in the YAML file is no mistake.
"""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    model_validator,
)

from mpdbridge.text import one_line
from mpdbridge.urls import ProxyUrls, TrackUris

# What MPD can decode, what the relay can fetch in ranges: Opus 256k and 160k, AAC 256k and 128k, then whatever comes
# as one file over HTTP (no HLS or DASH segments). The first of each pair needs a Premium login.
DEFAULT_FORMAT = (
    "774/251/141/140/bestaudio[protocol^=http][protocol!*=dash]/best[protocol^=http][protocol!*=dash]"
)  # fmt: skip


def _no_bool(value: object) -> object:
    # YAML 1.1 reads yes, no, on and off as booleans, and Python takes a boolean for 1 or 0.
    if isinstance(value, bool):
        raise ValueError("write a number")  # noqa: TRY004  # pydantic collects ValueErrors only
    return value


def _off(value: object) -> object:
    # YAML 1.1 reads off as a boolean.
    return "off" if value is False else value


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


def _bare_host(value: str) -> str:
    if "/" in value or "[" in value or " " in value:
        raise ValueError("write a host name or an address alone, e.g. localhost or 0.0.0.0")
    return value


def _mpd_host(value: str) -> str:
    if "@" in value[1:]:
        raise ValueError("write the password as mpd.password, and here what stands behind the @")
    if "://" in value:
        raise ValueError("write a host name, an address, or the path of MPD's socket")
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
    if any(part in ("", ".", "..") or part.startswith(".") for part in value.split("/")):
        raise ValueError('write a folder inside of the music directory, e.g. "YouTube Music"')
    return value


FilePath = Annotated[Path, AfterValidator(_expanded)]
Count = Annotated[int, BeforeValidator(_no_bool)]
Amount = Annotated[float, BeforeValidator(_no_bool), Field(gt=0, allow_inf_nan=False)]
Line = Annotated[str, AfterValidator(_one_line)]
Link = Annotated[str, AfterValidator(_one_line), AfterValidator(_http_url)]


class Section(BaseModel):
    """One mapping of the YAML file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_the_default(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if value is not None or key not in cls.model_fields}


class MpdSettings(Section):
    """Where MPD is; what is None here is found as every MPD client finds it (`mpd.address`)."""

    host: Annotated[Line, AfterValidator(_mpd_host)] | None = None
    port: Annotated[Count, Field(ge=1, le=65535)] | None = None
    password: SecretStr | None = None
    timeout_seconds: Amount = 10
    playlist_directory: FilePath | None = None
    music_directory: FilePath | None = None


class ProxySettings(Section):
    """The relay.

    Tests that want a port of the operating system's choice take `model_copy(update={"port": 0})`.
    """

    enabled: bool = True
    host: Annotated[Line, AfterValidator(_bare_host)] = "localhost"
    port: Annotated[Count, Field(ge=1024, le=65535)] = 8080
    advertise: Annotated[Line, AfterValidator(_base_url)] | None = None
    track_mapping_db: FilePath = Field(default_factory=lambda: platformdirs.user_data_path("mpdbridge") / "tracks.db")
    icy: Literal["auto", "always", "never"] = "auto"
    icy_metaint: Annotated[Count, Field(ge=256, le=1_048_576)] = 16000
    max_streams: Annotated[Count, Field(ge=1)] = 10
    head_cache_mb: Annotated[Count, Field(ge=0)] = 512
    cover_cache_mb: Annotated[Count, Field(ge=0)] = 128
    upstream_range_mib: Annotated[Count, Field(ge=1, le=10)] = 10

    @property
    def urls(self) -> ProxyUrls:
        """The URLs under which MPD reaches a relay with these settings."""
        return ProxyUrls.for_listener(self.host, self.port, self.advertise)


class WatchSettings(Section):
    """What `watch` does to MPD's queue, beside its tags."""

    durations: bool = True
    links: Literal["youtube", "all", "none"] = "youtube"
    autoplay: Annotated[Literal["off", "radio"], BeforeValidator(_off)] = "off"
    autoplay_below: Annotated[Count, Field(ge=1)] = 3


class PlaylistFilter(Section):
    """Names or ids of playlists, shell patterns; an empty `include` means all of them."""

    include: tuple[Line, ...] = ()
    exclude: tuple[Line, ...] = ()


class SyncSettings(Section):
    """What is published in MPD, and how often."""

    interval_minutes: Amount = 30
    playlist_prefix: Annotated[str, AfterValidator(_name_part)] = "YT: "
    prune: bool = True
    playlists: PlaylistFilter = Field(default_factory=PlaylistFilter)


class LibrarySettings(Section):
    """Library mode: tracks become songs of MPD's database, by CUE sheets in its music directory."""

    enabled: bool = False
    folder: Annotated[Line, AfterValidator(_folder)] = "YouTube Music"


class ResolverSettings(Section):
    """How streams are found; what goes to yt-dlp."""

    format: Line = DEFAULT_FORMAT
    timeout_seconds: Amount = 30
    refresh_hours: Amount = 5
    prefetch: Annotated[Count, Field(ge=0)] = 2
    max_per_hour: Annotated[Count, Field(ge=1)] = 200
    extractor_args: dict[str, dict[str, list[str]]] = Field(default_factory=dict)
    cookies_file: FilePath | None = None
    use_login: bool = True


class YTMusicLibrary(Section):
    """What is taken of a login's library."""

    playlists: bool = True
    liked: bool = True
    albums: bool = False
    uploads: bool = False


class YTMusicSettings(Section):
    """YouTube Music. `enabled` is on by itself as soon as a login or a playlist is given."""

    enabled: bool = False
    auth_file: FilePath | None = None
    language: Line = "en"
    account: Line | None = None
    playlists: tuple[Line, ...] = ()
    library: YTMusicLibrary = Field(default_factory=YTMusicLibrary)
    prefer: Literal["audio", "video", "as-is"] = "as-is"

    @model_validator(mode="before")
    @classmethod
    def _enabled_when_configured(cls, data: Any) -> Any:
        if not isinstance(data, dict) or data.get("enabled") is not None:
            return data
        return {**data, "enabled": True if data.get("auth_file") or data.get("playlists") else None}

    @property
    def login_file(self) -> Path:
        """Where `mpdbridge auth` keeps the login."""
        return self.auth_file or platformdirs.user_data_path("mpdbridge") / "cookies.txt"


class WebPlaylist(Section):
    """A playlist of our making from links that yt-dlp can list or play; a single `url` is a list of one."""

    name: Line
    urls: Annotated[tuple[Link, ...], AfterValidator(_some)]

    @model_validator(mode="before")
    @classmethod
    def _one_url_is_a_list(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "url" not in data:
            return data
        rest = {key: value for key, value in data.items() if key != "url"}
        if data["url"] is None:
            return rest
        if rest.get("urls") is not None:
            raise ValueError("write either url or urls")
        return {**rest, "urls": [data["url"]]}


class WebSettings(Section):
    """Everything else that yt-dlp knows."""

    playlists: tuple[WebPlaylist, ...] = ()

    @model_validator(mode="after")
    def _names_differ(self) -> "WebSettings":
        doubled = [name for name, count in Counter(each.name for each in self.playlists).items() if count > 1]
        if doubled:
            raise ValueError(f"two playlists are named {', '.join(doubled)}: give each a name of its own")
        return self


class DemoSettings(Section):
    """The embedded demo music."""

    enabled: bool = False


class SourcesSettings(Section):
    """Where playlists come from."""

    ytmusic: YTMusicSettings = Field(default_factory=YTMusicSettings)
    web: WebSettings = Field(default_factory=WebSettings)
    demo: DemoSettings = Field(default_factory=DemoSettings)

    @property
    def any(self) -> bool:
        """Whether there is anything to sync."""
        return self.ytmusic.enabled or bool(self.web.playlists) or self.demo.enabled


class LogSettings(Section):
    """What is logged, and how it looks."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "console", "json"] = "auto"


class Settings(Section):
    """The whole configuration."""

    mpd: MpdSettings = Field(default_factory=MpdSettings)
    proxy: ProxySettings = Field(default_factory=ProxySettings)
    watch: WatchSettings = Field(default_factory=WatchSettings)
    sync: SyncSettings = Field(default_factory=SyncSettings)
    library: LibrarySettings = Field(default_factory=LibrarySettings)
    resolver: ResolverSettings = Field(default_factory=ResolverSettings)
    sources: SourcesSettings = Field(default_factory=SourcesSettings)
    log: LogSettings = Field(default_factory=LogSettings)

    @property
    def uris(self) -> TrackUris:
        """All URIs by which MPD may know a track of ours, also while library mode is off."""
        urls = self.proxy.urls
        return TrackUris(urls.base, urls.aliases, (self.library.folder,))

    @property
    def streams_login(self) -> Path | None:
        """The login that streams are looked up with, if there is one in this file; None: as a guest."""
        return self.sources.ytmusic.login_file if self.sources.ytmusic.enabled and self.resolver.use_login else None
