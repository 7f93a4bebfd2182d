"""Text that a spreadsheet would run as a formula, made harmless in a way that can be undone.

A cell that begins with one of these letters, or with an apostrophe, gets an apostrophe before it: spreadsheets take it
for text, and whoever reads the file again takes one apostrophe off. After OWASP, "CSV Injection",
https://owasp.org/www-community/attacks/CSV_Injection, with the full-width letters that some spreadsheets take for the
plain ones.
"""

MARK = "'"
STARTS = frozenset(("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20", MARK))


def defused(text: str) -> str:
    """Return `text` so that no spreadsheet runs it."""
    return MARK + text if text and text[0] in STARTS else text


def restored(text: str) -> str:
    """Return what was defused."""
    return text.removeprefix(MARK)
