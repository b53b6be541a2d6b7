"""Sync: what the sources offer becomes stored playlists of MPD. Emits events, prints nothing."""
