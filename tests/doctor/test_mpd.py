"""Every way in which a real mpd is set up wrongly is told, with the fix; and a good one is left in peace."""

from dataclasses import replace

import pytest

from mpdbridge.config import Settings
from mpdbridge.doctor.mpd import MpdSurvey, judge, probe, survey
from mpdbridge.mpd.address import MpdAddress

pytestmark = pytest.mark.mpd
GOOD = MpdSurvey(
    address="/run/mpd/socket",
    protocol="0.24.0",
    handlers=frozenset({"http://", "ftps://"}),
    suffixes=frozenset({"webm", "m4a", "opus"}),
    outputs=("pulse",),
    playlists=3,
)


def without(plugin: str, kind: str) -> str:
    return f'{kind} {{\n  plugin "{plugin}"\n  enabled "no"\n}}'


async def look(mpd, longest=0, **section):
    settings = Settings.model_validate({"mpd": {"host": str(mpd.socket), **section}})
    return await probe(settings, longest=longest)


def bad(checks):
    return {check.name: (check.state, check.told, check.fix) for check in checks if check.state != "ok"}


def told(found, longest=0):
    return {check.name: (check.state, check.told) for check in judge(found, longest=longest)}


async def test_a_good_one_has_nothing_to_mend(mpd) -> None:
    checks = await look(mpd)
    assert bad(checks) == {}
    assert [check.name for check in checks] == [
        *("MPD", "Permissions", "Playlists", "Length", "Input", "Decoders", "Outputs"),
    ]


async def test_looking_changes_nothing(mpd) -> None:
    with mpd.watch("playlist", "stored_playlist", "player", "mixer", "options", "output") as watcher:
        await look(mpd)
        assert watcher.changed() == set()


async def test_one_that_is_not_there_is_told_with_where_it_was_looked_for(mpd) -> None:
    mpd.stop()
    assert bad(await look(mpd)) == {
        "MPD": (
            "fail",
            f"cannot reach MPD at {mpd.socket}: Connection refused",
            "start it, or set mpd.host and mpd.port (or MPD_HOST)",
        )
    }


async def test_a_wrong_password(mpd) -> None:
    (check,) = await look(mpd, password="wrong")
    assert (check.state, check.fix) == ("fail", "correct mpd.password")


async def test_a_client_that_may_only_read(start_mpd) -> None:
    mpd = start_mpd(password="secret", default_permissions="read")
    refused = [check for check in await look(mpd) if check.state == "fail"]
    assert [check.told for check in refused] == [
        "MPD does not permit playlistadd, playlistdelete, rename, rm: playlists cannot be put into it",
        "MPD does not permit addtagid, cleartagid: the queue shows URLs instead of names",
        "MPD does not permit sendmessage: no client can command mpdbridge",
        "MPD does not permit addid, playid, prioid: `mpdbridge add` cannot add",
    ]
    assert {check.fix for check in refused} == {"set mpd.password to one with read, add and control"}
    assert bad(await look(mpd, password="secret")) == {}


async def test_a_client_that_may_do_nothing(start_mpd) -> None:
    mpd = start_mpd(password="secret", default_permissions="")
    assert bad(await look(mpd)) == {"Permissions": ("fail", "MPD lets strangers look at nothing", "set mpd.password")}


async def test_one_that_stores_no_playlists(start_mpd) -> None:
    (name,) = bad(await look(start_mpd(stored_playlists=False)))
    assert name == "Playlists"


async def test_one_whose_playlist_folder_is_gone(mpd) -> None:
    mpd.playlist_directory.rmdir()
    state, message, fix = bad(await look(mpd))["Playlists"]
    assert (state, fix) == ("fail", "make this folder, as the user that MPD runs as")
    assert str(mpd.playlist_directory) in message


async def test_one_without_curl_has_ffmpeg_fetch_or_nobody(start_mpd) -> None:
    found = bad(await look(start_mpd(extra=without("curl", "input"))))
    assert list(found) == ["Input"]
    assert found["Input"][0] == "warn"
    both = "\n".join([without("curl", "input"), without("ffmpeg", "input")])
    assert bad(await look(start_mpd(extra=both)))["Input"][:2] == ("fail", "this MPD cannot fetch http:// at all")


async def test_one_without_ffmpeg_decodes_nothing_of_youtube(start_mpd) -> None:
    found = bad(await look(start_mpd(extra=without("ffmpeg", "decoder"))))
    assert found["Decoders"][:2] == ("fail", "MPD cannot decode webm and m4a, which is what YouTube sends")


async def test_outputs_that_are_off_and_errors_of_mpds_own(mpd) -> None:
    mpd.command("disableoutput", "0")
    assert bad(await look(mpd))["Outputs"] == ("warn", "no output of MPD is on: nothing is heard", "mpc enable 1")


async def test_the_limit_of_an_mpd_conf_that_can_be_read_counts(start_mpd, monkeypatch, tmp_path) -> None:
    mpd = start_mpd(max_playlist_length=10)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    (tmp_path / ".mpdconf").write_text((mpd.home / "mpd.conf").read_text())
    assert (await survey(MpdAddress(socket=str(mpd.socket)))).length == 10
    state, message, fix = bad(await look(mpd, longest=11))["Length"]
    assert (state, message) == ("fail", "up to 10 tracks (as MPD is set up); your longest has 11")
    assert 'max_playlist_length "11"' in fix


async def test_the_limit_that_a_sync_ran_into_counts_too(mpd) -> None:
    settings = Settings.model_validate({"mpd": {"host": str(mpd.socket)}})
    assert bad(await probe(settings, longest=2001, learned=2000))["Length"][0] == "fail"


def test_a_playlist_that_no_longer_fits_behind_the_queue() -> None:
    queue = replace(GOOD, status={"playlistlength": "16000"})
    assert told(queue, longest=300)["Length"][0] == "ok"
    assert told(queue, longest=400)["Length"][0] == "warn"
    assert told(queue, longest=16_385)["Length"][0] == "fail"


@pytest.mark.parametrize(
    ("protocol", "state"), [("0.20.9", "fail"), ("0.22.4", "warn"), ("0.23.5", "ok"), ("0.24", "ok")]
)
def test_the_version_decides_what_works(protocol, state) -> None:
    assert told(replace(GOOD, protocol=protocol))["MPD"][0] == state


def test_an_old_mpd_names_no_protocol_of_curls() -> None:
    assert told(replace(GOOD, protocol="0.22.4", handlers=frozenset({"http://"})))["Input"][0] == "ok"


def test_what_mpd_complains_of_is_told() -> None:
    found = replace(GOOD, status={"error": "Failed to open audio output"})
    assert told(found)["Outputs"] == ("warn", "MPD's last error: Failed to open audio output")
