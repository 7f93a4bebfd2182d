"""Errors whose text is for the user.

They are raised where a failure is understood and shown in one place of the window (or as one line by the
command line). Anything else that is raised is a bug.
"""


class AppError(Exception):
    """A failure told in the user's words."""


class NotFound(AppError):
    """The record is not there, or was deleted."""


class Invalid(AppError):
    """What was entered cannot be recorded."""


class Conflict(AppError):
    """Another edit came first."""


class SignedOff(Conflict):
    """The session is signed off, and nobody said why it is changed."""


class WrongKey(AppError):
    """The passphrase, the recovery key or the vault's key does not open it; nothing was touched."""


class DatabaseUnavailable(AppError):
    """The database cannot be read or written now.

    `kind` says why, one of "full", "read_only", "locked", "damaged", "newer", "foreign", "gone", "unaudited",
    "migration" and "keys"; the window chooses its banner by it.
    """

    def __init__(self, message: str, *, kind: str) -> None:
        super().__init__(message)
        self.kind = kind
