"""Sessions as a workbook for Excel: typed cells, a sheet each for sessions, tasks and metrics, a codebook, the origin.

Text is written as text whatever it begins with, so nothing is run when the file is opened. Text that would become a
formula when somebody edits its cell is also marked as text, by Excel's hidden apostrophe and the number format "@":
its value stays as it was recorded, and it stays text when it is typed anew. Instants are dates in UTC; those that
Excel cannot show stay ISO text.

All is put together in memory: the library's other way leaves records in clear in temporary files.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter

from desktop.collecting import uncollected
from desktop.errors import AppError, Invalid
from desktop.export.codebook import CODEBOOK, about_columns, about_protocol
from desktop.export.columns import Column
from desktop.export.defusing import STARTS
from desktop.export.forms import Language
from desktop.export.snapshot import Exported, Snapshot
from desktop.export.table import Row, Table
from desktop.files import replacing
from desktop.protocols import sha256

Progress = Callable[[int, int], None]
# https://support.microsoft.com/office/excel-specifications-and-limits
MOST_ROWS = 1_048_576
FIRST_YEAR, LAST_YEAR = 1901, 9998  # Excel takes 1900 for a leap year, and rounding must not leave 9999
MOST_LETTERS = 32_767  # in UTF-16, where a letter beyond the first 65,536 counts twice
TOO_LONG = "A text is longer than a cell of Excel, which takes {most} letters. Choose CSV."
TOO_MANY = "Excel takes at most {most} rows on a sheet. Export fewer sessions, or choose CSV."
WIDTHS = {"text": 22, "whole": 10, "number": 12, "truth": 9, "day": 12, "instant": 19}
WIDE = {
    "session_id": 38,
    "task_id": 38,
    "metric_id": 38,
    "child_id": 38,
    "content_hash": 66,
    "meaning": 60,
    "value": 66,
}


async def write_xlsx(
    snapshot: Snapshot, path: Path, *, language: Language = "en", progress: Progress | None = None
) -> int:
    """Write the snapshot's sessions to `path` at once or not at all; returns how many.

    Raises NotFound when one of them is not there, Invalid for more than Excel takes, and AppError when the file cannot
    be written.
    """
    made = BytesIO()
    try:
        with replacing(path) as file, uncollected():
            book = xlsxwriter.Workbook(made, _options())
            book.set_properties({"title": "Kinelog", "created": snapshot.made.made_at})
            sheets = _Sheets(book, Table(snapshot))
            done = await _add_sessions(sheets, snapshot, progress)
            sheets.add_codebook(snapshot, language)
            sheets.add_origin(snapshot)
            await asyncio.to_thread(book.close)
            file.write(made.getbuffer())
    except OSError as error:
        raise AppError(f"{path} cannot be written: {error.strerror}.") from None
    return done


def _options() -> dict[str, bool]:
    guesses = ("strings_to_formulas", "strings_to_urls", "strings_to_numbers")
    return {"in_memory": True, **dict.fromkeys(guesses, False)}


async def _add_sessions(sheets: "_Sheets", snapshot: Snapshot, progress: Progress | None) -> int:
    done = 0
    async for page in snapshot.pages:
        for exported in page:
            sheets.add(exported)
        done += len(page)
        if progress is not None:
            progress(done, snapshot.sessions)
        await asyncio.sleep(0)
    return done


class _Sheet:
    """One sheet that is filled from the top."""

    def __init__(self, book: Any, name: str, columns: Sequence[Column], formats: dict[str, Any]) -> None:
        self._sheet = book.add_worksheet(name)
        self._columns, self._formats = columns, formats
        self._next = 1
        self._writers = [self._writer(column) for column in columns]
        for place, column in enumerate(columns):
            self._sheet.write_string(0, place, column.name, formats["head"])
            width = WIDE.get(column.name, max(WIDTHS[column.kind], len(column.name) + 3))
            self._sheet.set_column(place, place, width)
        self._sheet.freeze_panes(1, 1)

    def add(self, row: Row) -> None:
        """Write another row; raises Invalid when there is no room for it."""
        if self._next >= MOST_ROWS:
            raise Invalid(TOO_MANY.format(most=f"{MOST_ROWS:,}"))
        at = self._next
        for place, (write, value) in enumerate(zip(self._writers, row, strict=True)):
            if value is not None:
                write(at, place, value)
        self._next += 1

    def close(self) -> None:
        """Let the rows be filtered by their headings."""
        self._sheet.autofilter(0, 0, max(self._next - 1, 1), len(self._columns) - 1)

    def _writer(self, column: Column) -> Callable[[int, int, Any], int]:
        kind, write_number = column.kind, self._sheet.write_number
        if kind == "text":
            as_it_is: Callable[[int, int, Any], int] = self._sheet.write_string
            return as_it_is if column.plain else self._write_text
        if kind == "number":
            return lambda row, place, value: int(write_number(row, place, _AllDigits(value)))
        if kind in {"day", "instant"}:
            return lambda row, place, value: self._write_date(row, place, value, self._formats[kind])
        plain: Callable[[int, int, Any], int] = self._sheet.write_boolean if kind == "truth" else write_number
        return plain

    def _write_text(self, row: int, place: int, value: str) -> int:
        if not value:
            return 0
        if len(value) > MOST_LETTERS // 2 and len(value.encode("utf-16-le")) > MOST_LETTERS * 2:
            raise Invalid(TOO_LONG.format(most=f"{MOST_LETTERS:,}"))
        marked = self._formats["text"] if value[0] in STARTS else None
        return int(self._sheet.write_string(row, place, value, marked))

    def _write_date(self, row: int, place: int, value: str, shown: Any) -> int:
        moment = (
            datetime.fromisoformat(value).replace(tzinfo=None) if "T" in value else date.fromisoformat(value)
        )
        if FIRST_YEAR <= moment.year <= LAST_YEAR:
            return int(self._sheet.write_datetime(row, place, moment, shown))
        return int(self._sheet.write_string(row, place, value))


class _AllDigits(float):
    """A number that is written with the digits from which it is read back: the library would write 16."""

    def __format__(self, _form: str) -> str:
        return float.__repr__(self)


class _Sheets:
    """All sheets of a workbook."""

    def __init__(self, book: Any, table: Table) -> None:
        self._book, self._table = book, table
        self._protocols: dict[tuple[str, int], None] = {}  # those that the sessions name
        self._formats = {
            "head": book.add_format({"bold": True, "bottom": 1}),
            "text": book.add_format({"quote_prefix": True, "num_format": "@"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "instant": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        session_id, task_id = table.sessions[0], table.tasks[0]
        self._columns = {
            "Sessions": table.sessions,
            "Tasks": (session_id, *table.tasks),
            "Metrics": (session_id, task_id, *table.metrics),
        }
        self._sessions, self._tasks, self._metrics = (
            self._sheet(name, columns) for name, columns in self._columns.items()
        )

    def add(self, exported: Exported) -> None:
        """Write a session, its task results and their metrics."""
        table, tree = self._table, exported.tree
        session_id = tree["id"]
        self._protocols[tree["protocol_name"], tree["protocol_version"]] = None
        self._sessions.add(table.session_row(exported))
        for task in tree["task_results"]:
            self._tasks.add([session_id, *table.task_row(task)])
            for metric in task["metrics"]:
                self._metrics.add([session_id, task["id"], *table.metric_row(metric)])

    def add_codebook(self, snapshot: Snapshot, language: Language) -> None:
        """Write what every column means, and what the protocols measure; the sheets before are complete."""
        for sheet in (self._sessions, self._tasks, self._metrics):
            sheet.close()
        sheet = self._sheet("Codebook", CODEBOOK)
        for name, columns in self._columns.items():
            for row in about_columns(name, columns):
                sheet.add(row)
        for key in self._protocols:
            if key in snapshot.protocols:
                for row in about_protocol(snapshot.protocols[key], language):
                    sheet.add(row)
        sheet.close()

    def add_origin(self, snapshot: Snapshot) -> None:
        """Write where the workbook comes from."""
        made = snapshot.made
        sheet = self._sheet("About", [Column("what", "text", ""), Column("value", "text", "")])
        said = [
            ("Made with", f"Kinelog {made.app_version}"),
            ("Made at (UTC)", made.made_at.isoformat(timespec="seconds")),
            ("Made by", made.made_by),
            ("Audit trail", made.audit_tail),
            ("Sessions", str(snapshot.sessions)),
            ("De-identified", "yes" if snapshot.deidentified else "no"),
            ("Instants", "UTC"),
        ]
        for name, version in self._protocols:
            found = snapshot.protocols.get((name, version))
            if name:
                known = f"SHA-256 {sha256(found)}" if found else "not known here"
                said.append(("Protocol", f"{name} {version}, {known}"))
        for row in said:
            sheet.add([*row])

    def _sheet(self, name: str, columns: Sequence[Column]) -> _Sheet:
        return _Sheet(self._book, name, columns, self._formats)
