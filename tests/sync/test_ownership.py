"""Whose playlist it is: by evidence, never by its name alone."""

from dataclasses import replace

import pytest

from mpdbridge.store import PublishedPlaylist
from mpdbridge.sync.ownership import Evidence, owned, uris_hash

KEY = ("ytmusic", "PL1")
OURS = ["http://relay/proxy/1", "http://relay/proxy/2"]
THEIRS = ["file.mp3", "http://radio/"]
DIRECT = ["https://site/a?expire=1", "https://site/b?expire=1"]


def claim(name: str = "YT: Mix", *, published: bool = True, content: list[str] | None = None) -> PublishedPlaylist:
    return PublishedPlaylist(
        *KEY, "Mix", name, 1.0 if published else None, None if content is None else uris_hash(content)
    )


def judge(
    contents: dict[str, list[str]], mine: PublishedPlaylist | None = None, *others: PublishedPlaylist
) -> str | None:
    """The name of the playlist that is found to be ours."""
    evidence = Evidence(
        claims={KEY: mine} if mine else {},
        elsewhere=others,
        contents=contents,
        is_our_url=lambda uri: uri.startswith("http://relay/proxy/"),
    )
    found = owned(evidence, {KEY: "YT: Mix"}).get(KEY)
    return None if found is None else found.mpd_name


def test_what_was_published_and_has_our_entries_is_ours_whatever_the_user_added() -> None:
    assert judge({"YT: Mix": [*OURS, *THEIRS]}, claim(content=OURS)) == "YT: Mix"


def test_a_claim_holds_when_the_playlist_is_gone_or_empty() -> None:
    assert judge({}, claim()) == "YT: Mix"
    assert judge({"YT: Mix": []}, claim(published=False)) == "YT: Mix"


def test_a_playlist_with_nothing_of_ours_in_it_is_the_users() -> None:
    assert judge({"YT: Mix": THEIRS}, claim(content=OURS)) is None


def test_direct_links_of_the_fallback_are_known_by_their_fingerprint() -> None:
    assert judge({"YT: Mix": DIRECT}, claim(content=DIRECT)) == "YT: Mix"
    assert judge({"YT: Mix": DIRECT}, claim(content=OURS)) is None


def test_a_mere_claim_counts_only_when_all_entries_are_ours() -> None:
    assert judge({"YT: Mix": OURS}, claim(published=False)) == "YT: Mix"
    assert judge({"YT: Mix": [*OURS, *THEIRS]}, claim(published=False)) is None


def test_what_a_killed_run_renamed_or_was_about_to_is_where_it_is_found() -> None:
    renaming = replace(claim("YT: New", content=OURS), former_name="YT: Old")
    assert judge({"YT: New": OURS}, renaming) == "YT: New"
    assert judge({"YT: Old": OURS}, renaming) == "YT: Old"
    assert judge({"YT: Old": OURS, "YT: New": THEIRS}, renaming) == "YT: Old", "its name was taken just then"
    assert judge({"YT: New": OURS, "YT: Old": THEIRS}, renaming) == "YT: New"
    assert judge({"YT: New": OURS, "YT: Old": [*OURS, *THEIRS]}, renaming) == "YT: New", "the user has copied from it"
    assert judge({"YT: Old": THEIRS}, renaming) == "YT: New", "it is gone"


def test_what_was_renamed_is_found_there_if_another_has_its_former_name_by_now() -> None:
    renamed = PublishedPlaylist("s", "1", "New", "YT: New", 1.0, uris_hash(OURS), former_name="YT: Old")
    heir = PublishedPlaylist("s", "2", "Old", "YT: Old", 1.0, uris_hash(OURS[:1]))
    edited = [*OURS, *THEIRS]
    for contents in ({"YT: New": OURS, "YT: Old": OURS[:1]}, {"YT: New": edited, "YT: Old": OURS[:1]}):
        evidence = Evidence({one.key: one for one in (renamed, heir)}, (), contents, is_our_url=lambda _uri: True)
        assert {key: claim.mpd_name for key, claim in owned(evidence, ()).items()} == {
            renamed.key: "YT: New",
            heir.key: "YT: Old",
        }


def test_of_two_claims_on_one_name_that_of_the_one_whose_tracks_are_there_holds() -> None:
    one, published, only_claimed = (
        PublishedPlaylist("s", "1", "Mix", "YT: Mix", 1.0, uris_hash(OURS)),
        PublishedPlaylist("s", "2", "Mix", "YT: Mix", 1.0, "of something else"),
        PublishedPlaylist("s", "3", "Mix", "YT: Mix"),
    )
    for claims, holds in [((one, published), "1"), ((published, one), "1"), ((only_claimed, published), "2")]:
        mine = {claim.key: claim for claim in claims}
        evidence = Evidence(mine, (), {"YT: Mix": OURS}, is_our_url=lambda _uri: True)
        assert list(owned(evidence, mine)) == [("s", holds)]


def test_a_copy_that_the_user_made_of_ours_is_the_users() -> None:
    assert judge({"YT: Mix": OURS, "Copy": OURS}, claim(content=OURS)) == "YT: Mix"
    assert judge({"Copy": OURS}, claim(content=OURS)) == "YT: Mix", "the claim is on the name, which is free"


@pytest.mark.parametrize(
    ("content", "adopted"), [(OURS, True), (DIRECT, True), ([*OURS, *THEIRS], False), (THEIRS, False), ([], False)]
)
def test_what_we_made_under_another_address_is_adopted_when_nobody_touched_it(content, adopted) -> None:
    assert (judge({"YT: Mix": content}, None, claim(content=DIRECT)) is not None) == adopted


def test_another_playlists_claim_under_another_address_is_not_adopted() -> None:
    other = PublishedPlaylist("ytmusic", "PL2", "Mix", "YT: Mix", 1.0, uris_hash(OURS))
    assert judge({"YT: Mix": OURS}, None, other) is None


def test_what_was_renamed_under_another_address_is_found_though_its_former_name_is_in_use() -> None:
    here, there = claim("YT: Old", content=OURS), claim("YT: New", content=OURS)
    assert judge({"YT: Old": [*OURS, *THEIRS], "YT: New": OURS}, here, there) == "YT: New"
    assert judge({"YT: Old": OURS, "YT: New": OURS}, here, there) == "YT: Old"


def test_one_playlist_is_not_owned_twice() -> None:
    keys = {("s", "a"): "YT: Mix", ("s", "b"): "YT: Mix"}
    elsewhere = [PublishedPlaylist("s", one, "Mix", "YT: Mix", 1.0, None) for one in "ab"]
    evidence = Evidence({}, elsewhere, {"YT: Mix": OURS}, is_our_url=lambda _uri: True)
    assert list(owned(evidence, keys)) == [("s", "a")]
