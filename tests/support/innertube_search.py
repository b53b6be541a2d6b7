"""InnerTube's answers to searches, and the page of an artist. Written for these tests."""

from collections.abc import Sequence

from support.innertube_answers import _DOT, Json, Song, _browse, _linked, _one_column, _pictures, _row, runs

FILTERS = {"II": "songs", "IQ": "videos", "IY": "albums", "Ig": "artists"}
_HEADINGS = {
    "en": {"songs": "Songs", "videos": "Videos", "albums": "Albums", "artists": "Artists", "playlists": "Playlists"},
    "de": {"songs": "Titel", "videos": "Videos", "albums": "Alben", "artists": "Künstler", "playlists": "Playlists"},
}


def filter_of(params: str) -> str | None:
    """The filter that ytmusicapi wrote into a request's `params`; None for a search for everything."""
    if params.startswith("Eg-KAQwIABAAGAAgACgB"):
        return "playlists"
    return FILTERS[params[6:8]] if params.startswith("EgWKAQ") else None


def found_songs(songs: Sequence[Song], kind: str = "Song", *, mixed: bool) -> list[Json]:
    """Rows of songs or videos; a search for everything tells of each what it is."""
    return [_found_song(song, kind, mixed=mixed) for song in songs]


def found_album(browse_id: str, title: str, artists: tuple[str, ...], year: str) -> Json:
    about = [{"text": "Album"}, _DOT, *_linked(artists, "MUSIC_PAGE_TYPE_ARTIST", "UC"), _DOT, {"text": year}]
    return _found_page(title, about, browse_id, "MUSIC_PAGE_TYPE_ALBUM")


def found_artist(channel_id: str, name: str, subscribers: str) -> Json:
    about = [{"text": "Artist"}, _DOT, {"text": f"{subscribers} subscribers"}]
    return _found_page(name, about, channel_id, "MUSIC_PAGE_TYPE_ARTIST")


def found_playlist(playlist_id: str, title: str, author: str, count: int, *, mixed: bool) -> Json:
    about = [{"text": author}, _DOT, {"text": f"{count} songs"}]
    told = [{"text": "Playlist"}, _DOT, *about] if mixed else about
    return _found_page(title, told, f"VL{playlist_id}", "MUSIC_PAGE_TYPE_PLAYLIST")


def best_result(song: Song) -> Json:
    """The card above all other results."""
    about = [{"text": "Song"}, _DOT, *_linked(song.artists, "MUSIC_PAGE_TYPE_ARTIST", "UC"), _DOT]
    card = {
        "header": {"musicCardShelfHeaderBasicRenderer": {"title": runs("Top result")}},
        "title": runs(song.title),
        "subtitle": {"runs": [*about, {"text": song.length}]},
        "thumbnail": _pictures(song.picture),
        "onTap": _watched(song, "MUSIC_VIDEO_TYPE_ATV"),
    }
    return {"musicCardShelfRenderer": card}


def search_page(shelves: Sequence[Json]) -> Json:
    section = {"sectionListRenderer": {"contents": list(shelves) or [{"itemSectionRenderer": {"contents": [{}]}}]}}
    tabs = [{"tabRenderer": {"content": section}}]
    return {"contents": {"tabbedSearchResultsRenderer": {"tabs": tabs}}}


def shelf(rows: Sequence[Json], *, kind: str, language: str, token: str | None = None) -> Json:
    """The results of one kind, under their heading in the language of who asks."""
    return {"musicShelfRenderer": {"title": runs(_HEADINGS[language][kind]), **_page(rows, token)}}


def search_continuation(rows: Sequence[Json], token: str | None) -> Json:
    return {"continuationContents": {"musicShelfContinuation": _page(rows, token)}}


def artist_page(name: str, songs: Sequence[Song], songs_playlist: str | None) -> Json:
    """An artist with a few songs, and the playlist that has them all, if there is one."""
    whole = _browse(f"VL{songs_playlist}", "MUSIC_PAGE_TYPE_PLAYLIST") if songs_playlist else {}
    title = {"runs": [{"text": "Top songs", **whole}]}
    page = _one_column({"musicShelfRenderer": {"title": title, "contents": [_row(song) for song in songs[:5]]}})
    button = {"channelId": "UCfakefakefakefakefakefa", "subscribed": False}
    head = {"title": runs(name), "subscriptionButton": {"subscribeButtonRenderer": button}}
    return {**page, "header": {"musicImmersiveHeaderRenderer": head}}


def _page(rows: Sequence[Json], token: str | None) -> Json:
    more = {"continuations": [{"nextContinuationData": {"continuation": token}}]} if token else {}
    return {"contents": list(rows), **more}


def _found_song(song: Song, kind: str, *, mixed: bool) -> Json:
    told = [
        [{"text": kind}] if mixed else [],
        _linked(song.artists, "MUSIC_PAGE_TYPE_ARTIST", "UC"),
        [{"text": song.album, **_browse(song.album_id, "MUSIC_PAGE_TYPE_ALBUM")}] if song.album else [],
        [{"text": song.length}] if song.length else [],
    ]
    about = [part for some in filter(None, told) for part in (*some, _DOT)][:-1]
    form = "MUSIC_VIDEO_TYPE_ATV" if kind == "Song" else "MUSIC_VIDEO_TYPE_OMV"
    row: Json = {"flexColumns": _columns([{"text": song.title}], about), "thumbnail": _pictures(song.picture)}
    play = {"musicPlayButtonRenderer": {"playNavigationEndpoint": _watched(song, form)}}
    row["overlay"] = {"musicItemThumbnailOverlayRenderer": {"content": play}}
    if not song.playable:
        row["musicItemRendererDisplayPolicy"] = "MUSIC_ITEM_RENDERER_DISPLAY_POLICY_GREY_OUT"
    return {"musicResponsiveListItemRenderer": row}


def _found_page(title: str, about: list[Json], browse_id: str, kind: str) -> Json:
    row = {
        "flexColumns": _columns([{"text": title}], about),
        "thumbnail": _pictures("https://lh3.googleusercontent.com/found=w60-h60"),
        **_browse(browse_id, kind),
    }
    return {"musicResponsiveListItemRenderer": row}


def _columns(*columns: list[Json]) -> list[Json]:
    return [{"musicResponsiveListItemFlexColumnRenderer": {"text": {"runs": column}}} for column in columns]


def _watched(song: Song, form: str) -> Json:
    config = {"watchEndpointMusicConfig": {"musicVideoType": form}}
    return {"watchEndpoint": {"videoId": song.video_id, "watchEndpointMusicSupportedConfigs": config}}
