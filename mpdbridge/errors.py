"""The errors that pass between rooms. The message of each is one line for the user: what, where, the fix."""


class MpdBridgeError(Exception):
    """Something failed in a way that can be told in one line; the command ends with exit code 1."""


class ConfigError(MpdBridgeError):
    """The configuration or the command line cannot be used; the command ends with exit code 2."""


class StoreError(MpdBridgeError):
    """The TrackStore's file cannot be opened, read or written."""


class SourceError(MpdBridgeError):
    """A source did not answer, or answered something that must not be taken for the truth."""


class SourceAwayError(SourceError):
    """A source cannot be reached, or asks for peace: at present it would answer nothing else, either."""


class LoginError(SourceError):
    """A source's login is dead, or there is none that could be used. What is public can be had all the same.

    Attributes:
        absent: nobody has ever logged in here.
    """

    def __init__(self, message: str, *, absent: bool = False) -> None:
        super().__init__(message)
        self.absent = absent


class MpdUnavailableError(MpdBridgeError):
    """MPD cannot be reached, or the connection broke. Worth trying again."""


class MpdRefusedError(MpdBridgeError):
    """MPD answered ACK. Trying the same again will not help.

    Attributes:
        code: MPD's ACK number (4 permission, 50 no such object, 56 object exists, …).
        index: position of the refused command in its command list; all before it were carried out.
        command: name of the refused command.
    """

    def __init__(self, message: str, *, code: int, index: int = 0, command: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.index = index
        self.command = command


class ProxyError(MpdBridgeError):
    """The relay cannot do its work: its port is taken, or a request cannot be served."""


class TrackNotFoundError(ProxyError):
    """No track of this id is in the TrackStore."""


class YouTubeStreamError(ProxyError):
    """No playable stream of a track can be had.

    Attributes:
        permanent: the track is gone (deleted, private, blocked here); asking again soon will not help.
        retry_after: seconds to leave the site alone when it asked for that (429, bot check), else None.
        login: the site wants to know who asks, so `mpdbridge auth` or `resolver.cookies_file` may help.
    """

    def __init__(
        self, message: str, *, permanent: bool = False, retry_after: float | None = None, login: bool = False
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after
        self.login = login
