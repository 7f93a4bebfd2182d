"""The forms in which sessions leave this laptop, by name; nothing heavy is imported with them."""

from typing import Literal

Format = Literal["pdf", "json", "fhir"]
Kind = Literal["clinician", "family", "day"]
Language = Literal["en", "ar"]

ENDINGS: dict[Format, str] = {
    "pdf": "pdf",
    "json": "json",
    "fhir": "fhir.json",
}
