"""Typed settings from one YAML file. Every key is optional; whatever is wrong is told at once, with the fix."""

from mpdbridge.config.example import example_config
from mpdbridge.config.loading import default_config_path, load_settings
from mpdbridge.config.settings import (
    DemoSettings,
    LibrarySettings,
    MpdSettings,
    PlaylistFilter,
    ProxySettings,
    ResolverSettings,
    Settings,
    SourcesSettings,
    SyncSettings,
    WebPlaylist,
    WebSettings,
    YTMusicLibrary,
    YTMusicSettings,
)

__all__ = [
    "DemoSettings",
    "LibrarySettings",
    "MpdSettings",
    "PlaylistFilter",
    "ProxySettings",
    "ResolverSettings",
    "Settings",
    "SourcesSettings",
    "SyncSettings",
    "WebPlaylist",
    "WebSettings",
    "YTMusicLibrary",
    "YTMusicSettings",
    "default_config_path",
    "example_config",
    "load_settings",
]
