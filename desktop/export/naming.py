"""Names of exported files: safe on every system, and without a child's name unless it is asked for."""

import re
import unicodedata
from datetime import date

LONGEST = 80  # bytes of UTF-8, ending included
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{device}{number}" for device in ("com", "lpt") for number in "0123456789¹²³"}
)
_UNSAFE = re.compile(r'[<>:"/\\|?*%$`;&!\s]+')


def file_name(*parts: str, ending: str) -> str:
    """Return the parts as one safe file name, joined by "_", at most LONGEST bytes long.

    No control or reserved characters, no reserved names, no dot or space at an end, in Unicode's form NFC: the rules of
    https://learn.microsoft.com/windows/win32/fileio/naming-a-file, which are the strictest ones.
    """
    room = LONGEST - len(ending.encode()) - 1
    stem = _cut("_".join(filter(None, map(_safe, parts))), room).rstrip("._- ")
    if not stem or stem.partition(".")[0].casefold() in _RESERVED:
        stem = _cut(f"kinelog_{stem}", room).rstrip("._- ")
    return f"{stem}.{ending}"


def export_name(day: date | None, whose: str, kind: str, *, ending: str) -> str:
    """Return the proposed name of an export, as "2025-11-23_K7Q2M9XA_report.pdf"."""
    return file_name(day.isoformat() if day else "", whose, kind, ending=ending)


def _safe(part: str) -> str:
    shown = "".join(
        letter for letter in unicodedata.normalize("NFC", part) if unicodedata.category(letter)[0] != "C"
    )
    return _UNSAFE.sub("-", shown).strip(".-_ ")


def _cut(text: str, most: int) -> str:
    """Return as much of `text` as fits into so many bytes, without cutting a letter apart."""
    return text.encode()[: max(most, 0)].decode(errors="ignore")
