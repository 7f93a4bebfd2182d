"""Sessions as a workbook for Excel: typed cells, a sheet each for sessions, tasks and metrics, a codebook, the origin.

Text is written as text whatever it begins with, so that nothing is run; a cell that is typed anew in a spreadsheet is
that spreadsheet's. No text of a record is longer than a cell of Excel. Instants are dates in UTC; those that Excel
cannot show, before 1900, stay text.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from desktop.errors import AppError, Invalid
from desktop.export.columns import Column
from desktop.export.forms import Language
from desktop.export.snapshot import Exported, Snapshot
from desktop.export.table import Row, Table
from desktop.files import replacing
from desktop.protocols import MetricSpec, Protocol, Range, label

Progress = Callable[[int, int], None]
MOST_ROWS = 1_048_576
FIRST_YEAR = 1901
WIDTHS = {"text": 22, "whole": 10, "number": 12, "truth": 9, "day": 12, "instant": 19}
TOO_MANY = "Excel takes at most {most} rows on a sheet. Export fewer sessions, or choose CSV."
CODEBOOK = ("sheet", "column", "kind", "unit", "values", "meaning")


async def write_xlsx(
    snapshot: Snapshot, path: Path, *, language: Language = "en", progress: Progress | None = None
) -> int:
    """Write the snapshot's sessions to `path` at once or not at all; returns how many.

    Raises NotFound when one of them is not there, Invalid for more than Excel takes, and AppError when the file cannot
    be written.
    """
    done = 0
    used: dict[tuple[str, int], Protocol] = {}
    try:
        with replacing(path) as file:
            options = {
                "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
                "default_date_format": "yyyy-mm-dd",
            }  # fmt: skip
            book = xlsxwriter.Workbook(file, options)
            sheets = _Sheets(book, Table(snapshot))
            async for page in snapshot.pages:
                for exported in page:
                    sheets.add(exported)
                    protocol = snapshot.protocol(exported.tree)
                    if protocol is not None:
                        used[protocol.name, protocol.version] = protocol
                done += len(page)
                if progress is not None:
                    progress(done, snapshot.sessions)
                await asyncio.sleep(0)
            sheets.add_codebook(list(used.values()), language)
            sheets.add_origin(snapshot)
            await asyncio.to_thread(book.close)
    except OSError as error:
        raise AppError(f"{path} cannot be written: {error.strerror}.") from None
    return done


class _Sheet:
    """One sheet that is filled from the top."""

    def __init__(self, book: Any, name: str, columns: Sequence[Column], formats: dict[str, Any]) -> None:
        self._sheet = book.add_worksheet(name)
        self._next = 1
        self._writers = [self._writer(column, formats) for column in columns]
        for place, column in enumerate(columns):
            self._sheet.write_string(0, place, column.name, formats["head"])
            self._sheet.set_column(place, place, WIDTHS[column.kind])
        self._sheet.freeze_panes(1, 1)
        self._last = len(columns) - 1

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
        self._sheet.autofilter(0, 0, max(self._next - 1, 1), self._last)

    def _writer(self, column: Column, formats: dict[str, Any]) -> Callable[[int, int, Any], object]:
        number, truth, text = self._sheet.write_number, self._sheet.write_boolean, self._sheet.write_string
        writers: dict[str, Callable[[int, int, Any], object]] = {
            "number": lambda row, place, value: number(row, place, _AllDigits(value)),
            "whole": number,
            "truth": truth,
            "text": text,
        }
        if column.kind in writers:
            return writers[column.kind]
        return lambda row, place, value: self._write_date(row, place, value, formats[column.kind])

    def _write_date(self, row: int, place: int, value: str, shown: Any) -> None:
        moment = (
            datetime.fromisoformat(value).replace(tzinfo=None) if "T" in value else date.fromisoformat(value)
        )
        if moment.year < FIRST_YEAR:
            self._sheet.write_string(row, place, value)
        else:
            self._sheet.write_datetime(row, place, moment, shown)


class _AllDigits(float):
    """A number that is written with the digits from which it is read back: the library would write 16."""

    def __format__(self, _form: str) -> str:
        return float.__repr__(self)


class _Sheets:
    """All sheets of a workbook."""

    def __init__(self, book: Any, table: Table) -> None:
        self._book, self._table = book, table
        self._formats = {
            "head": book.add_format({"bold": True, "bottom": 1}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "instant": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        session_id, task_id = table.sessions[0], table.tasks[0]
        self._columns = {
            "Sessions": table.sessions,
            "Tasks": (session_id, *table.tasks),
            "Metrics": (session_id, task_id, *table.metrics),
        }
        self._sheets = {name: self._sheet(name, columns) for name, columns in self._columns.items()}

    def add(self, exported: Exported) -> None:
        """Write a session, its task results and their metrics."""
        session = self._table.session_row(exported)
        self._sheets["Sessions"].add(session)
        for task in exported.tree["task_results"]:
            of_task = self._table.task_row(task)
            self._sheets["Tasks"].add([session[0], *of_task])
            for metric in task["metrics"]:
                self._sheets["Metrics"].add([session[0], of_task[0], *self._table.metric_row(metric)])

    def add_codebook(self, protocols: Sequence[Protocol], language: Language) -> None:
        """Write what every column means, and what the protocols measure."""
        for sheet in self._sheets.values():
            sheet.close()
        text = [Column(name, "text", "") for name in CODEBOOK]
        sheet = self._sheet("Codebook", text)
        for name, columns in self._columns.items():
            for column in columns:
                sheet.add(
                    [name, column.name, column.kind, column.unit, ", ".join(column.choices), column.about]
                )
        for protocol in protocols:
            for row in _measured(protocol, language):
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
        for row in said:
            sheet.add([*row])

    def _sheet(self, name: str, columns: Sequence[Column]) -> _Sheet:
        return _Sheet(self._book, name, columns, self._formats)


def _measured(protocol: Protocol, language: Language) -> Iterator[Row]:
    """Give what the tasks of a protocol measure."""
    origin = f"{protocol.name} {protocol.version}"
    for task in protocol.tasks:
        yield [origin, task.key, "task", "", ", ".join(task.sides), label(task.labels, language, task.key)]
        for metric in task.metrics:
            named = label(metric.labels, language, metric.name)
            yield [origin, f"{task.key}.{metric.name}", "number", metric.unit, _ranges(metric), named]


def _ranges(metric: MetricSpec) -> str:
    said = [f"possible {_span(metric.possible)}"]
    if metric.expected is not None:
        said.append(f"expected {_span(metric.expected)}")
    if metric.direction != "none":
        said.append(f"{metric.direction} is better")
    return "; ".join(said)


def _span(span: Range) -> str:
    return f"{'' if span.low is None else span.low} to {'' if span.high is None else span.high}".strip()
