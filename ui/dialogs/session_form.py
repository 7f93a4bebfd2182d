"""What is entered for a new session: who, when, by whom, how tall and heavy, with what protocol."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.age import Age, age_on
from desktop.core import Core
from desktop.crud import local_day
from desktop.errors import Invalid
from desktop.listing import ChildLine
from desktop.plausibility import Doubt, odd_height, odd_weight
from desktop.protocols import Protocol, bundled, label, plan
from desktop.schemas import NewSession, PersonRecord, SessionRecord
from desktop.services.people import list_people
from desktop.services.recording import latest_visit
from desktop.services.visits import Measured
from ui import words
from ui.dialogs.child_choice import ChildChoice
from ui.dialogs.child_fields import GAP, ChildFields
from ui.dialogs.entries import DayField, MeasureField, checked
from ui.operations import Operations, Progress
from ui.widgets.choice import Choice
from ui.widgets.field import Field
from ui.widgets.layout import hbox, vbox
from ui.widgets.text_area import TextArea

NOTES_HEIGHT = 76


@dataclass(frozen=True)
class Begin:
    """A session to begin, and the protocol that lays out its tasks."""

    new: NewSession
    protocol: Protocol


class SessionForm(QWidget):
    """The fields of a new session. `changed` comes when another child is meant or there is more to see.

    `taken_over` comes when the details of a known child are there.
    """

    changed = Signal()
    taken_over = Signal()

    def __init__(self, *, core: Core, operations: Operations, actor: UUID, site: str) -> None:
        super().__init__()
        self._core, self._operations, self._actor, self._site = core, operations, actor, site
        self._latest: SessionRecord | None = None
        self._assessed_by = actor
        self._today = local_day(core.clock.now(), core.clock.utc_offset_minutes())
        self.child = ChildChoice(database=core.database, operations=operations, clock=core.clock)
        self.fields = ChildFields(today=self._today)
        too_late = self.tr("This day has not come yet. Please check the date, and the laptop's clock.")
        self.day = DayField(self.tr("Date"), latest=self._today, too_late=too_late)
        self.assessor = Choice(name=self.tr("Assessor"))
        self._assessor = Field(self.tr("Assessor"), self.assessor)
        self.height_field = MeasureField(
            self.tr("Height"), field="child_height_cm", unit="cm", doubt=self._odd_height
        )
        self.weight_field = MeasureField(
            self.tr("Weight"), field="child_weight_kg", unit="kg", doubt=self._odd_weight
        )
        self.protocol = Choice(name=self.tr("Protocol"))
        self.consent = Choice(name=self.tr("Consent"))
        self.notes = TextArea(name=self.tr("Notes (optional)"))
        self._notes = Field(self.tr("Notes (optional)"), self.notes)
        self._lay_out()
        self._fill()
        self._connect()

    def subtitle(self) -> str:
        """Return what kind of session it becomes."""
        child, last_seen = self.child.child, self.child.last_seen()
        if child is None:
            return self.tr("First visit of a new child, or choose a known one.")
        taken_over = self.tr("The child’s details are taken over from the last visit.")
        day = self.day.day()
        if day is None or last_seen is None or day < last_seen:
            return taken_over
        return f"{words.visit(child.sessions + 1)}. {taken_over}"

    def problem(self) -> QWidget | None:
        """Say at every field what keeps it from being taken, and return the first such place."""
        checks = (
            (self._check_name, self.child),
            (self._check_child, self.fields),
            (self._check_day, self.day),
            (self.height_field.check, self.height_field),
            (self.weight_field.check, self.weight_field),
            (self._check_notes, self._notes),
        )
        wrong = [place for check, place in checks if not check()]
        return wrong[0] if wrong else None

    def focus_problem(self, place: QWidget) -> None:
        """Put the focus where `problem` found one."""
        if isinstance(place, ChildChoice | ChildFields | MeasureField):
            place.focus_problem()
        else:
            place.setFocus()

    def begin(self) -> Begin:
        """Return what is to be stored; raises Invalid when `problem` finds one."""
        child = self.child.child
        values = self._of_known_child() if child else {**self.fields.values(), "session_type": "initial"}
        new = NewSession.model_validate(
            {
                **values,
                "child_name": self.child.text(),
                "assessor": self.assessor.currentData() or self._actor,
                "site": self._site,
                "started_at": self._started_at(),
                "child_height_cm": self.height_field.read(),
                "child_weight_kg": self.weight_field.read(),
                "consent": self.consent.currentData(),
                "consent_at": self._consent_at(),
                "notes": self.notes.toPlainText(),
                "remark": self._remark(),
            }
        )
        return Begin(new, self.protocol.currentData())

    def choose_assessor(self, person: UUID) -> None:
        """Name somebody as the assessor, as soon as it is known who there is."""
        self._assessed_by = person
        self.assessor.choose(person)
        self._show_you()

    def forget(self) -> None:
        """Wait for nothing any more, since the dialog closes."""
        for what in ("people", "latest"):
            self._operations.cancel((self, what))
        self.child.forget_search()

    def _lay_out(self) -> None:
        self.notes.setFixedHeight(NOTES_HEIGHT)
        protocol = Field(self.tr("Protocol"), self.protocol)
        consent = Field(self.tr("Consent"), self.consent)
        self.setLayout(
            vbox(
                self.child,
                self.fields,
                hbox((self.day, 1), (self._assessor, 1), spacing=GAP),
                hbox((self.height_field, 1), (self.weight_field, 1), spacing=GAP),
                hbox((protocol, 2), (consent, 1), spacing=GAP),
                self._notes,
                None,
                spacing=GAP,
            )
        )

    def _fill(self) -> None:
        self.day.set_day(self._today)
        for protocol in bundled():
            title = label(protocol.title, words.language(), protocol.name)
            tasks = self.tr("{count} tasks").format(count=len(plan(protocol)))
            self.protocol.addItem(words.SEPARATOR.join((title, tasks)), protocol)
        for text, key in (
            (self.tr("Not asked yet"), "unknown"),
            (self.tr("Given"), "given"),
            (self.tr("Refused"), "refused"),
        ):
            self.consent.addItem(text, key)

        async def people(_progress: Progress) -> list[PersonRecord]:
            return await list_people(self._core.database)

        self._operations.start(
            people, title=self.tr("Read who records"), key=(self, "people"), done=self._take_people
        )

    def _connect(self) -> None:
        self.child.known.connect(self._known)
        self.child.edited.connect(self.changed)
        self.fields.edited.connect(self._show_age)
        self.fields.folded.connect(self.changed)
        self.day.edited.connect(self._show_age)
        self.assessor.currentIndexChanged.connect(self._show_you)
        self.notes.textChanged.connect(self._notes.clear_error)

    def _take_people(self, people: Sequence[PersonRecord]) -> None:
        for person in people:
            if person.role == "clinician":
                self.assessor.addItem(person.name, person.id)
        self.choose_assessor(self._assessed_by)

    def _show_you(self) -> None:
        self._assessor.set_hint(self.tr("You") if self.assessor.currentData() == self._actor else "")

    def _known(self, child: ChildLine | None) -> None:
        self._latest = None
        self.fields.setVisible(child is None)
        if child is None:
            self.fields.ask_all()
            self._take_measures(None)
            self._show_age()
            self.changed.emit()
            return

        async def load(_progress: Progress) -> SessionRecord:
            return await latest_visit(self._core.database, child.last_session)

        self._operations.start(
            load, title=self.tr("Open the last visit"), key=(self, "latest"), done=self._take_over
        )

    def _take_over(self, latest: SessionRecord) -> None:
        if self.child.child is None or self.child.child.child_id != latest.child_id:
            return
        self._latest = latest
        if latest.child_date_of_birth is None:
            self.fields.show()
            self.fields.ask_age(latest.child_age)
        self._take_measures(latest)
        self.consent.choose(latest.consent)
        recorded = (latest.protocol_name, latest.protocol_version)
        same = (protocol for protocol in bundled() if (protocol.name, protocol.version) == recorded)
        self.protocol.choose(next(same, None))
        self._show_age()
        self.changed.emit()
        self.height_field.setFocus()
        self.taken_over.emit()

    def _take_measures(self, latest: SessionRecord | None) -> None:
        height = latest.child_height_cm if latest else None
        weight = latest.child_weight_kg if latest else None
        for field, value in ((self.height_field, height), (self.weight_field, weight)):
            field.set_last(
                Measured(value, words.session_day(latest)) if latest and value is not None else None
            )

    def _age(self) -> Age | None:
        day, born = self.day.day(), self._birth()
        if day is None:
            return None
        try:
            return age_on(born, day) if born is not None else self.fields.age_in_years()
        except Invalid:
            return None

    def _birth(self) -> date | None:
        return self._latest.child_date_of_birth if self._latest else self.fields.day_of_birth()

    def _show_age(self) -> None:
        age = self._age()
        known = self._birth() is not None
        said = self.tr("Age on this day: {age}").format(age=words.isolated(words.age(age))) if age else ""
        self.day.set_hint(said if known else "")
        self.fields.show_weeks(age)

    def _odd_height(self, value: float, last: float | None) -> Doubt | None:
        age = self._age()
        return odd_height(value, age=age, last=last) if age else None

    def _odd_weight(self, value: float, last: float | None) -> Doubt | None:
        age = self._age()
        return odd_weight(value, age=age, last=last) if age else None

    def _check_name(self) -> bool:
        if not self.child.text().strip():
            self.child.name.set_error(self.tr("Please enter the child's name."))
            return False
        try:
            checked("child_name", self.child.text())
        except Invalid as error:
            self.child.name.set_error(str(error))
            return False
        return self.child.child is None or self._latest is not None

    def _check_child(self) -> bool:
        return self.fields.isHidden() or self.fields.problem() is None

    def _check_day(self) -> bool:
        if not self.day.check():
            return False
        day = self.day.read()
        if day is None:
            self.day.set_error(self.tr("Please enter the date of the session."))
            return False
        born = self._birth()
        if born is not None and day < born:
            self.day.set_error(self.tr("The child was not yet born on this day. Please check both dates."))
            return False
        return True

    def _check_notes(self) -> bool:
        try:
            checked("notes", self.notes.toPlainText())
        except Invalid as error:
            self._notes.set_error(str(error))
            return False
        return True

    def _of_known_child(self) -> dict[str, object]:
        latest = self._latest
        if latest is None:
            raise Invalid(self.tr("The last visit is still being read. Please try again."))
        born = latest.child_date_of_birth
        return {
            "child_id": latest.child_id,
            "child_date_of_birth": born,
            "child_age": self.fields.age.read() if born is None else None,
            "child_sex": latest.child_sex,
            "gestational_weeks": latest.gestational_weeks,
            "child_identifier": latest.child_identifier,
            "handedness": latest.handedness,
            "session_type": "follow_up",
        }

    def _started_at(self) -> datetime | None:
        """Return when the session was: now, or noon of an earlier day."""
        day = self.day.read()
        if day is None or day == self._today:
            return None
        here = timezone(timedelta(minutes=self._core.clock.utc_offset_minutes()))
        return datetime.combine(day, time(12), here).astimezone(UTC)

    def _consent_at(self) -> datetime | None:
        consent, latest = self.consent.currentData(), self._latest
        if consent == "unknown":
            return None
        if latest is not None and latest.consent == consent:
            return latest.consent_at
        return self._core.clock.now()

    def _remark(self) -> str:
        fields = (self.height_field, self.weight_field)
        return "\n".join(f"{field.name}: {field.remark()}" for field in fields if field.remark())
