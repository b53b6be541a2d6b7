"""InnerTube's answers, as far as a client looks at them: plain values in, JSON out. Written for these tests."""

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
_DOT = {"text": " • "}


@dataclass(frozen=True, slots=True, kw_only=True)
class Song:
    """A row of a playlist, an album or a watch list.

    Attributes:
        artists: names; each gets a link, so that parsers know them for artists.
        playable: False is a greyed-out row, without a video id.
        music: False is a video that has no watch list.
        counterpart: the id of its other version (audio or video).
        form: ATV for official audio, OMV and UGC for music videos; None is not told.
        deleted: an upload that is gone; its row has another title, and no link.
        album_id: of `album`.
    """

    video_id: str
    title: str
    artists: tuple[str, ...] = ("Somebody",)
    album: str | None = None
    year: str | None = None
    length: str | None = "3:20"
    playable: bool = True
    music: bool = True
    counterpart: str | None = None
    form: str | None = None
    deleted: bool = False
    album_id: str = "MPREb_0xxxxxxxxxxxxxxxxxxxxx"
    picture: str = "https://lh3.googleusercontent.com/fake=w60-h60-l90-rj"


def runs(*texts: str) -> Json:
    return {"runs": [{"text": text} for text in texts]}


def playlist_page(title: str, songs: list[Song], *, header: list[str], subtitle: str, token: str | None) -> Json:
    """The first page of a playlist; `header` is its second subtitle, e.g. ["3 tracks", "9 minutes"]."""
    head: Json = {
        "title": runs(title),
        "subtitle": {"runs": [{"text": "Playlist"}, _DOT, {"text": subtitle}]},
        "thumbnail": _pictures("https://yt3.example/cover=s192"),
        "buttons": [],
    }
    if header:
        head["secondSubtitle"] = {"runs": _dotted(header)}
    rows = [_row(song) for song in songs] + ([_more(token)] if token else [])
    shelf: Json = {"musicPlaylistShelfRenderer": {"targetId": title, **({"contents": rows} if rows else {})}}
    return _two_columns(head, shelf)


def owned(page: Json, playlist_id: str) -> Json:
    """`page`, a playlist's first, as its owner gets it."""
    (tab,) = page["contents"]["twoColumnBrowseResultsRenderer"]["tabs"]
    contents = tab["tabRenderer"]["content"]["sectionListRenderer"]["contents"]
    editable = {
        "header": contents[0],
        "editHeader": {"musicPlaylistEditHeaderRenderer": {"privacy": "PRIVATE"}},
        "playlistId": playlist_id,
    }
    contents[0] = {"musicEditablePlaylistDetailHeaderRenderer": editable}
    return page


def playlist_continuation(songs: list[Song], token: str | None) -> Json:
    rows = [_row(song) for song in songs] + ([_more(token)] if token else [])
    return {"onResponseReceivedActions": [{"appendContinuationItemsAction": {"continuationItems": rows}}]}


def album_page(
    title: str, songs: list[Song], *, artists: tuple[str, ...], year: str, told: int, playlist_id: str
) -> Json:
    play = {
        "musicPlayButtonRenderer": {"playNavigationEndpoint": {"watchPlaylistEndpoint": {"playlistId": playlist_id}}}
    }
    head = {
        "title": runs(title),
        "subtitle": {"runs": [{"text": "Album"}, _DOT, {"text": year}]},
        "straplineTextOne": {"runs": _linked(artists, "MUSIC_PAGE_TYPE_ARTIST", "UC")},
        "secondSubtitle": {"runs": _dotted([f"{told} songs", "12 minutes"])},
        "thumbnail": _pictures("https://lh3.googleusercontent.com/album=w226-h226-l90-rj"),
        "buttons": [play],
    }
    rows = [_row(song, number=number) for number, song in enumerate(songs, 1)]
    return _two_columns(head, {"musicShelfRenderer": {"contents": rows}})


def library_page(tiles: list[Json], token: str | None) -> Json:
    """The first page of the library's playlists or albums."""
    return _one_column({"gridRenderer": {"items": tiles, **_onward(token)}})


def library_continuation(tiles: list[Json], token: str | None) -> Json:
    return {"continuationContents": {"gridContinuation": {"items": tiles, **_onward(token)}}}


