"""The secret that the computer's own keyring keeps: Secret Service, Keychain or Credential Locker.

Whoever is logged in to the computer can have it, without a passphrase; so there is none unless somebody wants it.
"""

import logging
from typing import Any
from uuid import UUID

from desktop.errors import AppError

SERVICE = "Kinelog"
UNREACHABLE = "This computer has no keyring that can be used now. Please go on with your passphrase."
KEEPERS = ("SecretService", "Windows", "macOS", "kwallet", "libsecret")  # others write a secret down in clear

log = logging.getLogger(__name__)


def find(vault: UUID) -> str | None:
    """Return the secret of a vault, None when there is none; raises AppError when the keyring cannot be asked."""
    return _ask("get_password", str(vault))


def keep(vault: UUID, secret: str) -> None:
    """Keep the secret of a vault; raises AppError when the keyring cannot."""
    _ask("set_password", str(vault), secret)


def forget(vault: UUID) -> None:
    """Forget the secret of a vault; what cannot be reached keeps a secret that opens nothing any more."""
    try:
        _ask("delete_password", str(vault))
    except AppError:
        log.info("The keyring could not be asked to forget")


def _ask(act: str, *words: str) -> str | None:
    from keyring.errors import KeyringError, PasswordDeleteError  # only where somebody uses it

    try:
        found: str | None = getattr(_keeper(), act)(SERVICE, *words)
    except PasswordDeleteError:
        return None
    except (KeyringError, OSError) as error:
        log.info("The keyring did not answer: %s", type(error).__name__)
        raise AppError(UNREACHABLE) from None
    return found


def _keeper() -> Any:
    """Return the keyring of the platform that can be reached now, never one that writes secrets down in clear."""
    from keyring.backend import KeyringBackend, get_all_keyring

    get_all_keyring()  # which makes all kinds known
    keepers = [
        keeper
        for keeper in KeyringBackend.get_viable_backends()
        if keeper.__module__.rpartition(".")[2] in KEEPERS
    ]
    if not keepers:
        raise AppError(UNREACHABLE)
    return max(keepers, key=lambda keeper: keeper.priority)()
