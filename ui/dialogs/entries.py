"""Fields of a dialog that understand what is typed: days, whole numbers, measures that may be odd."""

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.days import parse_day
from desktop.decimals import parse_decimal
from desktop.errors import Invalid
from desktop.plausibility import Doubt
from desktop.schemas import NewSession, validated_edit
from desktop.services.visits import Measured
from ui import words
from ui.doubts import doubt_text, fix_text
from ui.widgets.field import LineField
from ui.widgets.layout import vbox
from ui.widgets.line_edit import LineEdit

LONGEST_REASON = 500


def checked(name: str, value: object) -> object:
    """Return the value of a session's field as it is to be stored; raises Invalid in the user's words."""
    return validated_edit(NewSession, frozenset({name}), {name: value})[name]


def day_text(day: date) -> str:
    """Return a date as it can be typed again, in words where this language's are understood."""
    in_words = words.day(day)
    try:
        understood = parse_day(in_words) == day
    except Invalid:
        understood = False
    return in_words if understood else f"{day:%d.%m.%Y}"


class ReadField(LineField):
    """A field that understands what is typed in it when it is left."""

    def __init__(self, name: str, *, unit: str = "", hint: str = "", placeholder: str = "") -> None:
        super().__init__(name, unit=unit, hint=hint, placeholder=placeholder)
        self.edited.connect(self.clear_error)
        self.edit.editingFinished.connect(self.check)

    def read(self) -> object:
        """Return what was typed, None when there is nothing; raises Invalid."""
        raise NotImplementedError

    def check(self) -> bool:
        """Say what is wrong, if anything is; returns whether the field can be taken."""
        try:
            self.read()
        except Invalid as error:
            self.set_error(str(error))
            return False
        return True


class DayField(ReadField):
    """A day, which may stay open; `latest` is the last one that is possible."""

    def __init__(self, name: str, *, latest: date, too_late: str, placeholder: str = "") -> None:
        super().__init__(name, placeholder=placeholder)
        self._latest, self._too_late = latest, too_late

    def read(self) -> date | None:
        """Return the day, None when there is none; raises Invalid."""
        if not self.text().strip():
            return None
        day = parse_day(self.text())
        if day > self._latest:
            raise Invalid(self._too_late)
        return day

    def day(self) -> date | None:
        """Return the day, None also when it cannot be understood."""
        try:
            return self.read()
        except Invalid:
            return None

    def set_day(self, day: date) -> None:
        """Show a day."""
        self.set_text(day_text(day))


class WholeField(ReadField):
    """A whole number of a session's field, which may stay open."""

    def __init__(self, name: str, *, field: str, unit: str = "", hint: str = "") -> None:
        super().__init__(name, unit=unit, hint=hint)
        self._field = field

    def read(self) -> int | None:
        """Return the number, None when there is none; raises Invalid."""
        if not self.text().strip():
            return None
        number = parse_decimal(self.text())
        value = checked(self._field, int(number) if number.is_integer() else number)
        return value if isinstance(value, int) else None


class MeasureField(QWidget):
    """A measure of the child, which may stay open. An odd one is asked about and can be kept with a reason."""

    edited = Signal()

    def __init__(
        self, name: str, *, field: str, unit: str, doubt: Callable[[float, float | None], Doubt | None]
    ) -> None:
        """`doubt` finds what is odd about a value, given the last one."""
        super().__init__()
        self.name, self._field, self._unit, self._doubt = name, field, unit, doubt
        self._last: Measured | None = None
        self.line = LineField(name, unit=unit)
        self.reason = LineEdit(
            name=self.tr("Reason for {what}").format(what=name),
            placeholder=self.tr("Reason, if it is right"),
            max_length=LONGEST_REASON,
        )
        self.reason.hide()
        self.setLayout(vbox(self.line, self.reason, spacing=6))
        self.setFocusProxy(self.line)
        self.line.edited.connect(self._typed)
        self.line.edit.editingFinished.connect(self.check)
        self.line.fixed.connect(self._take_fix)
        self.reason.textEdited.connect(self._reasoned)

    def set_last(self, last: Measured | None) -> None:
        """Show the value of the last visit; it is not taken over, since nobody measured it today."""
        self._last = last
        self.line.set_text("")
        self._forget_doubt()
        self._hint()

    def read(self) -> float | None:
        """Return the value, None when there is none; raises Invalid."""
        if not self.line.text().strip():
            return None
        value = checked(self._field, parse_decimal(self.line.text()))
        return value if isinstance(value, float) else None

    def remark(self) -> str:
        """Return why an odd value is kept, empty when none is odd."""
        return "" if self.reason.isHidden() else " ".join(self.reason.text().split())

    def put_reason(self, reason: str) -> None:
        """Show again why an odd value is kept."""
        if reason and not self.check():
            self.reason.setText(reason)
            self._reasoned()

    def check(self) -> bool:
        """Say what is wrong or odd, if anything is; returns whether the value can be taken."""
        try:
            value = self.read()
        except Invalid as error:
            self.line.set_error(str(error))
            return False
        doubt = None if value is None else self._doubt(value, self._last.value if self._last else None)
        if doubt is None:
            self._forget_doubt()
            return True
        self.reason.show()
        if self.remark():
            return True
        self.line.set_error(doubt_text(doubt), fix=fix_text(doubt, self._unit))
        return False

    def focus_problem(self) -> None:
        """Put the focus where the problem is: a refused value, or the reason for an odd one."""
        (self.line if self.reason.isHidden() else self.reason).setFocus()

    def _typed(self) -> None:
        self._forget_doubt()
        self._hint()
        self.edited.emit()

    def _reasoned(self) -> None:
        if self.check():
            self.line.clear_error()

    def _forget_doubt(self) -> None:
        self.line.clear_error()
        self.reason.clear()
        self.reason.hide()

    def _hint(self) -> None:
        parts = [self._echo()]
        if self._last is not None:
            value = words.isolated(words.measured(self._last.value, self._unit, 1))
            day = words.isolated(words.short_day(self._last.day))
            parts.append(self.tr("{day}: {value}").format(day=day, value=value))
        self.line.set_hint(words.SEPARATOR.join(filter(None, parts)))

    def _echo(self) -> str:
        try:
            value = self.read()
        except Invalid:
            return ""
        return "" if value is None else f"= {words.isolated(words.measured(value, self._unit))}"

    def _take_fix(self) -> None:
        value = self.read()
        doubt = None if value is None else self._doubt(value, self._last.value if self._last else None)
        if doubt is not None and doubt.fix is not None:
            self.line.set_text(words.number(doubt.fix))
            self._typed()
            self.line.setFocus()
