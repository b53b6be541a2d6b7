"""The verbs' tools: a private mpd, a small music.youtube.com with a library, and a configuration that means both."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from support.innertube import BROWSER_HEADERS, FakeInnerTube, FakePlaylist, Song
from support.mpd_process import MpdProcess, free_port

from mpdbridge.config import Settings
from mpdbridge.control.tools import Tools, open_tools

SONGS = [Song(video_id=f"blue-{n:06}", title=f"Blue {n}", artists=("Miles",), album="Kind of Blue") for n in range(8)]


@pytest.fixture
def library(tube: FakeInnerTube) -> FakeInnerTube:
    """Eight songs, of which the last three are liked."""
    tube.songs = {song.video_id: song for song in SONGS}
    tube.playlists["LM"] = FakePlaylist("Liked Music", SONGS[5:], announced=None)
    tube.library = ["LM"]
    return tube


@pytest.fixture
def configured(tmp_path: Path, mpd: MpdProcess) -> dict[str, Any]:
    headers = tmp_path / "browser.json"
    headers.write_text(json.dumps(BROWSER_HEADERS))
    headers.chmod(0o600)
    return {
        "mpd": {"host": str(mpd.socket)},
        "proxy": {"port": free_port(), "track_mapping_db": str(tmp_path / "t.db")},
        "sources": {"ytmusic": {"auth_file": str(headers)}},
    }


@pytest.fixture
async def tools(library: FakeInnerTube, configured: dict[str, Any]) -> AsyncIterator[Tools]:
    async with open_tools(Settings.model_validate(configured)) as opened:
        yield opened
