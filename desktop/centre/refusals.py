"""Why a centre cannot be used, beside what the sync itself knows: each with one clear sentence."""

from desktop.sync.remote import CentreError, SignedOut


class LoginRefused(SignedOut):
    """The centre does not let this role in: it was revoked, or its password is another one."""


class NotTrusted(CentreError):
    """Nobody vouches for the server that answered, or it does not encrypt; nothing was told to it."""


class WrongName(NotTrusted):
    """The server that answered proves to be another one; nothing was told to it."""


class NotACentre(CentreError):
    """The database is there, and holds no centre."""


class Unfit(CentreError):
    """A centre cannot be made or changed so; everything is as it was."""
