"""Sessions for a REDCap project: a ZIP file with the data dictionary and the data, to be imported one after the other.

A classic project with repeating instruments: a record is a child by its code; its sessions, task results and metrics
are instances, linked by their ids. The dictionary has REDCap's 18 columns in their order
(https://projectredcap.org/resources/, "Data Dictionary").
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from desktop.errors import AppError
from desktop.export.columns import Column
from desktop.export.defusing import defused
from desktop.export.snapshot import Exported, Snapshot
from desktop.export.table import Row, Table
from desktop.export.zipping import Measured, entry
from desktop.files import replacing

Progress = Callable[[int, int], None]
DICTIONARY = (
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
    "Choices, Calculations, OR Slider Labels", "Field Note", "Text Validation Type OR Show Slider Number",
    "Text Validation Min", "Text Validation Max", "Identifier?", "Branching Logic (Show field only if...)",
    "Required Field?", "Custom Alignment", "Question Number (surveys only)", "Matrix Group Name", "Matrix Ranking?",
    "Field Annotation",
)  # fmt: skip
RECORD, INSTRUMENT, INSTANCE = "record_id", "redcap_repeat_instrument", "redcap_repeat_instance"
LONG = frozenset(
    {"session_notes", "session_remark", "deviation", "task_notes", "task_remark", "metric_remark"}
)
VALIDATIONS = {
    "whole": "integer",
    "number": "number",
    "day": "date_ymd",
    "instant": "datetime_seconds_ymd",
}
README = """How to take this into REDCap

1. Make an empty project (classic, not longitudinal). In "Project Setup" enable repeating instruments: session,
   task_result and metric; leave "child" as it is.
2. In "Data Dictionary" upload dictionary.csv.
3. In "Data Import Tool" upload data.csv: comma, dates as YYYY-MM-DD, and let blank values be ignored.

A record is a child, by its code. task_result and metric name the session and the task that they belong to by their ids.
A text that a spreadsheet would run as a formula has an apostrophe before it, after a separator inside it too.
"""


@dataclass(frozen=True)
class _Form:
    """A repeating instrument and its columns, the link to its parent first."""

    name: str
    columns: tuple[Column, ...]


async def write_redcap(snapshot: Snapshot, path: Path, *, progress: Progress | None = None) -> int:
    """Write the snapshot's sessions to `path` at once or not at all; returns how many.

    Raises NotFound when one of them is not there, and AppError when the file cannot be written.
    """
    table = Table(snapshot)
    forms = _forms(table)
    done = 0
    try:
        with replacing(path) as file, ZipFile(file, "w", ZIP_DEFLATED) as archive:
            with archive.open(entry("dictionary.csv"), "w") as raw:
                csv.writer(Measured(raw)).writerows([DICTIONARY, *_dictionary(forms)])
            archive.writestr(entry("README.txt"), README)
            with archive.open(entry("data.csv"), "w", force_zip64=True) as raw:
                writer = csv.writer(Measured(raw))
                names = (column.name for form in forms for column in form.columns)
                writer.writerow([RECORD, INSTRUMENT, INSTANCE, *names])
                rows = _Rows(table, forms)
                async for page in snapshot.pages:
                    writer.writerows(row for exported in page for row in rows.of(exported))
                    done += len(page)
                    if progress is not None:
                        progress(done, snapshot.sessions)
    except OSError as error:
        raise AppError(f"{path} cannot be written: {error.strerror}.") from None
    return done


def _forms(table: Table) -> list[_Form]:
    of_session = Column("task_session_id", "text", "Id of the session that the task result belongs to")
    of_task = Column("metric_task_id", "text", "Id of the task result that the metric belongs to")
    sessions = tuple(
        column for column in table.sessions if column.name != "child_code"
    )  # which is the record
    return [
        _Form("session", sessions),
        _Form("task_result", (of_session, *table.tasks)),
        _Form("metric", (of_task, *table.metrics)),
    ]


def _dictionary(forms: Sequence[_Form]) -> Iterator[list[str]]:
    yield _described(Column(RECORD, "text", "Code of the child"), "child")
    for form in forms:
        for column in form.columns:
            yield _described(column, form.name)


def _described(column: Column, form: str) -> list[str]:
    kind, choices = "text", ""
    if column.choices:
        kind, choices = "radio", " | ".join(f"{key}, {key.replace('_', ' ')}" for key in column.choices)
    elif column.kind == "truth":
        kind = "yesno"
    elif column.name in LONG:
        kind = "notes"
    about = f"{column.about} ({column.unit})" if column.unit else column.about
    validation = VALIDATIONS.get(column.kind, "") if kind == "text" else ""
    identifier = "y" if column.private else ""
    return [column.name, form, "", kind, about, choices, "", validation, "", "", identifier, *[""] * 7]


class _Rows:
    """Makes the rows of the data; a child's instances are counted on from session to session."""

    def __init__(self, table: Table, forms: Sequence[_Form]) -> None:
        self._table, self._forms = table, forms
        names = [column.name for column in table.sessions]
        self._code = names.index("child_code")
        self._instances: Counter[tuple[str, str]] = Counter()

    def of(self, exported: Exported) -> Iterator[list[str]]:
        """Give the rows of a session, its task results and their metrics."""
        session = self._table.session_row(exported)
        code = str(session.pop(self._code))
        yield self._row(code, 0, session)
        for task in exported.tree["task_results"]:
            yield self._row(code, 1, [exported.tree["id"], *self._table.task_row(task)])
            for metric in task["metrics"]:
                yield self._row(code, 2, [task["id"], *self._table.metric_row(metric)])

    def _row(self, code: str, place: int, values: Row) -> list[str]:
        form = self._forms[place]
        self._instances[code, form.name] += 1
        before, after = (
            [""] * sum(len(other.columns) for other in others)
            for others in (self._forms[:place], self._forms[place + 1 :])
        )
        cells = [_cell(column, value) for column, value in zip(form.columns, values, strict=True)]
        return [code, form.name, str(self._instances[code, form.name]), *before, *cells, *after]


def _cell(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if column.kind == "truth":
        return "1" if value else "0"
    if column.kind == "instant":
        return str(value)[:19].replace("T", " ")
    return repr(value) if column.kind in {"number", "whole"} else defused(str(value))