def new_playlist_tile() -> Json:
    """The first one among the library's playlists: a button."""
    return {"musicTwoRowItemRenderer": {"title": runs("New playlist")}}


def playlist_tile(playlist_id: str, title: str, count: str | None) -> Json:
    told = ["Me", f"{count} tracks"] if count else ["Auto playlist"]
    tile = {
        "title": {"runs": [{"text": title, **_browse(f"VL{playlist_id}", "MUSIC_PAGE_TYPE_PLAYLIST")}]},
        "subtitle": {"runs": _dotted(told)},
    }
    return {"musicTwoRowItemRenderer": tile}


def album_tile(browse_id: str, title: str, artists: tuple[str, ...], year: str) -> Json:
    tile = {
        "title": {"runs": [{"text": title, **_browse(browse_id, "MUSIC_PAGE_TYPE_ALBUM")}]},
        "subtitle": {
            "runs": [{"text": "Album"}, _DOT, *_linked(artists, "MUSIC_PAGE_TYPE_ARTIST", "UC"), _DOT, {"text": year}]
        },
    }
    return {"musicTwoRowItemRenderer": tile}


def uploads_page(songs: list[Song], token: str | None) -> Json:
    """The first page of the uploads; a button stands before them."""
    shuffle = {"musicResponsiveListItemRenderer": {"flexColumns": []}}
    shelf = {"contents": [shuffle, *map(_upload, songs)], **_onward(token)}
    return _one_column({"musicShelfRenderer": shelf})


def uploads_continuation(songs: list[Song], token: str | None) -> Json:
    shelf = {"contents": [_upload(song) for song in songs], **_onward(token)}
    return {"continuationContents": {"musicShelfContinuation": shelf}}


def resolved(browse_id: str) -> Json:
    """What stands behind an address."""
    return {"endpoint": {"browseEndpoint": {"browseId": browse_id}}}


def signed_out_library() -> Json:
    """What a dead login gets: a page in order, without a library."""
    return _one_column({"messageRenderer": {"text": runs("Sign in to see your library")}})


def account_menu(name: str, handle: str | None) -> Json:
    """The menu behind the picture of who is logged in."""
    head: Json = {"accountName": runs(name), **_photo()} | ({"channelHandle": runs(handle)} if handle else {})
    return _menu({"header": {"activeAccountHeaderRenderer": head}})


def signed_out_menu() -> Json:
    """The same menu for anybody else: nothing but links."""
    return _menu({})


def watch_page(songs: list[Song], playlist_id: str, token: str | None = None) -> Json:
    panel = {"playlistPanelRenderer": _panel(songs, playlist_id, token)}
    tabs = [{"tabRenderer": {"content": {"musicQueueRenderer": {"content": panel}}}}]
    tabbed = {"watchNextTabbedResultsRenderer": {"tabs": tabs}}
    return {"contents": {"singleColumnMusicWatchNextResultsRenderer": {"tabbedRenderer": tabbed}}}


def watch_continuation(songs: list[Song], playlist_id: str, token: str | None) -> Json:
    return {"continuationContents": {"playlistPanelContinuation": _panel(songs, playlist_id, token)}}


def _panel(songs: list[Song], playlist_id: str, token: str | None) -> Json:
    more = {"continuations": [{"nextRadioContinuationData": {"continuation": token}}]} if token else {}
    return {"contents": [_panel_row(song, playlist_id) for song in songs], **more}


def no_watch_page() -> Json:
    tabbed = {"watchNextTabbedResultsRenderer": {"tabs": [{"tabRenderer": {"content": {"musicQueueRenderer": {}}}}]}}
    return {"contents": {"singleColumnMusicWatchNextResultsRenderer": {"tabbedRenderer": tabbed}}}


def player_page(song: Song, token: str) -> Json:
    """`token` stands in the URL that plays are told to."""
    details = {
        "videoId": song.video_id,
        "title": song.title,
        "author": f"{song.artists[0]} - Topic",
        "lengthSeconds": "200",
        "thumbnail": _pictures(song.picture)["musicThumbnailRenderer"]["thumbnail"],
    }
    told_to = f"https://s.youtube.com/api/stats/playback?docid={song.video_id}&ei={token}&len=200"
    tracking = {"videostatsPlaybackUrl": {"baseUrl": told_to}}
    return {"videoDetails": details, "playabilityStatus": {"status": "OK"}, "playbackTracking": tracking}


