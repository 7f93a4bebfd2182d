"""Words that were planted, and where their bytes are found again."""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote


def forms(word: str) -> set[bytes]:
    """Return the bytes that a word may stand as: in either case, in Unicode's forms, in hex, base64 and an address."""
    found: set[bytes] = set()
    for text in {word, word.lower(), word.upper()}:
        for raw in (text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be")):
            found |= {raw, raw.hex().encode(), raw.hex().upper().encode(), *_in_base64(raw)}
        found.add(quote(text).encode())
    return found


def _in_base64(raw: bytes) -> Iterator[bytes]:
    """Give what is the same of a word in base64 whatever stands before and behind it."""
    for before in range(3):
        encoded = b64encode(bytes(before) + raw)
        bits = 8 * before
        yield encoded[-(-bits // 6) : (bits + 8 * len(raw)) // 6]


def places(words: Iterable[str], folders: Iterable[Path]) -> list[str]:
    """Return where a word's bytes are: in a file, or in the name of a file or folder."""
    looked_for = {form: word for word in words for form in forms(word)}
    found = []
    for folder in folders:
        for path in (folder, *folder.rglob("*")):
            content = path.read_bytes() if path.is_file() else b""
            found += [
                f"{word} as {form!r} in {path}"
                for form, word in looked_for.items()
                if form in content or form in path.name.encode()
            ]
    return found
