"""Loading: what is right arrives typed; what is wrong is told at once, with line, key, value and fix, and no secret."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpdbridge.config import ProxySettings, Settings, default_config_path, load_settings
from mpdbridge.errors import ConfigError


@pytest.fixture
def file(tmp_path):
    return tmp_path / "config.yaml"


def complaint(file, text):
    """What load_settings says about a file with this content."""
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        load_settings(file)
    return str(caught.value)


def problem_of(file):
    """What is wrong with the file, or None when it loads; any other exception is a bug."""
    try:
        load_settings(file)
    except ConfigError as problem:
        return str(problem)
    return None


def test_no_default_file_means_the_defaults(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert default_config_path() == tmp_path / "mpdbridge" / "config.yaml"
    assert load_settings() == Settings()


def test_the_default_file_is_read(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "mpdbridge").mkdir()
    default_config_path().write_text("proxy: {port: 9000}")
    assert load_settings().proxy.port == 9000


@pytest.mark.parametrize("text", ["", "# nothing\n", "mpd:\nproxy:\nsources:\n", "mpd: {port: , timeout_seconds: }"])
def test_an_empty_file_section_or_key_means_the_defaults(file, text):
    file.write_text(text)
    assert load_settings(file) == Settings()


def test_a_byte_order_mark_does_no_harm(file):
    file.write_bytes(b"\xef\xbb\xbfproxy: {port: 9000}")
    assert load_settings(file).proxy.port == 9000


def test_a_named_file_that_is_missing_is_a_problem(tmp_path):
    with pytest.raises(ConfigError, match=r"gone\.yaml: there is no such file; `mpdbridge --config .* config init`"):
        load_settings(tmp_path / "gone.yaml")


def test_a_directory_is_a_problem(tmp_path):
    with pytest.raises(ConfigError, match="is a directory: name the file in it"):
        load_settings(tmp_path)


def test_a_file_that_cannot_be_read_is_a_problem():
    with pytest.raises(ConfigError, match="cannot be read: Not a directory"):
        load_settings(Path("/dev/null/config.yaml"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("log:\n  level: info\nproxy: [", "line 3: not valid YAML"),
        ("proxy:\n\tport: 3", "line 2: not valid YAML: a tab: indent with spaces"),
        (b"log:\n  level: \xff", "line 2: not UTF-8"),
        ("\x01", "not valid YAML: unacceptable character"),
        ("mpd: 2026-13-45", "not valid YAML: month must be in"),
        ("a: 1\n---\nb: 2", "expected a single document"),
        ("mpd: !!python/object:os.system 1", "could not determine a constructor"),
        ("- a\n- b", "write sections with keys"),
        ("just words", "write sections with keys"),
        ("[" * 20_000, "nested too deeply"),
    ],
)
def test_what_is_no_configuration_at_all_is_told_with_the_place(file, text, told):
    said = complaint(file, text)
    assert said.startswith(str(file))
    assert told in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("proxy: {prot: 1}", "proxy.prot: unknown key; did you mean `port`?"),
        ("soruces: {}", "soruces: unknown key; did you mean `sources`?"),
        ("port: 1", "port: unknown key; it belongs under `mpd` or `proxy`"),
        ("log: {proxy: 1}", "log.proxy: unknown key; it belongs at the left margin"),
        ("log: {qqqq: }", "log.qqqq: unknown key; known here: level, format"),
        ("1: 2", "[1]: "),
        ("proxy: {port: 80}", "proxy.port: 80 will not do: write at least 1024"),
        ("proxy: {port: 65536}", "proxy.port: 65536 will not do: write at most 65535"),
        ("proxy: {port: http}", "proxy.port: 'http' will not do: write a whole number"),
        ("proxy: {port: 8080.5}", "proxy.port: 8080.5 will not do: write a whole number"),
        ("proxy: {port: yes}", "proxy.port: true will not do: write a number"),
        ("proxy: {enabled: 7}", "proxy.enabled: 7 will not do: write true or false"),
        ("proxy: {icy: maybe}", "proxy.icy: 'maybe' will not do: write one of auto, always, never"),
        ("proxy: {host: 'http://me'}", "proxy.host: 'http://me' will not do: write a host name"),
        ("proxy: {host: '[::1]'}", "write a host name or an address alone"),
        ("proxy: {advertise: 'me:80'}", "proxy.advertise: 'me:80' will not do: write a whole link, with http://"),
        ("proxy: {advertise: 'ftp://me'}", "with http:// or https:// in front"),
        ("proxy: {advertise: 'http://me/?a=b'}", "write only scheme, host, port and path"),
        ("proxy: {advertise: 'http://[1'}", "proxy.advertise: 'http://[1' will not do: "),
        ("proxy: {max_streams: 0}", "proxy.max_streams: 0 will not do: write at least 1"),
        ("proxy: {upstream_range_mib: 11}", "proxy.upstream_range_mib: 11 will not do: write at most 10"),
        ("proxy: {upstream_range_mib: 0}", "proxy.upstream_range_mib: 0 will not do: write at least 1"),
        ("proxy: {track_mapping_db: ~nobody-here/x}", "there is no such user: write the path without ~"),
        ("proxy: {track_mapping_db: [a]}", "proxy.track_mapping_db: write a path"),
        ("sync: {interval_minutes: 0}", "sync.interval_minutes: 0 will not do: write more than 0"),
        ("sync: {interval_minutes: .nan}", "sync.interval_minutes: nan will not do: "),
        ("sync: {interval_minutes: .inf}", "sync.interval_minutes: inf will not do: write a number"),
        ("sync: {playlist_prefix: a/b}", "MPD's playlist names take no /"),
        ("sync: {playlists: {include: Foo}}", "sync.playlists.include: 'Foo' will not do: write a list: [a, b]"),
        ("sync: 3", "sync: 3 will not do: write keys with values under it"),
        ("resolver: {timeout_seconds: -1}", "resolver.timeout_seconds: -1 will not do: write more than 0"),
        ("resolver: {extractor_args: {youtube: {client: web}}}", "resolver.extractor_args.youtube.client: 'web'"),
        ("resolver: {format: ''}", "resolver.format: '' will not do: write one line of text"),
        ("mpd: {host: 'tcp://me'}", "mpd.host: write a host name, an address, or the path of MPD's socket"),
        ("mpd: {host: 'me:6600'}", "mpd.host: write the host alone, and the port as the key `port` beside it"),
        ("proxy: {host: 'me:80'}", "proxy.host: 'me:80' will not do: write the host alone, and the port as the key"),
        ("mpd: {timeout_seconds: 0}", "mpd.timeout_seconds: 0 will not do: write more than 0"),
        ("sources: {ytmusic: {language: no}}", "sources.ytmusic.language: false will not do: put the value in quotes"),
        (
            "sources: {web: {playlists: ['http://a/b']}}",
            "'http://a/b' will not do: write `name: …` and `url: …` instead",
        ),
        ("sources: {web: {playlists: [{url: 'http://a/b'}]}}", "sources.web.playlists[0].name: is missing: add it"),
        ("sources: {web: {playlists: [{name: a, url: }]}}", "sources.web.playlists[0].urls: is missing: add it"),
        ("sources: {web: {playlists: [{name: a, urls: []}]}}", "sources.web.playlists[0].urls: name at least one"),
        ("sources: {web: {playlists: [{name: a, url: 'http://a', urls: ['http://b']}]}}", "write either url or urls"),
        ("sources: {web: {playlists: [{name: a, url: x}, 3]}}", "sources.web.playlists[1]: 3 will not do: "),
        ("sources: {web: {playlists: [{name: a, url: 'http://a'}, {name: a, url: 'http://b'}]}}", "two playlists are"),
        ("log: {level: loud}", "log.level: 'loud' will not do: write one of debug, info, warning, error"),
    ],
)
def test_each_mistake_is_told_with_key_value_and_fix(file, text, told):
    said = complaint(file, text)
    assert told in said
    assert said.startswith(f"{file}, line 1: ") or "has 2 problems" in said


def test_all_problems_are_told_at_once_in_the_order_of_the_file(file):
    said = complaint(file, "proxy:\n  prot: 1\n  port: 80\nsync:\n  interval_minutes: 0\nlog: {level: x}\n")
    assert said.splitlines()[0] == f"{file} has 4 problems:"
    assert [line.split(":")[0] for line in said.splitlines()[1:]] == ["  line 2", "  line 3", "  line 5", "  line 6"]


def test_a_key_written_twice_is_a_problem(file):
    said = complaint(file, "proxy:\n  port: 9000\n  icy: auto\n  port: 9001\n")
    assert said == f"{file}, line 4: `port` is already set on line 2: keep one of the two"


@pytest.mark.parametrize("text", ["mpd: {password: 4321}", "mpd: {host: '4321@localhost'}", "mpd: {password: [4321]}"])
def test_a_password_is_never_shown(file, text):
    assert "4321" not in complaint(file, text)


def test_anchors_may_be_used_and_may_not_hang_us(file):
    file.write_text("sync:\n  playlists: {include: &all [a, b], exclude: *all}\n")
    assert load_settings(file).sync.playlists.exclude == ("a", "b")
    assert "unknown key" in complaint(file, "proxy: &a\n  b: *a")


def test_paths_know_home_and_the_folder_of_the_file(file, monkeypatch):
    monkeypatch.setenv("HOME", "/home/someone")
    file.write_text("proxy: {track_mapping_db: ~/t.db}\nresolver: {cookies_file: cookies.txt}\nmpd: {host: ~/socket}\n")
    settings = load_settings(file)
    assert settings.proxy.track_mapping_db == Path("/home/someone/t.db")
    assert settings.resolver.cookies_file == file.parent / "cookies.txt"
    assert settings.mpd.host == "/home/someone/socket"


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_the_file_holds_it_loads_or_is_a_config_error(tmp_path, content):
    file = tmp_path / "any.yaml"
    file.write_bytes(content)
    assert problem_of(file) is None or str(file) in problem_of(file)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "url", "urls"]), inner),
    max_leaves=5,
)


@given(st.sampled_from([(s, k) for s, f in Settings.model_fields.items() for k in f.annotation.model_fields]), values)
def test_any_value_of_any_key_loads_or_is_a_config_error(tmp_path, where, value):
    import yaml

    section, key = where
    file = tmp_path / "any.yaml"
    file.write_text(yaml.safe_dump({section: {key: value}}, allow_unicode=False))
    assert problem_of(file) is None or f"{section}.{key}" in problem_of(file)


def test_urls_follow_host_port_and_advertise():
    assert ProxySettings(port=9000).urls.base == "http://localhost:9000"
    assert ProxySettings(host="0.0.0.0", advertise="http://nas:8080/").urls.base == "http://nas:8080"


@pytest.mark.parametrize(("text", "enabled"), [("", True), ("{sources: {ytmusic: {enabled: false}}}", False)])
def test_a_saved_login_switches_youtube_music_on_unless_the_file_says_otherwise(tmp_path, monkeypatch, text, enabled):
    file = tmp_path / "c.yaml"
    file.write_text(text)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert not load_settings(file).sources.ytmusic.enabled
    (tmp_path / "mpdbridge").mkdir()
    (tmp_path / "mpdbridge" / "cookies.txt").touch()
    settings = load_settings(file)
    assert settings.sources.ytmusic.enabled is enabled
    assert settings.sources.ytmusic.login_file == tmp_path / "mpdbridge" / "cookies.txt"
    assert (settings.streams_login == settings.sources.ytmusic.login_file) is enabled
