"""What is to be said of the configuration file itself."""

import json

from mpdbridge.doctor.configuration import read


def states(file):
    _, checks = read(file, file)
    return {check.name: check.state for check in checks}


def test_one_that_others_can_read_holds_no_password(tmp_path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(json.dumps({"mpd": {"password": "secret"}, "sources": {"demo": {"enabled": True}}}))
    for mode, state in ((0o644, "warn"), (0o600, "ok")):
        file.chmod(mode)
        assert states(file) == {"Config": state}


def test_without_a_source_there_is_nothing_to_sync(tmp_path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("")
    assert states(file) == {"Config": "ok", "Sources": "warn"}
