"""Music that is nowhere, but has everything a track can have."""

from mpdbridge.models import Track


def tracks(count: int) -> list[Track]:
    """`count` different tracks: 12 to an album, every third with two artists, some titles not in ASCII."""
    return [
        Track(
            track_id=f"bench{number:06d}",
            title=f"Piece number {number}" if number % 5 else f"Pièce nº {number} ・ 曲",
            artists=(f"Artist {number // 24}", *((f"Guest {number % 97}",) if number % 3 == 0 else ())),
            album=f"Album {number // 12}",
            album_artist=f"Artist {number // 24}",
            track_number=number % 12 + 1,
            date=str(1970 + number // 12 % 55),
            duration=120.0 + number % 240,
        )
        for number in range(count)
    ]
