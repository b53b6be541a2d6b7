"""What can be configured, with the defaults. Pure values: nothing here opens a file or reads the environment.

A key set to null means its default, so a key without a value in the YAML file is no mistake.
"""

from collections import Counter
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from mpdbridge.config.values import Amount, BaseUrl, Count, FilePath, Folder, Host, Line, Links, MpdHost, NamePart, Port
from mpdbridge.urls import ProxyUrls, TrackUris

# What MPD can decode, what the relay can fetch in ranges: Opus 256k and 160k, AAC 256k and 128k, then whatever comes
# as one file over HTTP (no HLS or DASH segments). The first of each pair needs a Premium login.
DEFAULT_FORMAT = (
    "774/251/141/140/bestaudio[protocol^=http][protocol!*=dash]/best[protocol^=http][protocol!*=dash]"
)  # fmt: skip


def _off(value: object) -> object:
    # YAML 1.1 reads off as a boolean.
    return "off" if value is False else value


class Section(BaseModel):
    """One mapping of the YAML file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_the_default(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if value is not None or key not in cls.model_fields}


class MpdSettings(Section):
    """Where MPD is; what is None here is found as every MPD client finds it (`mpd.address`)."""

    host: MpdHost | None = None
    port: Port | None = None
    password: SecretStr | None = None
    timeout_seconds: Amount = 10
    playlist_directory: FilePath | None = None
    music_directory: FilePath | None = None


class ProxySettings(Section):
    """The relay.

    Tests that want a port of the operating system's choice take `model_copy(update={"port": 0})`.
    """

    enabled: bool = True
    host: Host = "localhost"
    port: Annotated[Count, Field(ge=1024, le=65535)] = 8080
    advertise: BaseUrl | None = None
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
    history: bool = False


class PlaylistFilter(Section):
    """Names or ids of playlists, shell patterns; an empty `include` means all of them."""

    include: tuple[Line, ...] = ()
    exclude: tuple[Line, ...] = ()


class SyncSettings(Section):
    """What is published in MPD, and how often."""

    interval_minutes: Amount = 30
    playlist_prefix: NamePart = "YT: "
    prune: bool = True
    playlists: PlaylistFilter = Field(default_factory=PlaylistFilter)


class LibrarySettings(Section):
    """Library mode: tracks become songs of MPD's database, by CUE sheets in its music directory."""

    enabled: bool = False
    folder: Folder = "YouTube Music"


class ResolverSettings(Section):
    """How streams are found; what goes to yt-dlp."""

    format: Line = DEFAULT_FORMAT
    timeout_seconds: Amount = 30
    refresh_hours: Amount = 5
    prefetch: Annotated[Count, Field(ge=0)] = 2
    max_per_hour: Annotated[Count, Field(ge=1)] = 200
    use_login: bool = True
    cookies_file: FilePath | None = None
    extractor_args: dict[str, dict[str, list[str]]] = Field(default_factory=dict)


class YTMusicLibrary(Section):
    """What is taken of a login's library."""

    playlists: bool = True
    liked: bool = True
    albums: bool = False
    uploads: bool = False


class YTMusicSettings(Section):
    """YouTube Music. `enabled` is on by itself as soon as a login or a playlist is given."""

    enabled: bool = False
    playlists: tuple[Line, ...] = ()
    auth_file: FilePath | None = None
    library: YTMusicLibrary = Field(default_factory=YTMusicLibrary)
    prefer: Literal["audio", "video", "as-is"] = "as-is"
    language: Line = "en"
    account: Line | None = None

    @model_validator(mode="before")
    @classmethod
    def _enabled_when_configured(cls, data: object) -> object:
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
    urls: Links

    @model_validator(mode="before")
    @classmethod
    def _one_url_is_a_list(cls, data: object) -> object:
        if isinstance(data, str):
            raise ValueError("write `name: …` and `url: …` instead of the link alone")  # noqa: TRY004  # for pydantic
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
    """The whole configuration, in the order in which README and the example tell it."""

    sources: SourcesSettings = Field(default_factory=SourcesSettings)
    mpd: MpdSettings = Field(default_factory=MpdSettings)
    proxy: ProxySettings = Field(default_factory=ProxySettings)
    watch: WatchSettings = Field(default_factory=WatchSettings)
    sync: SyncSettings = Field(default_factory=SyncSettings)
    library: LibrarySettings = Field(default_factory=LibrarySettings)
    resolver: ResolverSettings = Field(default_factory=ResolverSettings)
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
