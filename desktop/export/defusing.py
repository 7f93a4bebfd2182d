"""Text that a spreadsheet would run as a formula, made harmless in a way that can be undone.

A cell that begins with one of these letters, or with an apostrophe, gets an apostrophe before it: spreadsheets take it
for text, and whoever reads the file again takes it off. So does what follows a separator inside a text, with quotation
marks or without: a spreadsheet that takes another separator for the file's begins a cell there. After OWASP, "CSV
Injection", https://owasp.org/www-community/attacks/CSV_Injection, with the full-width letters that some spreadsheets
take for the plain ones.
"""

import re
from functools import lru_cache

MARK = "'"
STARTS = frozenset(("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20", MARK))
_ANY_START = f"[{re.escape(''.join(sorted(STARTS)))}]"
_CELL_BEGINS = rf'(?:^(?={_ANY_START})|(?<=[;,\t\r\n])(?="*{_ANY_START}))'
_DANGEROUS = re.compile(_CELL_BEGINS)
_DEFUSED = re.compile(rf'(?:^{MARK}(?={_ANY_START})|(?<=[;,\t\r\n]){MARK}(?="*{_ANY_START}))')


@lru_cache(512)  # a session's texts stand in each row of its metrics
def defused(text: str) -> str:
    """Return `text` so that no spreadsheet runs it."""
    return _DANGEROUS.sub(MARK, text)


def restored(text: str) -> str:
    """Return what was defused."""
    return _DEFUSED.sub("", text)
