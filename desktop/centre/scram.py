"""A password as PostgreSQL keeps it, computed on this side, so that the password itself never reaches the server."""

import hashlib
import hmac
import os
from base64 import b64encode

ITERATIONS = 4096


def verifier(password: str, *, salt: bytes | None = None, iterations: int = ITERATIONS) -> str:
    """Return the SCRAM-SHA-256 verifier of an ASCII password, as CREATE ROLE takes it instead of one. RFC 5803.

    The salt is random if none is given. A password beyond ASCII would have to be prepared first (RFC 4013).
    """
    salt = os.urandom(16) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, iterations)
    stored = hashlib.sha256(_keyed(salted, b"Client Key")).digest()
    server = _keyed(salted, b"Server Key")
    return f"SCRAM-SHA-256${iterations}:{_text(salt)}${_text(stored)}:{_text(server)}"


def _keyed(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, "sha256").digest()


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()
