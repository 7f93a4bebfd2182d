"""Whether the log beside a database was damaged: SQLite would drop what was saved last, and say nothing.

After a power cut the log may end in the middle of a save, so SQLite takes it to end where the first frame does not
fit (https://www.sqlite.org/fileformat.html, 4.1). Where later saves stand behind that frame, it was no power cut.
"""

import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from operator import mul
from pathlib import Path
from struct import unpack_from

from desktop.trouble import file_trouble, unavailable

_HEADER, _FRAME_HEADER = 32, 24
_MAGICS = {0x377F0682: "little", 0x377F0683: "big"}
_WORD = 0xFFFFFFFF
_TRIES = 3
_LARGEST = 64_000_000
Sums = tuple[int, int]


def refuse_damaged_log(database: Path) -> None:
    """Raise DatabaseUnavailable when the log of `database` holds saves that SQLite would drop unsaid.

    Only bytes are read, and none of a log larger than 64 MB, which an import leaves for a moment: it would take long.
    A program that is writing at this moment changes them, so they are read again.
    """
    log = database.with_name(f"{database.name}-wal")
    raw = _content(log)
    for _ in range(_TRIES):
        if not is_damaged(raw):
            return
        raw, before = _content(log), raw
        if raw == before:
            raise unavailable(
                "damaged",
                f"{log.name}, which holds the newest changes, cannot be read to its end. Restore a backup or, to go "
                "on without those changes, move that file to another folder.",
            )


def _content(log: Path) -> bytes:
    with file_trouble(log):
        try:
            return log.read_bytes() if log.stat().st_size <= _LARGEST else b""
        except FileNotFoundError:
            return b""


def is_damaged(raw: bytes) -> bool:
    """Tell whether frames of later saves stand behind one that does not fit."""
    if len(raw) <= _HEADER or not any(raw[:_HEADER]):  # nothing was written, or did not get to the disk
        return False
    log = _Log.of(raw)
    if log is None:
        return True
    frames = list(log.frames())
    broken = next((place for place, frame in enumerate(frames) if not frame.fits), len(frames))
    behind = frames[broken:]
    ends = [place for place, frame in enumerate(behind) if frame.ends_a_save and (place == 0 or frame.fits)]
    return bool(ends) and any(frame.fits for frame in behind[ends[0] + 1 :])


@dataclass(frozen=True)
class _Frame:
    """`fits` to the frame before it, by its salts and sums."""

    fits: bool
    ends_a_save: bool


@dataclass(frozen=True)
class _Log:
    raw: bytes
    order: str
    page_size: int
    salts: bytes
    sums: Sums

    @classmethod
    def of(cls, raw: bytes) -> "_Log | None":
        """Return the log in `raw`, None when its header does not fit."""
        magic, _version, page_size = unpack_from(">3I", raw)
        sums: Sums = unpack_from(">2I", raw, 24)
        order = _MAGICS.get(magic)
        if order is None or _summed(raw[:24], order, (0, 0)) != sums:
            return None
        return cls(raw, order, page_size, raw[16:24], sums)

    def frames(self) -> Iterator[_Frame]:
        size, sums = _FRAME_HEADER + self.page_size, self.sums
        for start in range(_HEADER, len(self.raw) - size + 1, size):
            _page, pages_after = unpack_from(">2I", self.raw, start)
            told: Sums = unpack_from(">2I", self.raw, start + 16)
            is_of_now = self.raw[start + 8 : start + 16] == self.salts
            summed = self.raw[start : start + 8] + self.raw[start + _FRAME_HEADER : start + size]
            yield _Frame(
                is_of_now and _summed(summed, self.order, sums) == told, is_of_now and pages_after > 0
            )
            sums = told


def _summed(raw: bytes, order: str, sums: Sums) -> Sums:
    """Return SQLite's checksum of `raw` after `sums`: two sums, each of which adds up the other.

    That makes Fibonacci's numbers the weights of the words, and one multiplication a word is ten times as fast.
    """
    words = array("I", raw)
    if order != sys.byteorder:
        words.byteswap()
    falling = _falling(len(words) + 1)  # F(n + 1) ... F(1), F(0) for n words
    first, second = sums
    return (
        (first * falling[2] + second * falling[1] + sum(map(mul, words, falling[2:]))) & _WORD,
        (first * falling[1] + second * falling[0] + sum(map(mul, words, falling[1:]))) & _WORD,
    )


@cache
def _falling(most: int) -> list[int]:
    """Return Fibonacci's numbers from the one at `most` down to the one at 0, as far as a word holds them."""
    rising = [0, 1]
    while len(rising) <= most:
        rising.append((rising[-1] + rising[-2]) & _WORD)
    return rising[::-1]
