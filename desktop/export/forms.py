"""The forms in which sessions leave this laptop, by name; nothing heavy is imported with them."""

from typing import Literal

Format = Literal["pdf", "xlsx", "csv", "json", "fhir", "redcap", "datapackage"]
Convention = Literal["comma", "semicolon"]
Kind = Literal["clinician", "family", "day"]
Language = Literal["en", "ar"]
Part = Literal["notes", "charts"]  # of a clinician's report, which may be left out

ENDINGS: dict[Format, str] = {
    "pdf": "pdf",
    "xlsx": "xlsx",
    "csv": "csv",
    "json": "json",
    "fhir": "fhir.json",
    "redcap": "redcap.zip",
    "datapackage": "datapackage.zip",
}
