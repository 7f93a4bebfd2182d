"""What is asked about a child who is not known yet."""

from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.age import Age
from ui.dialogs.entries import DayField, WholeField, checked
from ui.widgets.button import Button
from ui.widgets.choice import Choice
from ui.widgets.field import Field, LineField
from ui.widgets.layout import hbox, vbox

GAP = 16
WEEKS_BELOW_YEARS = 2


class ChildFields(QWidget):
    """Birth or age, and what is rarely needed folded away. For a known child without a birth only the age is asked.

    `edited` comes when birth or age have changed, `folded` when there is more or less to see.
    """

    edited = Signal()
    folded = Signal()

    def __init__(self, *, today: date) -> None:
        super().__init__()
        self.birth = DayField(
            self.tr("Date of birth"),
            latest=today,
            too_late=self.tr("This day has not come yet. Please check the date."),
            placeholder=self.tr("14.7.2019"),
        )
        self.age = WholeField(self.tr("or age in years"), field="child_age")
        self.sex = Choice(name=self.tr("Sex"))
        self.weeks = WholeField(
            self.tr("Weeks of pregnancy (optional)"),
            field="gestational_weeks",
            hint=self.tr("The age is corrected for children born before 37 weeks."),
        )
        self.identifier = LineField(self.tr("Patient or school number"), max_length=64)
        self.handedness = Choice(name=self.tr("Handedness"))
        self.more = Button(
            self.tr("More about the child"), icon="chevron-right", kind="ghost", directional=True
        )
        self.more.setAutoDefault(False)
        self._fill_choices()
        self._sex = Field(self.tr("Sex"), self.sex)
        hand = Field(self.tr("Handedness"), self.handedness)
        self._row = hbox((self.birth, 2), (self.age, 1), (self._sex, 1), spacing=GAP)
        self._folded = QWidget()
        self._folded.setLayout(hbox((self.identifier, 1), (hand, 1), spacing=GAP))
        self.setLayout(vbox(self._row, self.weeks, hbox(self.more, None), self._folded, spacing=12))
        self._connect()
        self.ask_all()

    def ask_all(self) -> None:
        """Ask about a new child."""
        self._show_only(None)

    def ask_age(self, last: int) -> None:
        """Ask for the age of a known child whose birth is not known; it was `last` at the last visit."""
        self._show_only(self.age)
        self.age.set_text(str(last))

    def day_of_birth(self) -> date | None:
        """Return the birth, None when it is not known or not understood."""
        return None if self.birth.isHidden() else self.birth.day()

    def age_in_years(self) -> Age | None:
        """Return the age that stands for an unknown birth; raises Invalid."""
        years = self.age.read()
        return None if years is None else Age(years, 0)

    def show_weeks(self, age: Age | None) -> None:
        """Ask for the weeks of pregnancy where they count."""
        counts = self.day_of_birth() is not None and age is not None and age.years < WEEKS_BELOW_YEARS
        if self.weeks.isHidden() == counts:
            self.weeks.setVisible(counts)
            self.folded.emit()

    def values(self) -> dict[str, object]:
        """Return what was entered of a new child; raises Invalid when `problem` finds one."""
        return {
            "child_date_of_birth": self.birth.read(),
            "child_age": self.age.read() if self.age.isEnabled() else None,
            "child_sex": self.sex.currentData(),
            "gestational_weeks": None if self.weeks.isHidden() else self.weeks.read(),
            "child_identifier": checked("child_identifier", self.identifier.text()),
            "handedness": self.handedness.currentData(),
        }

    def problem(self) -> LineField | None:
        """Say what is wrong at the first field that cannot be taken, and return it."""
        for field in (self.birth, self.age, self.weeks):
            if not field.isHidden() and field.isEnabled() and not field.check():
                return field
        if not self.birth.isHidden() and self.birth.read() is None and self.age.read() is None:
            self.birth.set_error(self.tr("Please give the date of birth, or the age in years."))
            return self.birth
        if not self.age.isHidden() and self.birth.isHidden() and self.age.read() is None:
            self.age.set_error(self.tr("Please give the age in years."))
            return self.age
        return None

    def unfold_if_filled(self) -> None:
        """Show what is rarely needed, where there is something in it."""
        if self.identifier.text() or self.handedness.currentData():
            self._set_fold(opened=True)

    def focus_problem(self) -> None:
        """Put the keyboard focus where `problem` finds one."""
        wrong = self.problem()
        if wrong is not None:
            wrong.setFocus()

    def _fill_choices(self) -> None:
        for text, key in (
            (self.tr("Not given"), None),
            (self.tr("Female"), "female"),
            (self.tr("Male"), "male"),
            (self.tr("Other"), "other"),
            (self.tr("Unknown"), "unknown"),
        ):
            self.sex.addItem(text, key)
        for text, key in (
            (self.tr("Not given"), None),
            (self.tr("Left"), "left"),
            (self.tr("Right"), "right"),
            (self.tr("Mixed"), "mixed"),
            (self.tr("Not established"), "not_established"),
        ):
            self.handedness.addItem(text, key)

    def _connect(self) -> None:
        self.birth.edited.connect(self._birth_edited)
        self.age.edited.connect(self._age_edited)
        self.more.clicked.connect(self._fold)

    def _birth_edited(self, text: str) -> None:
        self.age.setEnabled(not text.strip())
        self.age.clear_error()
        self.edited.emit()

    def _age_edited(self) -> None:
        self.birth.clear_error()
        self.edited.emit()

    def _show_only(self, field: LineField | None) -> None:
        for part in (self.birth, self.age, self._sex):
            part.setVisible(field is None or part is field)
        self.more.setVisible(field is None)
        self.weeks.hide()
        self._set_fold(opened=False)

    def _fold(self) -> None:
        self._set_fold(opened=self._folded.isHidden())
        if not self._folded.isHidden():
            self.identifier.setFocus()

    def _set_fold(self, *, opened: bool) -> None:
        self._folded.setVisible(opened)
        self.more.set_icon("chevron-down" if opened else "chevron-right")
        self.folded.emit()
