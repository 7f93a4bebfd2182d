"""Sessions as one CSV, a row for each metric: parents without children have a row too.

"comma" is for programs: commas, points, UTF-8. "semicolon" is for Excel where the comma is the decimal sign:
semicolons, decimal commas, and a mark at the beginning that tells Excel that it is UTF-8. A double is written with the
digits from which it is read back bit for bit; text that a spreadsheet would run is defused (`desktop.export.defusing`).
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO

from desktop.errors import AppError
from desktop.export.columns import Column
from desktop.export.defusing import defused
from desktop.export.forms import Convention
from desktop.export.snapshot import Snapshot
from desktop.export.table import Row, Table
from desktop.files import replacing

Progress = Callable[[int, int], None]
ORIGIN = ("exported_at", "exported_with", "audit_tail")
_SEPARATORS: dict[Convention, str] = {"comma": ",", "semicolon": ";"}
_MARKS: dict[Convention, str] = {"comma": "utf-8", "semicolon": "utf-8-sig"}


async def write_csv(
    snapshot: Snapshot,
    path: Path,
    *,
    convention: Convention = "comma",
    progress: Progress | None = None,
) -> int:
    """Write the snapshot's sessions to `path` at once or not at all; returns how many.

    Raises NotFound when one of them is not there, and AppError when the file cannot be written.
    """
    table = Table(snapshot, whole=True)
    columns = (*table.sessions, *table.tasks, *table.metrics)
    made = snapshot.made
    origin = [made.made_at.isoformat(timespec="seconds"), f"Kinelog {made.app_version}", made.audit_tail]
    done = 0
    try:
        with replacing(path) as file, _text(file, convention) as text:
            writer = csv.writer(text, delimiter=_SEPARATORS[convention], lineterminator="\r\n")
            writer.writerow([*(column.name for column in columns), *ORIGIN])
            cells = cells_of(columns, convention)
            async for page in snapshot.pages:
                rows = (row for exported in page for row in table.flat_rows(exported))
                writer.writerows([*cells(row), *origin] for row in rows)
                done += len(page)
                if progress is not None:
                    progress(done, snapshot.sessions)
    except OSError as error:
        raise AppError(f"{path} cannot be written: {error.strerror}.") from None
    return done


def cells_of(columns: Iterable[Column], convention: Convention = "comma") -> Callable[[Row], Iterator[str]]:
    """Return what makes a row's values cells: the same value always the same text."""
    makers = {**_MAKERS, "number": _comma_number if convention == "semicolon" else repr}
    chosen = [makers.get(column.kind, str if column.plain else defused) for column in columns]

    def cells(row: Row) -> Iterator[str]:
        return ("" if value is None else make(value) for make, value in zip(chosen, row, strict=True))

    return cells


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _comma_number(value: float) -> str:
    return repr(value).replace(".", ",")


@contextmanager
def _text(file: BinaryIO, convention: Convention) -> Iterator[TextIOWrapper]:
    """Give text that goes into a binary file, which stays open for who opened it."""
    wrapper = TextIOWrapper(file, encoding=_MARKS[convention], newline="")
    try:
        yield wrapper
        wrapper.flush()
    finally:
        wrapper.detach()


_MAKERS: dict[str, Callable[[Any], str]] = {"whole": str, "truth": _truth}
