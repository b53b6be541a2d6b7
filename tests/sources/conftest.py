"""Sources of YouTube Music, and a login for them."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.innertube import BROWSER_HEADERS, FakeInnerTube
from support.music_source import Make, making


@pytest.fixture
async def make(tube: FakeInnerTube) -> AsyncIterator[Make]:
    async with making(tube) as make:
        yield make


@pytest.fixture
def auth_file(tmp_path: Path) -> Path:
    path = tmp_path / "browser.json"
    path.write_text(json.dumps(BROWSER_HEADERS))
    path.chmod(0o600)
    return path
