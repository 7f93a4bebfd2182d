"""Codes that people read aloud, print and copy by hand."""

import secrets

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0 or O, no 1 or I


def new_code(length: int) -> str:
    """Return `length` random letters, 5 bits each."""
    return "".join(secrets.choice(LETTERS) for _ in range(length))
