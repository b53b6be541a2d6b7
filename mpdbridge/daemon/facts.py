"""What /health, and through it `status` and systemd, tells of the parts beside the relay."""

from collections.abc import Mapping
from dataclasses import asdict

from mpdbridge.daemon.followers import Follower
from mpdbridge.daemon.parts import Parts


class HealthFacts:
    """Calling it gives the facts of this moment, by part."""

    def __init__(self, parts: Parts, followers: Mapping[str, Follower]) -> None:
        self._parts = parts
        self._followers = followers

    def __call__(self) -> Mapping[str, Mapping[str, object]]:
        parts, last = self._parts, self._parts.periodic.last
        synced = last and {
            "via": last.via,
            "failed": last.failed,
            "playlists": len(last.playlists),
            "sources_failed": [asdict(trouble) for trouble in last.sources_failed],
        }
        return {
            "mpd": {
                "address": str(parts.tagger.address),
                "tagger": parts.tagger.state,
                "reason": parts.tagger.reason,
            },
            "resolver": asdict(parts.resolver.state),
            "sync": {"last": synced, "error": parts.periodic.last_error},
            **{name: follower.facts for name, follower in self._followers.items()},
        }
