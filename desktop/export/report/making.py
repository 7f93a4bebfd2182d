"""Making reports: what is read for them, and one PDF of it all."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from uuid import UUID

from desktop.database import Database
from desktop.errors import AppError, Invalid
from desktop.export.forms import Kind, Language, Part
from desktop.export.naming import export_name
from desktop.export.report.charts import Key
from desktop.export.report.content import day_content, report_content
from desktop.export.report.letter import letter_content
from desktop.export.report.pdf import Template, Typesetter, typesetter
from desktop.export.report.progress import progress_content
from desktop.export.report.visits import visits_of_child, visits_of_children
from desktop.export.report.writer import Content
from desktop.export.snapshot import Exported, Snapshot, open_snapshot
from desktop.files import replace_file

MOST_IN_ONE = 50  # a PDF of hundreds takes a gigabyte to make
NAMES: Mapping[Kind, str] = {"clinician": "report", "family": "letter", "day": "day"}
PICTURE_DPI, PAPER_DPI = 160.0, 300.0
_TEMPLATES: Mapping[Kind, Template] = {"clinician": "report", "family": "letter", "day": "day"}


@dataclass(frozen=True)
class ReportOptions:
    """What kind of report is wanted; `day` is the day of a list of sessions, `leave_out` counts for the clinician's."""

    kind: Kind = "clinician"
    language: Language = "en"
    deidentified: bool = False
    day: date | None = None
    leave_out: frozenset[Part] = frozenset()


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
        content = report_content(
            snapshot, sessions, _by_child(every), options.language, leave_out=options.leave_out
        )
    return {
        **content,
        "document_title": _document_title(content, sessions),
        "file": _origin(sessions[0]) if sessions else {},
    }


async def make_pdf(database: Database, ids: Sequence[UUID], *, actor: UUID, options: ReportOptions) -> bytes:
    """Return one PDF about the sessions `ids`; raises NotFound, and AppError when it cannot be set."""
    content = await read_content(database, ids, actor=actor, options=options)
    return await asyncio.to_thread(_set, content, options.kind)


async def write_reports(
    database: Database,
    folder: Path,
    ids: Sequence[UUID],
    *,
    actor: UUID,
    options: ReportOptions,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Write a PDF of its own for each session into `folder`; returns how many. What is written when it fails stays.

    The names have the day and the child's code; where such a file is there already, the next gets a number.
    """
    taken: set[str] = set()
    with typesetter() as one:
        for done, session_id in enumerate(ids, 1):
            content = await read_content(database, [session_id], actor=actor, options=options)
            made = await asyncio.to_thread(set_with, one, content, options.kind)
            name = await asyncio.to_thread(_free_name, folder, content["file"], options.kind, taken)
            await asyncio.to_thread(_write, folder / name, made)
            if progress is not None:
                progress(done, len(ids))
    return len(ids)


def _free_name(folder: Path, origin: Mapping[str, str], kind: Kind, taken: set[str]) -> str:
    day = date.fromisoformat(origin["day"]) if origin["day"] else None
    for number in count(1):
        parts = f"{NAMES[kind]}{f'-{number}' if number > 1 else ''}"
        name = export_name(day, origin["code"], parts, ending="pdf")
        if name not in taken and not (folder / name).exists():
            taken.add(name)
            return name
    raise AssertionError


def _write(path: Path, content: bytes) -> None:
    try:
        replace_file(path, content)
    except OSError as error:
        raise AppError(f"{path} cannot be written: {error.strerror}.") from None


async def write_pdf(
    database: Database, path: Path, ids: Sequence[UUID], *, actor: UUID, options: ReportOptions
) -> int:
    """Write one PDF about the sessions `ids` to `path`, at once or not at all; returns how many it is about."""
    if len(ids) > MOST_IN_ONE and options.kind != "day":
        raise Invalid(
            f"At most {MOST_IN_ONE} sessions go into one PDF. Choose a folder, and each gets a file of its own."
        )
    made = await make_pdf(database, ids, actor=actor, options=options)
    await asyncio.to_thread(_write, path, made)
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


def _origin(exported: Exported) -> dict[str, str]:
    """Return what the name of a file tells: the day, unless no dates are to be told, and the code."""
    day = exported.day.isoformat() if exported.tree["started_at"] else ""
    return {"day": day, "code": exported.tree["child_code"]}


def _document_title(content: Content, sessions: Sequence[Exported]) -> str:
    """Return the title that a reader shows and a file browser finds: never a name."""
    codes = dict.fromkeys(exported.tree["child_code"] for exported in sessions)
    return " ".join([content["words"]["report"], *codes][:4])
