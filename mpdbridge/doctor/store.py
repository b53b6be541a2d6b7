"""Whether the TrackStore can be used, and whether there is room for it to grow."""

from pathlib import Path

from mpdbridge.config import Settings
from mpdbridge.doctor.checks import Check, fail, failed, ok, warn
from mpdbridge.doctor.facts import LITTLE_ROOM, DiskFacts, StoreFacts, ask_disk, ask_store
from mpdbridge.errors import MpdBridgeError

_MIB = 2**20
_NOTHING = 20 * _MIB


async def probe(settings: Settings) -> list[Check]:
    found = await ask_store(settings.proxy.track_mapping_db, settings.mpd, thoroughly=True)
    disk = await ask_disk(settings.proxy.track_mapping_db)
    return [tracks(found, disk), room(disk.folder, disk.free)]


def tracks(found: StoreFacts, disk: DiskFacts) -> Check:
    if found.problem:
        return failed("Tracks", MpdBridgeError(found.problem))
    if not found.exists and not disk.writable:
        fix = "give this user the right to write there, or set proxy.track_mapping_db to another place"
        return fail("Tracks", f"{found.path} cannot be made: {disk.folder} is not writable", fix)
    if not found.exists:
        return warn("Tracks", f"{found.path}: not there yet", "run `mpdbridge sync`")
    size = f"{found.path}, {found.bytes / _MIB:.1f} MiB"
    if found.damage:
        return fail("Tracks", f"{size}, is damaged: {found.damage}", "move it away, `mpdbridge sync` makes a new one")
    return ok("Tracks", f"{size}, sound: {found.tracks} tracks, {found.playlists} playlists, {found.dead} not playable")


def room(folder: Path, free: int) -> Check:
    """`free` bytes are left where `folder` is."""
    told = f"{free / _MIB:.0f} MiB free at {folder}"
    if free < _NOTHING:
        return fail("Disk", told, "free some space: nothing can be remembered")
    if free < LITTLE_ROOM:
        return warn("Disk", told, "free some space, or set proxy.head_cache_mb lower")
    return ok("Disk", told)
