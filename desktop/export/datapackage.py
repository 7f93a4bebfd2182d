"""Sessions as a Frictionless Data Package: a ZIP file with three tables and what their columns mean.

Data Package and Table Schema version 1 (https://specs.frictionlessdata.io/). Text that a spreadsheet would run is
defused as in the CSV; the description says so. Nothing is held in memory but a page, and nothing lies beside the ZIP.
"""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from desktop.errors import AppError
from desktop.export.columns import Column
from desktop.export.csv_file import cells_of
from desktop.export.snapshot import Exported, Snapshot
from desktop.export.table import Row, Table
from desktop.export.zipping import Measured, entry
from desktop.files import replacing

Progress = Callable[[int, int], None]
TYPES = {
    "text": "string",
    "whole": "integer",
    "number": "number",
    "truth": "boolean",
    "day": "date",
    "instant": "datetime",
}
DEFUSED = (
    "Where a text begins with =, +, -, @, a tab, a line break or an apostrophe, one apostrophe stands before it; so it "
    "does inside a text after a semicolon, a comma, a tab or a line break."
)


@dataclass(frozen=True)
class _Resource:
    """One table: its columns, how an exported session makes its rows, and whose rows it belongs to."""

    name: str
    columns: tuple[Column, ...]
    rows: Callable[[Exported], Iterator[Row]]
    key: str
    parents: tuple[tuple[str, str], ...] = ()


async def write_datapackage(snapshot: Snapshot, path: Path, *, progress: Progress | None = None) -> int:
    """Write the snapshot's sessions to `path` at once or not at all; returns how many.

    Raises NotFound when one of them is not there, and AppError when the file cannot be written.
    """
    resources = _resources(Table(snapshot))
    steps = len(resources) * snapshot.sessions
    done, told = 0, []
    try:
        with replacing(path) as file, ZipFile(file, "w", ZIP_DEFLATED) as archive:
            for resource in resources:
                with archive.open(entry(f"{resource.name}.csv"), "w", force_zip64=True) as raw:
                    text = Measured(raw)
                    writer = csv.writer(text, lineterminator="\r\n")
                    writer.writerow(column.name for column in resource.columns)
                    cells = cells_of(resource.columns)
                    async for page in snapshot.pages:
                        writer.writerows(cells(row) for exported in page for row in resource.rows(exported))
                        done += len(page)
                        if progress is not None:
                            progress(done, steps)
                told.append(_described(resource, text))
            archive.writestr(entry("datapackage.json"), _descriptor(snapshot, told))
    except OSError as error:
        raise AppError(f"{path} cannot be written: {error.strerror}.") from None
    return snapshot.sessions


def _resources(table: Table) -> list[_Resource]:
    session_id, task_id = table.sessions[0], table.tasks[0]

    def sessions(exported: Exported) -> Iterator[Row]:
        yield table.session_row(exported)

    def tasks(exported: Exported) -> Iterator[Row]:
        for task in exported.tree["task_results"]:
            yield [exported.tree["id"], *table.task_row(task)]

    def metrics(exported: Exported) -> Iterator[Row]:
        for task in exported.tree["task_results"]:
            for metric in task["metrics"]:
                yield [exported.tree["id"], task["id"], *table.metric_row(metric)]

    to_session = ("session_id", "sessions")
    return [
        _Resource("sessions", table.sessions, sessions, "session_id"),
        _Resource("tasks", (session_id, *table.tasks), tasks, "task_id", (to_session,)),
        _Resource(
            "metrics",
            (session_id, task_id, *table.metrics),
            metrics,
            "metric_id",
            (to_session, ("task_id", "tasks")),
        ),
    ]


def _described(resource: _Resource, text: Measured) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [_field(column) for column in resource.columns],
        "primaryKey": resource.key,
        "missingValues": [""],
    }
    if resource.parents:
        schema["foreignKeys"] = [
            {"fields": field, "reference": {"resource": parent, "fields": field}}
            for field, parent in resource.parents
        ]
    return {
        "name": resource.name,
        "path": f"{resource.name}.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": text.size,
        "hash": f"sha256:{text.hash.hexdigest()}",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n"},
        "schema": schema,
    }


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": TYPES[column.kind],
        "description": f"{column.about}, {column.unit}" if column.unit else column.about,
    }
    if column.kind == "instant":
        field["format"] = "%Y-%m-%dT%H:%M:%S.%fZ"
    if column.choices:
        field["constraints"] = {"enum": list(column.choices)}
    return field


def _descriptor(snapshot: Snapshot, resources: Sequence[dict[str, Any]]) -> bytes:
    made = snapshot.made
    described = {
        "profile": "tabular-data-package",
        "name": "kinelog-sessions",
        "title": "Motor assessments",
        "description": f"Sessions, task results and metrics as Kinelog recorded them. {DEFUSED}",
        "created": made.made_at.isoformat(timespec="seconds"),
        "sources": [{"title": f"Kinelog {made.app_version}, audit trail {made.audit_tail or 'none'}"}],
        "deidentified": snapshot.deidentified,
        "resources": list(resources),
    }
    return json.dumps(described, indent=1, ensure_ascii=False).encode()
