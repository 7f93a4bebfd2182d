"""The published JSON Schema of protocol files."""

from importlib.resources import files
from typing import Any

from desktop.protocols.battery import Protocol


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a protocol file, made from the models.

    What a schema cannot say, `parse` checks: keys that differ, and a low end below its high end.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:kinelog:protocol:1",
        **Protocol.model_json_schema(),
        "title": "Kinelog protocol",
    }


def published() -> bytes:
    """Return the bytes of `protocol.schema.json`, for owners who write their own protocols."""
    return (files(__package__) / "protocol.schema.json").read_bytes()