def history_page(songs: list[Song]) -> Json:
    """What was played today, newest first; without any, what YouTube Music says instead."""
    if not songs:
        return _one_column({"musicNotifierShelfRenderer": {"title": runs("Your history is empty")}})
    return _one_column({"musicShelfRenderer": {"title": runs("Today"), "contents": [_row(song) for song in songs]}})


def no_player_page() -> Json:
    return {"playabilityStatus": {"status": "ERROR", "reason": "This video is unavailable"}}


def _two_columns(head: Json, section: Json) -> Json:
    tab = {"tabRenderer": {"content": {"sectionListRenderer": {"contents": [{"musicResponsiveHeaderRenderer": head}]}}}}
    second = {"sectionListRenderer": {"contents": [section]}}
    return {"contents": {"twoColumnBrowseResultsRenderer": {"tabs": [tab], "secondaryContents": second}}}


def _one_column(section: Json) -> Json:
    tab = {"tabRenderer": {"content": {"sectionListRenderer": {"contents": [section]}}}}
    return {"contents": {"singleColumnBrowseResultsRenderer": {"tabs": [tab]}}}


def _onward(token: str | None) -> Json:
    return {"continuations": [{"nextContinuationData": {"continuation": token}}]} if token else {}


def _upload(song: Song) -> Json:
    release = {"text": song.album or "", **_browse("FEmusic_library_privately_owned_release_detailx", "X")}
    columns = [
        [{"text": song.title, **_watch(song.video_id)}],
        _linked(song.artists, "MUSIC_PAGE_TYPE_UNKNOWN", "FEmusic_library_privately_owned_artist"),
        [release] if song.album else [],
    ]
    queue = {"queueAddEndpoint": {"queueTarget": {"videoId": song.video_id}}}
    delete = {
        "confirmButton": {"buttonRenderer": {"command": {"musicDeletePrivatelyOwnedEntityCommand": {"entityId": "x"}}}}
    }
    confirm = {"confirmDialogEndpoint": {"content": {"confirmDialogRenderer": delete}}}
    entries = [
        {"menuServiceItemRenderer": {"serviceEndpoint": queue}},
        {"menuNavigationItemRenderer": {"navigationEndpoint": confirm}},
    ]
    like = {"likeButtonRenderer": {"likeStatus": "INDIFFERENT"}}
    row = {
        "flexColumns": [
            {"musicResponsiveListItemFlexColumnRenderer": {"text": {"runs": column} if column else {}}}
            for column in columns
        ],
        "fixedColumns": [{"musicResponsiveListItemFixedColumnRenderer": {"text": runs(song.length or "3:20")}}],
        "menu": {"menuRenderer": {"items": entries, "topLevelButtons": [like]}},
        "thumbnail": _pictures(song.picture),
    }
    return {"musicResponsiveListItemRenderer": row}


def _row(song: Song, number: int | None = None) -> Json:
    playable = song.playable and not song.deleted
    title = {"text": "Song deleted" if song.deleted else song.title, **(_watch(song.video_id) if playable else {})}
    columns = [[title]]
    if playable:
        columns.append(_linked(song.artists, "MUSIC_PAGE_TYPE_ARTIST", "UC"))
    else:
        columns.append([{"text": ", ".join(song.artists)}] if song.artists else [])
    if number is not None:
        columns.append([{"text": "2M plays"}])
    elif song.album:
        columns.append([{"text": song.album, **_browse(song.album_id, "MUSIC_PAGE_TYPE_ALBUM")}])
    row: Json = {
        "flexColumns": [
            {"musicResponsiveListItemFlexColumnRenderer": {"text": {"runs": column} if column else {}}}
            for column in columns
        ],
        "thumbnail": _pictures(song.picture),
    }
    if song.length:
        row["fixedColumns"] = [{"musicResponsiveListItemFixedColumnRenderer": {"text": runs(song.length)}}]
    if number is not None:
        row["index"] = runs(str(number))
    play = {"playNavigationEndpoint": _watch(song.video_id)["navigationEndpoint"]} if playable else {}
    row["overlay"] = {"musicItemThumbnailOverlayRenderer": {"content": {"musicPlayButtonRenderer": play}}}
    if not playable:
        row["musicItemRendererDisplayPolicy"] = "MUSIC_ITEM_RENDERER_DISPLAY_POLICY_GREY_OUT"
    if song.form:
        entry = {"menuNavigationItemRenderer": {"text": runs("Start radio"), **_watch(song.video_id, song.form)}}
        row["menu"] = {"menuRenderer": {"items": [entry]}}
    return {"musicResponsiveListItemRenderer": row}


