import json

import pytest
from support.mpd_process import free_port


@pytest.fixture
def config(tmp_path, mpd):
    """A configuration with the demo music for the private mpd, and a port of its own."""
    file = tmp_path / "c.yaml"
    file.write_text(
        json.dumps(
            {
                "mpd": {"host": str(mpd.socket)},
                "proxy": {"port": free_port(), "track_mapping_db": str(tmp_path / "t.db")},
                "sources": {"demo": {"enabled": True}},
            }
        )
    )
    return file
