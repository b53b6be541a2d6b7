"""The relay: MPD asks for a track, and gets its audio from wherever it lives now."""
