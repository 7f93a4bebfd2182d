"""Reading the CSV that Kinelog exports: all of it is understood, or none of it is.

A row tells a metric, its task result and its session. Rows may stand in another order, and cells be written as a
spreadsheet writes them anew; but a session is only taken when it still has the content hash of its export, so that a
spreadsheet that rounds a number or turns a date round changes nothing silently. Who changed a session on purpose
empties its hash.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO, TextIOWrapper
from itertools import pairwise
from types import NoneType
from typing import Any, TextIO, get_args
from uuid import UUID

from pydantic import BaseModel, ValidationError

from desktop.errors import Invalid
from desktop.export.canonical import FORMAT, VERSION, Document
from desktop.export.columns import METRIC_KEPT, METRICS, SESSION_KEPT, SESSIONS, TASK_KEPT, TASKS, Column
from desktop.export.csv_file import ORIGIN
from desktop.export.defusing import restored
from desktop.export.trees import tree_hash, tree_of
from desktop.schemas import MetricRecord, PersonRecord, SessionRecord, TaskRecord, complaints, invalid
from desktop.services.faults import faults
from desktop.services.refusals import MOST_TOLD, Refusal, Refused

_MARK = b"\xef\xbb\xbf"
_LONGEST_HEAD = 10_000
_LONGEST_LINE = 1_000_000
_MOST_COLUMNS = 200
_NAMELESS = "This file was exported without names: it tells too little to be taken in again."
_FOREIGN = "This file is not the CSV that Kinelog exports: the column “{name}” is {what}."
# Beside these the models would take others, as 45730.4 for an instant: what a spreadsheet made of it is no measurement.
_FORMS = {
    "text": re.compile(r"(?s:.*)"),
    "truth": re.compile(".*"),
    "whole": re.compile(r"-?[0-9]+"),
    "number": re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?"),
    "day": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "instant": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(Z|[-+][0-9:]+)"),
}
_EXAMPLES = {"whole": "12", "number": "12.5", "day": "2026-03-14", "instant": "2026-03-14T09:26:53Z"}
_REWRITTEN = "“{name}” is not written as Kinelog writes it, as in {form}."
_TOUCHED = (
    "This session is not as it was exported: a spreadsheet may have changed it. Export it again or, if the change is "
    "meant, empty its content_hash."
)


@dataclass(frozen=True)
class _Level:
    """What a row tells of one kind of record; its first column is the record's id."""

    noun: str
    columns: tuple[Column, ...]
    model: type[BaseModel]
    parent: str = ""  # the field that names the record above
    under: str = ""  # the field with the records below

    def empty_is_none(self, column: Column) -> bool:
        """Return whether an empty cell is a value that is not known, and not an empty text."""
        return NoneType in get_args(self.model.model_fields[column.record_field].annotation)


_LEVELS = (
    _Level("session", (*SESSIONS, *SESSION_KEPT), SessionRecord, under="task_results"),
    _Level("task", (*TASKS, *TASK_KEPT), TaskRecord, "session_id", "metrics"),
    _Level("metric", (*METRICS, *METRIC_KEPT), MetricRecord, "task_id"),
)


@dataclass
class _Told:
    """What the table tells of one record, since which line, and the records under it by their ids."""

    line: int
    cells: tuple[str, ...]
    under: "dict[str, _Told]" = field(default_factory=dict)


def is_table(raw: bytes) -> bool:
    """Return whether a file begins like a table of sessions."""
    return _head_of(raw).lstrip(b'"').startswith(b"session_id")


def parse_table(raw: bytes) -> Document:
    """Return the sessions of a CSV, with the people who assessed and signed them off.

    Raises Refused with the lines that do not fit, Invalid for what is no such CSV.
    """
    text = TextIOWrapper(BytesIO(raw.removeprefix(_MARK)), encoding="utf-8", newline="")
    try:
        return _Reader(text, ";" if b";" in _head_of(raw) else ",").document()
    except UnicodeDecodeError:
        raise Invalid("This file is not written in UTF-8. Save it as “CSV UTF-8”.") from None


def _head_of(raw: bytes) -> bytes:
    return raw[:_LONGEST_HEAD].removeprefix(_MARK).partition(b"\n")[0]


