"""Reading protocol files, and the one form in which a protocol is stored and hashed."""

import hashlib
from codecs import BOM_UTF8
from functools import cache
from importlib.resources import files

import rfc8785
from pydantic import ValidationError

from desktop.errors import Invalid
from desktop.protocols.battery import Protocol

_BUNDLED = ("motor-screening-1.json",)


@cache
def bundled() -> tuple[Protocol, ...]:
    """Return the protocols that come with Kinelog, the one for a first session first."""
    folder = files(__package__)
    return tuple(parse((folder / name).read_bytes()) for name in _BUNDLED)


def parse(raw: bytes) -> Protocol:
    """Return the protocol in a JSON file; raises `Invalid` naming the first place that does not fit."""
    try:
        return Protocol.model_validate_json(raw.removeprefix(BOM_UTF8))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ", ".join(_step(step) for step in first["loc"])
        reason = first["msg"].removeprefix("Value error, ").replace("Input should", "it should")
        where = f" at {place}" if place else ""
        raise Invalid(f"This protocol file cannot be used{where}: {reason}.") from error


def canonical(protocol: Protocol) -> bytes:
    """Return the protocol as RFC 8785 JSON without empty options; `parse` reads it back equal."""
    return rfc8785.dumps(protocol.model_dump(mode="json", exclude_none=True))


def sha256(protocol: Protocol) -> str:
    """Return the hash of the canonical form, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(protocol)).hexdigest()


def _step(step: int | str) -> str:
    return f"number {step + 1}" if isinstance(step, int) else step
