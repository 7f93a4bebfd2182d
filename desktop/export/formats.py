"""Every form in which sessions leave this laptop, behind one door."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from desktop.database import Database
from desktop.errors import Invalid
from desktop.export.forms import Convention, Format, Kind, Language, Part
from desktop.export.identity import PURPOSE, in_no_order
from desktop.export.snapshot import Snapshot, open_snapshot

if TYPE_CHECKING:
    from desktop.export.report.making import ReportOptions

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class ExportOptions:
    """What is wanted: `kind` is of a PDF, `convention` of a CSV, `day` the day of a list of sessions,
    and `leave_out` is not said in a clinician's report.

    JSON is for taking in again and always holds all.
    """

    form: Format = "pdf"
    kind: Kind = "clinician"
    language: Language = "en"
    convention: Convention = "comma"
    deidentified: bool = False
    day: date | None = None
    leave_out: frozenset[Part] = frozenset()

    def report(self) -> "ReportOptions":
        """Return what is wanted of a report."""
        from desktop.export.report.making import ReportOptions

        return ReportOptions(self.kind, self.language, self.deidentified, self.day, self.leave_out)


async def write_export(
    database: Database,
    path: Path,
    ids: Sequence[UUID],
    *,
    actor: UUID,
    options: ExportOptions,
    progress: Progress | None = None,
) -> int:
    """Write the sessions `ids`, as they are at one moment, to `path` at once or not at all; returns how many.

    A PDF goes into a folder as a file for each session.

    Raises NotFound when one of them is not there, Invalid for what cannot be asked together, and AppError when the file
    cannot be written.
    """
    if options.form == "json":
        return await _write_json(database, path, ids, options, progress)
    if options.form == "pdf":
        return await _write_pdf(database, path, ids, actor=actor, options=options, progress=progress)
    if options.deidentified:
        ids = in_no_order(ids, database.files.secret(PURPOSE))
    async with open_snapshot(database, ids, actor=actor, deidentified=options.deidentified) as snapshot:
        return await _write_records(snapshot, path, options, progress)


async def _write_json(
    database: Database, path: Path, ids: Sequence[UUID], options: ExportOptions, progress: Progress | None
) -> int:
    from desktop.export.json_file import write_json

    if options.deidentified:
        raise Invalid("JSON holds the whole record, to be taken in again. Choose another form without names.")
    return await write_json(database, path, ids, progress=progress)


async def _write_pdf(
    database: Database,
    path: Path,
    ids: Sequence[UUID],
    *,
    actor: UUID,
    options: ExportOptions,
    progress: Progress | None,
) -> int:
    from desktop.export.report.making import write_pdf, write_reports

    if options.deidentified and options.kind != "clinician":
        raise Invalid("A letter and the list of a day are about names. Choose the clinician's report.")
    wanted = options.report()
    if options.kind != "day" and await asyncio.to_thread(path.is_dir):
        return await write_reports(database, path, ids, actor=actor, options=wanted, progress=progress)
    return await write_pdf(database, path, ids, actor=actor, options=wanted)


async def _write_records(
    snapshot: Snapshot, path: Path, options: ExportOptions, progress: Progress | None
) -> int:
    from desktop.export import csv_file, datapackage, fhir, redcap, xlsx_file

    if options.form == "csv":
        return await csv_file.write_csv(snapshot, path, convention=options.convention, progress=progress)
    if options.form == "xlsx":
        return await xlsx_file.write_xlsx(snapshot, path, language=options.language, progress=progress)
    if options.form == "redcap":
        return await redcap.write_redcap(snapshot, path, progress=progress)
    if options.form == "datapackage":
        return await datapackage.write_datapackage(snapshot, path, progress=progress)
    return await fhir.write_fhir(snapshot, path, language=options.language, progress=progress)
