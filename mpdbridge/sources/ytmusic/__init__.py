"""YouTube Music through ytmusicapi, of which this room is the only user."""

from mpdbridge.sources.ytmusic.account import probe
from mpdbridge.sources.ytmusic.source import YTMusicSource

__all__ = ["YTMusicSource", "probe"]
