"""`mpdbridge demo` is the demo and nothing else, whatever the configuration says."""

from mpdbridge.cli.demo import only_demo
from mpdbridge.config import DemoSettings, PlaylistFilter, Settings, SourcesSettings

CONFIGURED = Settings.model_validate(
    {
        "proxy": {"enabled": False, "port": 9000},
        "sync": {"prune": False, "playlist_prefix": "♪ ", "playlists": {"include": ["Mix"]}},
        "sources": {"ytmusic": {"playlists": ["PLxxxxxxxxxxxx"]}},
    }
)


def test_it_plays_through_a_relay_of_its_own_and_leaves_other_sources_alone() -> None:
    demo = only_demo(CONFIGURED)
    assert demo.sources == SourcesSettings(demo=DemoSettings(enabled=True))
    assert (demo.proxy.enabled, demo.proxy.port) == (True, 9000)
    assert (demo.sync.prune, demo.sync.playlists, demo.sync.playlist_prefix) == (True, PlaylistFilter(), "♪ ")


def test_to_remove_it_none_of_its_playlists_is_wanted() -> None:
    removing = only_demo(CONFIGURED, remove=True)
    assert (removing.sync.prune, removing.sync.playlists) == (True, PlaylistFilter(exclude=("*",)))
