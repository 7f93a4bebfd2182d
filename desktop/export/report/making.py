"""Making reports: what is read for them, and one PDF of it all."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from desktop.database import Database
from desktop.errors import AppError
from desktop.export.forms import Kind, Language
from desktop.export.report.charts import Key
from desktop.export.report.content import day_content, report_content
from desktop.export.report.letter import letter_content
from desktop.export.report.pdf import Template, Typesetter, typesetter
from desktop.export.report.progress import progress_content
from desktop.export.report.visits import visits_of_child, visits_of_children
from desktop.export.report.writer import Content
from desktop.export.snapshot import Exported, Snapshot, open_snapshot
from desktop.files import replace_file

PICTURE_DPI, PAPER_DPI = 160.0, 300.0
_TEMPLATES: Mapping[Kind, Template] = {"clinician": "report", "family": "letter", "day": "day"}


@dataclass(frozen=True)
class ReportOptions:
    """What kind of report is wanted; `day` is the day of a list of sessions."""

    kind: Kind = "clinician"
    language: Language = "en"
    deidentified: bool = False
    day: date | None = None


async def read_content(
    database: Database, ids: Sequence[UUID], *, actor: UUID, options: ReportOptions
) -> Content:
    """Read what one report says of the sessions `ids`; raises NotFound when one of them is not there."""
    wanted = await visits_of_children(database, ids)
    every = list(dict.fromkeys([*ids, *wanted]))
    async with open_snapshot(database, every, actor=actor, deidentified=options.deidentified) as snapshot:
        read = dict(zip(every, await _all(snapshot), strict=True))
    sessions = [read[session_id] for session_id in ids]
    return content_of(snapshot, sessions, list(read.values()), options)


def content_of(
    snapshot: Snapshot, sessions: Sequence[Exported], every: Sequence[Exported], options: ReportOptions
) -> Content:
    """Return what a report says of `sessions`; `every` has the other visits of their children too."""
    if options.kind == "family":
        content = letter_content(snapshot, sessions, options.language)
    elif options.kind == "day":
        day = options.day or (sessions[0].day if sessions else snapshot.made.made_at.date())
        content = day_content(snapshot, sessions, day, options.language)
    else:
        content = report_content(snapshot, sessions, _by_child(every), options.language)
    return {**content, "document_title": _document_title(content, sessions)}


async def make_pdf(database: Database, ids: Sequence[UUID], *, actor: UUID, options: ReportOptions) -> bytes:
    """Return one PDF about the sessions `ids`; raises NotFound, and AppError when it cannot be set."""
    content = await read_content(database, ids, actor=actor, options=options)
    return await asyncio.to_thread(_set, content, options.kind)


async def write_pdf(
    database: Database, path: Path, ids: Sequence[UUID], *, actor: UUID, options: ReportOptions
) -> int:
    """Write one PDF about the sessions `ids` to `path`, at once or not at all; returns how many it is about."""
    made = await make_pdf(database, ids, actor=actor, options=options)
    try:
        await asyncio.to_thread(replace_file, path, made)
    except OSError as error:
        raise AppError(f"{path} cannot be written: {error.strerror}.") from None
    return len(ids)


async def make_pictures(
    database: Database, ids: Sequence[UUID], *, actor: UUID, options: ReportOptions, dpi: float
) -> list[bytes]:
    """Return the pages of the same report as PNG, to be looked at or printed."""
    content = await read_content(database, ids, actor=actor, options=options)

    def draw() -> list[bytes]:
        with typesetter() as one:
            return one.pictures(_TEMPLATES[options.kind], content, dpi=dpi)

    return await asyncio.to_thread(draw)


async def make_progress(
    database: Database, child_id: UUID, keys: Sequence[Key], *, actor: UUID, language: Language, picture: bool
) -> bytes:
    """Return one page about a metric over all visits of a child, as PNG: to be printed, or a `picture` to be copied."""
    ids = await visits_of_child(database, child_id)
    async with open_snapshot(database, ids, actor=actor) as snapshot:
        visits = sorted(await _all(snapshot), key=lambda one: one.visit)
    content = progress_content(snapshot, visits, keys, language, picture=picture)

    def draw() -> bytes:
        with typesetter() as one:
            return one.pictures("progress", content, dpi=PICTURE_DPI if picture else PAPER_DPI)[0]

    return await asyncio.to_thread(draw)


def set_with(typesetter: Typesetter, content: Content, kind: Kind) -> bytes:
    """Return a report's PDF, made by a typesetter that makes many."""
    return typesetter.pdf(_TEMPLATES[kind], content)


def _set(content: Content, kind: Kind) -> bytes:
    with typesetter() as one:
        return set_with(one, content, kind)


async def _all(snapshot: Snapshot) -> list[Exported]:
    return [exported async for page in snapshot.pages for exported in page]


def _by_child(sessions: Sequence[Exported]) -> dict[str, list[Exported]]:
    """Return the visits of each child, the oldest first."""
    children: dict[str, list[Exported]] = {}
    for exported in sorted(sessions, key=lambda one: one.visit):
        children.setdefault(exported.tree["child_id"], []).append(exported)
    return children


def _document_title(content: Content, sessions: Sequence[Exported]) -> str:
    """Return the title that a reader shows and a file browser finds: never a name."""
    codes = dict.fromkeys(exported.tree["child_code"] for exported in sessions)
    return " ".join([content["words"]["report"], *codes][:4])
