"""The sessions on this laptop as a list, the newest first."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import ClassVar
from uuid import UUID

from PySide6.QtCore import QCoreApplication, QLocale, QObject, Qt

from desktop.clock import Clock
from desktop.crud import local_day
from desktop.database import Database
from desktop.listing import Entries, SessionLine, session_entries, session_lines
from ui import words
from ui.models.days import day_headings
from ui.models.order import Heading
from ui.models.paged import PagedModel
from ui.operations import Operations


class SessionSource:
    """The stored sessions that a search finds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ids(self, query: str, /) -> Entries:
        return await session_entries(self._database, query)

    async def rows(self, ids: Sequence[UUID], /) -> Mapping[UUID, SessionLine]:
        return await session_lines(self._database, ids)


class SessionsModel(PagedModel[str, SessionLine]):
    """Sessions under headings by days; a query is what is searched for, empty for all sessions."""

    roles: ClassVar[frozenset[int]] = frozenset(
        {int(Qt.ItemDataRole.DisplayRole), int(Qt.ItemDataRole.AccessibleTextRole)}
    )

    def __init__(
        self, database: Database, operations: Operations, *, clock: Clock, title: str, parent: QObject
    ) -> None:
        super().__init__(
            SessionSource(database), operations, title=title, headings=self._headed, parent=parent
        )
        self._clock = clock

    def today(self) -> date:
        """Return the calendar day on this laptop."""
        return local_day(self._clock.now(), self._clock.utc_offset_minutes())

    def cell(self, row: SessionLine, column: int, role: int) -> object:
        return row.child_name if role == Qt.ItemDataRole.DisplayRole else sentence(row)

    def _headed(self, instants: Sequence[int]) -> Sequence[Heading]:
        return day_headings(instants, self.today(), QLocale())


def below(line: SessionLine) -> str:
    """Return age and visit in one line, as "6 y 4 m · Follow-up 3"."""
    return words.SEPARATOR.join((words.isolated(words.age_in(line)), words.isolated(visit(line))))


def dated(line: SessionLine, today: date) -> str:
    """Return age and time in one line, as "6 y 4 m · 09:40"."""
    return words.SEPARATOR.join((words.isolated(words.age_in(line)), words.isolated(when(line, today))))


def visit(line: SessionLine) -> str:
    """Return which visit it is, as "Follow-up 3"; that it was finished early matters more."""
    return words.finished(line.rated, line.planned) if is_cut_short(line) else words.visit(line.visit)


def is_cut_short(line: SessionLine) -> bool:
    """Tell whether the session was finished with open tasks."""
    return line.completed_at is not None and line.rated < line.planned


def when(line: SessionLine, today: date) -> str:
    """Return the time of a session of today or yesterday, the date of an earlier one."""
    day = words.session_day(line)
    if today - timedelta(days=1) <= day <= today:
        return words.clock_time(line.started_at, line.utc_offset_minutes)
    return words.short_day(day) if day.year == today.year else words.day(day)


def sentence(line: SessionLine) -> str:
    """Return all that a row shows, to be read out."""
    if line.completed_at is not None:
        state = words.finished(line.rated, line.planned)
    else:
        state = _tr("{done} of {total} done").format(done=line.rated, total=line.planned)
    at = words.clock_time(line.started_at, line.utc_offset_minutes)
    age, day = words.age_in(line), words.day(words.session_day(line))
    return ", ".join((line.child_name, age, words.visit(line.visit), day, at, state))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Sessions", text)