def _panel_row(song: Song, playlist_id: str) -> Json:
    row = _panel_video(song, song.video_id, playlist_id, song.form)
    if song.counterpart is None:
        return row
    other = _panel_video(song, song.counterpart, playlist_id, song.form and ("ATV" if song.form != "ATV" else "OMV"))
    wrapped = {"primaryRenderer": row, "counterpart": [{"counterpartRenderer": other}]}
    return {"playlistPanelVideoWrapperRenderer": wrapped}


def _panel_video(song: Song, video_id: str, playlist_id: str, form: str | None) -> Json:
    byline = _linked(song.artists, "MUSIC_PAGE_TYPE_ARTIST", "UC")
    if song.album:
        byline += [_DOT, {"text": song.album, **_browse(song.album_id, "MUSIC_PAGE_TYPE_ALBUM")}]
    if song.year:
        byline += [_DOT, {"text": song.year}]
    video: Json = {
        "videoId": video_id,
        "title": runs(song.title),
        "longBylineText": {"runs": byline},
        "thumbnail": _pictures(song.picture)["musicThumbnailRenderer"]["thumbnail"],
        "menu": {"menuRenderer": {"items": []}},
        **_watch(video_id, form, playlistId=playlist_id),
    }
    if song.length:
        video["lengthText"] = runs(song.length)
    if not song.playable:
        video["unplayableText"] = runs("Song unavailable")
    return {"playlistPanelVideoRenderer": video}


def _menu(menu: Json) -> Json:
    sections = [{"multiPageMenuSectionRenderer": {"items": [{"compactLinkRenderer": {"title": runs("Settings")}}]}}]
    popup = {"multiPageMenuRenderer": {**menu, "sections": sections}}
    return {"actions": [{"openPopupAction": {"popup": popup}}]}


def _photo() -> Json:
    return {"accountPhoto": {"thumbnails": [{"url": "https://yt3.example/me=s108", "width": 108, "height": 108}]}}


def _more(token: str) -> Json:
    command = {"continuationCommand": {"token": token, "request": "CONTINUATION_REQUEST_TYPE_BROWSE"}}
    return {"continuationItemRenderer": {"continuationEndpoint": command}}


def _pictures(url: str) -> Json:
    pictures = [{"url": url, "width": 60, "height": 60}, {"url": f"{url}-big", "width": 120, "height": 120}]
    return {"musicThumbnailRenderer": {"thumbnail": {"thumbnails": pictures}}}


def _dotted(texts: list[str]) -> list[Json]:
    return [part for text in texts for part in ({"text": text}, _DOT)][:-1]


def _linked(names: tuple[str, ...], kind: str, prefix: str) -> list[Json]:
    parts: list[Json] = []
    for number, name in enumerate(names):
        parts += [{"text": " & "}] if number else []
        parts.append({"text": name, **_browse(f"{prefix}{number}xxxxxxxxxxxxxxxxxxxxx", kind)})
    return parts


def _browse(browse_id: str, kind: str) -> Json:
    config = {"browseEndpointContextMusicConfig": {"pageType": kind}}
    endpoint = {"browseId": browse_id, "browseEndpointContextSupportedConfigs": config}
    return {"navigationEndpoint": {"browseEndpoint": endpoint}}


def _watch(video_id: str, form: str | None = None, **more: str) -> Json:
    config = {"watchEndpointMusicConfig": {"musicVideoType": f"MUSIC_VIDEO_TYPE_{form}"}}
    told = {"watchEndpointMusicSupportedConfigs": config} if form else {}
    return {"navigationEndpoint": {"watchEndpoint": {"videoId": video_id, **told, **more}}}
