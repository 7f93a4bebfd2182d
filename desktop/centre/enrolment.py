"""What a laptop is given so that it finds its centre and is let in: one text that survives a mail.

Letters and digits alone carry it, in either case, so that nothing is lost when lines are broken, quoted, indented or
put into quotation marks.
"""

import hashlib
import json
import re
import zlib
from base64 import b32decode, b32encode
from dataclasses import asdict, dataclass, field, fields
from textwrap import wrap
from typing import Any
from uuid import UUID

from desktop.errors import Invalid

FORM = 1
LONGEST_TEXT = 200_000
_BEGIN, _END = "KINELOG ENROLMENT BEGINS", "KINELOG ENROLMENT ENDS"
_NOT_UNDERSTOOD = "The enrolment text is whole, and says nothing that Kinelog understands."
_CHECKED = 8  # bytes of the check sum
_PASTED = re.compile(f"{_BEGIN}([A-Z0-9]*?)({_END}|$)".replace(" ", ""))


@dataclass(frozen=True)
class Enrolment:
    """One laptop's way to its centre.

    `ca_pem` are the certificates that vouch for the centre's own, empty for those that this computer trusts. `plain`
    is a connection without encryption, to a loopback address only. `name` is what the centre calls this laptop.
    """

    host: str
    port: int
    database: str
    role: str
    password: str = field(repr=False)
    ca_pem: str = field(repr=False)
    centre_id: UUID
    central_uuid: UUID
    name: str
    plain: bool

    def as_text(self) -> str:
        """Return the enrolment as lines to be sent; who reads them can log in, so they are a secret."""
        told = {
            name: str(value) if isinstance(value, UUID) else value for name, value in asdict(self).items()
        }
        packed = zlib.compress(json.dumps({"form": FORM, **told}).encode(), 9)
        letters = b32encode(_sum_of(packed) + packed).decode().rstrip("=")
        return "\n".join((_BEGIN, *wrap(letters, 64), _END))


def from_text(text: str) -> Enrolment:
    """Return the enrolment that a pasted text holds; raises Invalid, which says whether something is missing."""
    found = _PASTED.search(re.sub(r"[^A-Za-z0-9]", "", text[:LONGEST_TEXT]).upper())
    if found is None:
        raise Invalid(f"This is no enrolment text, or its beginning is missing. It starts with “{_BEGIN}”.")
    if not found[2]:
        raise Invalid(f"The end of the enrolment text is missing. It closes with “{_END}”.")
    return _understood(_unpacked(found[1]))


def _unpacked(letters: str) -> bytes:
    """Return what the letters carry; raises Invalid when the check sum says that it is not what was sent."""
    try:
        raw = b32decode(letters + "=" * (-len(letters) % 8))
    except ValueError:
        raw = b""
    told, packed = raw[:_CHECKED], raw[_CHECKED:]
    if told != _sum_of(packed):
        raise Invalid("A part of the enrolment text is missing or was changed. Copy all of it again.")
    try:
        return zlib.decompressobj().decompress(packed, LONGEST_TEXT)
    except zlib.error:
        raise Invalid(_NOT_UNDERSTOOD) from None


def _sum_of(packed: bytes) -> bytes:
    return hashlib.sha256(packed).digest()[:_CHECKED]


def _understood(content: bytes) -> Enrolment:
    try:
        told = json.loads(content)
        if told["form"] != FORM:
            raise Invalid("The enrolment text was made for a newer Kinelog.")
        return Enrolment(**{one.name: _value(told[one.name], one.type) for one in fields(Enrolment)})
    except (ValueError, KeyError, TypeError):
        raise Invalid(_NOT_UNDERSTOOD) from None


def _value(told: Any, kind: Any) -> Any:
    if kind is UUID:
        return UUID(told)
    if type(told) is not kind:
        raise TypeError
    return told
