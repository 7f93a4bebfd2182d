"""The facts about the child in a row; one of them may be its editor."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop.schemas import SessionRecord
from ui import words
from ui.panels.child_questions import Field, field_label
from ui.panels.fact import PAD, Fact
from ui.widgets.label import label
from ui.widgets.layout import frame, hbox, vbox

ROW: tuple[Field, ...] = ("child_age", "child_date_of_birth", "child_height_cm", "child_weight_kg")
MEASURED: tuple[Field, ...] = ("child_height_cm", "child_weight_kg")
WHO: tuple[Field, ...] = ("child_age", "child_date_of_birth")  # what tells the right child is never cut


class ChildFacts(QWidget):
    """Age, birth, height, weight, date and assessor; `wanted` names the field whose fact was pressed."""

    wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.facts: dict[Field, Fact] = {
            field: Fact(field_label(field), whole=field in WHO) for field in (*ROW, "assessor")
        }
        self._date = Fact(self.tr("Date"))
        self._date.stay_still()
        shown = (*(self.facts[field] for field in ROW), self._date, self.facts["assessor"])
        self._row = hbox(*shown, None, spacing=16)
        for fact in shown:
            self._row.setAlignment(fact, Qt.AlignmentFlag.AlignTop)
        self._editor: QWidget | None = None
        self._hidden: Fact | None = None
        self.setLayout(self._row)
        for field, fact in self.facts.items():
            fact.clicked.connect(lambda _checked, field=field: self.wanted.emit(field))

    def show_record(self, record: SessionRecord, *, assessor: str) -> None:
        """Show what the session says."""
        not_recorded, add = self.tr("Not recorded"), self.tr("Add")
        born, height, weight = record.child_date_of_birth, record.child_height_cm, record.child_weight_kg
        shown = {
            "child_age": self._age(record),
            "child_date_of_birth": words.day(born) if born else "",
            "child_height_cm": "" if height is None else words.measured(height, "cm"),
            "child_weight_kg": "" if weight is None else words.measured(weight, "kg"),
            "assessor": assessor,
        }
        for field, fact in self.facts.items():
            fact.show_value(shown[field], missing=add if field == "child_date_of_birth" else not_recorded)
        self._date.show_value(words.day(words.session_day(record)), missing="")
        self._share_room()

    def minimumSizeHint(self) -> QSize:
        """How small it gets, what is asked for where there is room left out."""
        kept = sum(
            max(fact.minimumWidth() - fact.minimumSizeHint().width(), 0)
            for fact in self.facts.values()
            if not fact.isHidden()
        )
        least = super().minimumSizeHint()
        return QSize(least.width() - kept, least.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_room()

    def _share_room(self) -> None:
        """Cut date and assessor before a measure loses its unit, where there is room for that."""
        measured = [self.facts[field] for field in MEASURED if not self.facts[field].isHidden()]
        more = sum(fact.sizeHint().width() - fact.minimumSizeHint().width() for fact in measured)
        fits = self.minimumSizeHint().width() + more <= self.width()
        for fact in measured:
            fact.setMinimumWidth(fact.sizeHint().width() if fits else 0)

    def put_editor(self, field: Field, line: QWidget) -> None:
        """Put a line in the place of a fact."""
        fact = self.facts[field]
        caption = label(field_label(field), "caption", "muted", buddy=line)
        editor = frame(vbox(caption, line, spacing=2, margins=(PAD, PAD, PAD, 0)))
        self._row.insertWidget(self._row.indexOf(fact), editor)
        editor.show()
        if fact.hasFocus():
            line.setFocus()  # first, or hiding the fact would send the keyboard elsewhere
        fact.hide()
        self._editor, self._hidden = editor, fact

    def take_editor(self) -> None:
        """Show the fact again."""
        if self._editor is not None and self._hidden is not None:
            self._row.removeWidget(self._editor)
            self._editor.hide()
            self._editor.deleteLater()
            self._hidden.show()
        self._editor = self._hidden = None

    def _age(self, record: SessionRecord) -> str:
        age, corrected = words.age_in(record), words.corrected_age_in(record)
        return (
            age
            if corrected is None
            else self.tr("{age}, corrected {corrected}").format(age=age, corrected=corrected)
        )
