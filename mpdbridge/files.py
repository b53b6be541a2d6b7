"""Files that nobody finds half written, and that a full disk or a crash does not cost us."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


def write_private(path: Path, text: str) -> None:
    """Replaces the file as a whole, mode 0600; what a symbolic link leads to, not the link. Makes parent folders.

    Raises:
        OSError: it cannot be written; a file that was there before is as it was.
    """
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    with replacing(target) as file:
        file.write(text.encode())


@contextmanager
def replacing(
    path: Path, *, mode: int = 0o600, name: tuple[str, str] = (".", ""), synced: bool = True
) -> Iterator[IO[bytes]]:
    """A new file that takes the place of `path` when the body ends; if that fails, all is as it was.

    Args:
        path: in a folder that is there.
        mode: of the new file.
        name: how the name begins and ends that it has until then. A kill leaves it behind.
        synced: it is on the disk before it takes the place, so that a power cut leaves the one or the other.
    """
    descriptor, temporary = tempfile.mkstemp(prefix=name[0], suffix=name[1], dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)
            yield file
            file.flush()
            if synced:
                os.fsync(descriptor)
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds the folder's lock. The file itself would not do: it is replaced as a whole. No lock where there is none."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # a network share without locks; a rotation may get lost there
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
