"""The example: it is the defaults, it has every key, and each key says why one would change it. README agrees."""

import re
from pathlib import Path

import pytest
import yaml

from mpdbridge.config import Settings, example_config, load_settings


@pytest.fixture(autouse=True)
def _home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))


README = Path(__file__).parents[2] / "README.md"


def keys(model, path=()):
    for name, field in model.model_fields.items():
        here = (*path, name)
        if hasattr(field.annotation, "model_fields"):
            yield from keys(field.annotation, here)
        else:
            yield here


def test_it_parses_to_exactly_the_defaults(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text(example_config(), encoding="utf-8")
    assert load_settings(file) == Settings()


def test_it_holds_when_data_live_outside_of_home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", "/srv/some data: here")
    test_it_parses_to_exactly_the_defaults(tmp_path)


@pytest.mark.parametrize("path", list(keys(Settings)), ids=".".join)
def test_it_has_every_key_with_a_comment_near_it(path):
    section = yaml.safe_load(example_config())
    for part in path:
        assert part in section
        section = section[part]
    lines = example_config().splitlines()
    number = next(i for i, line in enumerate(lines) if line.strip().startswith(f"{path[-1]}:"))
    assert any("#" in line for line in lines[max(0, number - 4) : number + 1])


def test_what_it_shows_in_comments_works_once_it_is_uncommented(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text(
        example_config().replace("    #  - ", "      - ").replace("    #    ", "        "), encoding="utf-8"
    )
    sources = load_settings(file).sources
    assert sources.ytmusic.enabled
    assert [each.name for each in sources.web.playlists] == ["Ambient evening", "Radio shows"]
    assert len(sources.web.playlists[1].urls) == 2


def leaves(tree, path=()):
    """The keys of a parsed file as dotted names, in its order; what is empty, or no section, is a leaf."""
    if not isinstance(tree, dict) or not tree:
        return [".".join(path)]
    return [leaf for key, value in tree.items() for leaf in leaves(value, (*path, key))]


def told_in_readme():
    """The keys of README's table; `.port` after `mpd.host` is `mpd.port`."""
    sections = "|".join(Settings.model_fields)
    cells = re.findall(rf"(?m)^\| (`(?:{sections})\..*?) \|", README.read_text())
    for name in re.findall(r"`([a-z._]+)`", ", ".join(cells)):
        if not name.startswith("."):
            section = name.rpartition(".")[0]
        yield section + name if name.startswith(".") else name


def test_it_has_the_order_of_the_settings():
    """So `config show` and the file can be read side by side."""
    assert leaves(yaml.safe_load(example_config())) == [".".join(path) for path in keys(Settings)]


def test_readme_tells_every_key_in_the_same_order_and_no_other():
    parts = "sources.ytmusic.library"  # one line tells all its switches
    known = [".".join(path) for path in keys(Settings)]
    wanted = dict.fromkeys(parts if key.startswith(f"{parts}.") else key for key in known)
    assert list(told_in_readme()) == list(wanted)
