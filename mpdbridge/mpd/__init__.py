"""Everything that is said to MPD, in MPD's own protocol."""
