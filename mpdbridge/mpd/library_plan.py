"""Which sheets are to be written, and where. Pure: tracks, records and what stands on the disk in, a plan out."""

from collections.abc import Mapping
from dataclasses import dataclass

from mpdbridge import cue
from mpdbridge.models import Track
from mpdbridge.mpd.lengths import end_for, sure_length
from mpdbridge.mpd.places import Places, folders_of
from mpdbridge.mpd.sheets import SheetFile, Shelf, Write, by_track
from mpdbridge.mpd.tag_diff import desired_tags
from mpdbridge.store import SheetRecord
from mpdbridge.urls import ProxyUrls


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """What to do.

    Attributes:
        places: where the sheet of each track stands, or shall stand.
        writes: those that are missing, or not as they should be.
        right: mtimes of the others, by track.
    """

    places: Mapping[str, str]
    writes: tuple[Write, ...]
    right: Mapping[str, int]


def sheet_of(track: Track, urls: ProxyUrls, streamed: float | None = None) -> cue.Sheet:
    """The sheet of `track`.

    It ends behind the end of the music (`lengths`). The source's word for that counts, so that the sheet need not
    change when a stream is resolved; unless the source has none, or the end would be cut off.

    Args:
        track: with the duration that its source tells.
        urls: of the relay.
        streamed: the exact duration in seconds, when a stream was resolved.
    """
    length = sure_length(track)
    end = None if length is None else end_for(length)
    if streamed and (end is not None or not track.duration) and streamed > (end or 0):
        end = end_for(streamed)
    return cue.Sheet(urls.plain(track.track_id), desired_tags(track), end)


def our_sheets(records: Mapping[str, SheetRecord], shelf: Shelf, urls: ProxyUrls) -> dict[str, SheetFile]:
    """The sheets on the disk that are ours, by track: one for each.

    That is the one at the place that was noted, if it is a sheet of this track still, or what a power cut has left of
    it. Failing that, one that leads to our relay: the TrackStore may be a new one.
    """
    found: dict[str, SheetFile] = {}
    for track_id, sheets in by_track(shelf).items():
        record = records.get(track_id)
        for sheet in sheets:
            url = cue.url_of(sheet.text)
            noted = record is not None and sheet.place == record.place
            if noted and (not sheet.text or (url is not None and url.endswith(f"/proxy/{track_id}"))):
                found[track_id] = sheet
                break
            if url is not None and urls.track_id(url) == track_id:
                found.setdefault(track_id, sheet)
    return found


def plan_sheets(
    tracks: Mapping[str, Track],
    sheets: Mapping[str, cue.Sheet],
    ours: Mapping[str, SheetFile],
    records: Mapping[str, SheetRecord],
    shelf: Shelf,
) -> SheetPlan:
    """The plan for all `sheets`, by track; their tracks choose places in this order."""
    noted = [folder for record in records.values() for folder in folders_of(record.place)]
    chooser = Places(shelf.files, [*shelf.folders, *noted])
    places: dict[str, str] = {}
    writes: list[Write] = []
    right: dict[str, int] = {}
    for track_id, sheet in sheets.items():
        text = cue.render(sheet)
        file, record = ours.get(track_id), records.get(track_id)
        if file is not None:
            place = file.place
        elif record is not None and record.place and chooser.can_have(record.place):
            place = record.place
        else:
            place = chooser.choose(tracks[track_id])
        places[track_id] = place
        if file is not None and file.text == text:
            right[track_id] = file.mtime
        else:
            read = 0 if record is None else record.read or 0
            writes.append(Write(track_id, place, text, after=max(file.mtime if file else 0, read)))
    return SheetPlan(places, tuple(writes), right)