class _Reader:
    """Reads one table."""

    def __init__(self, text: TextIO, delimiter: str) -> None:
        self._rows = csv.reader(_lines(text), delimiter=delimiter, strict=True)
        self._comma = delimiter == ";"
        self._refused: list[tuple[int, str]] = []  # lines, and what is wrong with them
        self._sessions: dict[str, _Told] = {}
        self._people: dict[UUID, PersonRecord] = {}

    def document(self) -> Document:
        """Return all that the table tells."""
        self._read()
        found = [(told, record) for told in self._sessions.values() if (record := self._session(told))]
        document = Document(
            format=FORMAT,
            version=VERSION,
            people=tuple(self._people.values()),
            protocols=(),
            sessions=tuple(record for _, record in found),
        )
        if not self._refused:
            for path, reason in faults(document):
                if path[0] == "sessions":
                    told, _ = found[int(path[1])]
                    self._refuse(_line_of(told, path[2:]), reason)
        if self._refused:
            raise Refused(*(Refusal(f"Line {line:,}", reason) for line, reason in sorted(self._refused)))
        return document

    # Rows

    def _read(self) -> None:
        heads: list[str] = []
        line = 1
        try:
            for row in self._rows:
                if not heads:
                    heads = row
                    places = _places(heads)
                elif row and len(row) != len(heads):
                    self._refuse(line, f"It has {len(row)} cells, and the first line has {len(heads)}.")
                elif row:
                    self._take(line, [tuple(row[place] for place in level) for level in places])
                line = self._rows.line_num + 1
        except csv.Error as error:
            self._refuse(line, f"It cannot be read as CSV: {error}.")

    def _take(self, line: int, cells: Sequence[tuple[str, ...]]) -> None:
        """Put a row's records where they belong."""
        under = self._sessions
        for level, told in zip(_LEVELS, cells, strict=True):
            if not told[0]:
                if any(told):
                    self._refuse(line, f"It tells of a {level.noun} without its {level.columns[0].name}.")
                return
            known = under.setdefault(told[0], _Told(line, told))
            if known.cells != told:
                self._refuse(line, f"It tells of its {level.noun} otherwise than line {known.line}.")
                return
            if level is _LEVELS[-1] and known.line != line:
                self._refuse(line, f"Its metric stands in line {known.line} already.")
            under = known.under

    # Records

    def _session(self, told: _Told) -> SessionRecord | None:
        before = len(self._refused)
        record = self._record(_LEVELS, told)
        if not isinstance(record, SessionRecord):
            return None
        said = dict(zip((column.name for column in _LEVELS[0].columns), told.cells, strict=True))
        fits = len(self._refused) == before
        if fits and said["content_hash"] and said["content_hash"] != tree_hash(tree_of(record)):
            self._refuse(told.line, _TOUCHED)
        self._name(told.line, record, record.assessor, said["assessor"])
        self._name(told.line, record, record.signed_off_by, said["signed_off_by"])
        return record

    def _record(self, levels: Sequence[_Level], told: _Told, parent: object = None) -> BaseModel | None:
        """Return what is told of a record, or None when it does not fit, which is told by then."""
        level, *below = levels
        values: dict[str, Any] = {}
        rewritten = False
        for column, cell in zip(level.columns, told.cells, strict=True):
            if not column.derived:
                values[column.record_field] = value = self._value(level, column, cell)
                if value and not _FORMS[column.kind].fullmatch(value):
                    self._refuse(told.line, _REWRITTEN.format(name=column.name, form=_EXAMPLES[column.kind]))
                    rewritten = True
        if level.parent:
            values[level.parent] = parent
        if below:
            found = [self._record(below, each, values["id"]) for each in told.under.values()]
            values[level.under] = [record for record in found if record is not None]
        if rewritten:
            return None
        try:
            return level.model.model_validate(values)
        except ValidationError as error:
            for _, reason in complaints(error):
                self._refuse(told.line, reason)
        return None

    def _value(self, level: _Level, column: Column, cell: str) -> str | None:
        if column.kind == "text":
            text = restored(cell)
        elif column.kind == "number" and self._comma:
            text = cell.replace(",", ".")
        else:
            text = cell.strip().lower() if column.kind == "truth" else cell.strip()
        return None if not text and level.empty_is_none(column) else text

    def _name(self, line: int, session: SessionRecord, person_id: UUID | None, cell: str) -> None:
        """Remember somebody whom a session names, as new when nobody here knows the id."""
        name = restored(cell)
        if person_id is None or not name or person_id in self._people or name == str(person_id):
            return
        try:
            self._people[person_id] = PersonRecord(
                id=person_id,
                name=name,
                role="clinician",
                created_at=session.created_at,
                updated_at=session.created_at,
                created_by=person_id,
                updated_by=person_id,
                utc_offset_minutes=session.utc_offset_minutes,
            )
        except ValidationError as error:
            self._refuse(line, str(invalid(error)))

    def _refuse(self, line: int, reason: str) -> None:
        if len(self._refused) < MOST_TOLD:  # a hostile file must not fill the memory with complaints
            self._refused.append((line, reason))


def _lines(text: TextIO) -> Iterator[str]:
    """Give the lines of a text; raises Invalid at one that would fill the memory."""
    while line := text.readline(_LONGEST_LINE + 1):
        if len(line) > _LONGEST_LINE:
            raise Invalid("A line of this file is longer than any that Kinelog writes.")
        yield line


def _places(heads: Sequence[str]) -> list[list[int]]:
    """Return where each level's columns stand; raises Invalid when the first line is not Kinelog's."""
    if len(heads) > _MOST_COLUMNS:
        raise Invalid("This file has more columns than the CSV that Kinelog exports.")
    known = [column for level in _LEVELS for column in level.columns]
    missing = {column.name for column in known} - set(heads)
    private = {column.name for column in known if column.private}
    if missing and missing >= private:
        raise Invalid(_NAMELESS)
    for name in missing:
        raise Invalid(_FOREIGN.format(name=name, what="missing"))
    for name in heads:
        if heads.count(name) > 1:
            raise Invalid(_FOREIGN.format(name=name, what="there twice"))
        if name not in {*(column.name for column in known), *ORIGIN}:
            raise Invalid(_FOREIGN.format(name=name, what="not known"))
    at: Mapping[str, int] = {name: place for place, name in enumerate(heads)}
    return [[at[column.name] for column in level.columns] for level in _LEVELS]


def _line_of(told: _Told, path: Sequence[int | str]) -> int:
    """Return the line that tells what `path` names below a session."""
    for step, number in pairwise(path):
        if step in {level.under for level in _LEVELS} and isinstance(number, int):
            told = list(told.under.values())[number]
    return told.line
