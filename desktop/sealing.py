"""Files outside the database that hold records all the same: sealed with the vault's data key."""

import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from desktop.errors import WrongKey

MAGIC = b"KINELOG SEALED 1\n"
_SALT, _NONCE = 16, 12
MOST_BYTES = 1 << 28


def seal(key: bytes, content: bytes) -> bytes:
    """Return `content` so that only who has the data key reads it (AES-256-GCM, a key of its own by HKDF)."""
    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    return MAGIC + salt + nonce + AESGCM(_own(key, salt)).encrypt(nonce, content, MAGIC)


def is_sealed(raw: bytes) -> bool:
    """Tell whether a file's content is sealed."""
    return raw.startswith(MAGIC)


def unseal(key: bytes, raw: bytes) -> bytes:
    """Return what was sealed; raises WrongKey when it was by another vault, or is damaged."""
    body = raw[len(MAGIC) :]
    salt, nonce, sealed = body[:_SALT], body[_SALT : _SALT + _NONCE], body[_SALT + _NONCE :]
    try:
        return AESGCM(_own(key, salt)).decrypt(nonce, sealed, MAGIC)
    except (InvalidTag, ValueError):
        raise WrongKey("This file was sealed by another vault, or is damaged.") from None


def unseals(key: bytes, path: Path) -> bool:
    """Tell whether the file at `path` is one that `key` unseals; what cannot be read is none."""
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES)
        if not is_sealed(raw):
            return False
        unseal(key, raw)
    except (OSError, WrongKey):
        return False
    return True


def _own(key: bytes, salt: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, b"kinelog sealed file").derive(key)
