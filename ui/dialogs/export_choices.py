"""What is exported, and in which form."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QWidget

from desktop.export.formats import ExportOptions
from desktop.export.forms import Convention, Format, Kind, Language, Part
from desktop.export.report.making import MOST_IN_ONE
from desktop.schemas import SessionRecord
from ui import words
from ui.widgets.label import label
from ui.widgets.layout import hbox, vbox
from ui.widgets.mark_line import CheckLine, RadioLine
from ui.widgets.option_card import OptionCard
from ui.widgets.segmented import Segmented

ACROSS = 2
GAP = 10
PADDING = 28


@dataclass(frozen=True)
class Scope:
    """Sessions that can be exported together; `day` is set where they are those of a day."""

    key: str
    ids: tuple[UUID, ...]
    day: date | None = None


class ExportChoices(QWidget):
    """Cards for the form, which sessions, and what else there is to choose. `changed` comes with each choice."""

    changed = Signal()

    def __init__(self, record: SessionRecord) -> None:
        super().__init__()
        self._record = record
        self._across = 0
        self._scopes: dict[str, Scope] = {"session": Scope("session", (record.id,))}
        self.cards = {form: OptionCard(*card[:2], icon=card[2]) for form, card in self._forms().items()}
        self._group = QButtonGroup(self)
        for card in self.cards.values():
            self._group.addButton(card)
        self.cards["pdf"].setChecked(True)
        self.scopes = {key: RadioLine(text) for key, text in self._scope_words().items()}
        self._scope_group = QButtonGroup(self)
        for key, radio in self.scopes.items():
            radio.setEnabled(key == "session")
            self._scope_group.addButton(radio)
        self.scopes["session"].setChecked(True)
        kinds = [
            ("clinician", self.tr("Report")),
            ("family", self.tr("Family letter")),
            ("day", self.tr("Day list")),
        ]
        self.kind = Segmented(kinds, name=self.tr("Kind of PDF"), current="clinician")
        languages = [("en", "English"), ("ar", "العربية")]
        first = "ar" if words.language() == "ar" else "en"
        self.language = Segmented(languages, name=self.tr("Language of the file"), current=first)
        conventions = [("comma", self.tr("Comma, 1.5")), ("semicolon", self.tr("Semicolon, 1,5"))]
        self.convention = Segmented(conventions, name=self.tr("How the CSV is separated"), current="comma")
        self.charts = CheckLine(self.tr("Charts over the visits"))
        self.notes = CheckLine(self.tr("Notes"))
        for part in (self.charts, self.notes):
            part.setChecked(True)
        self.each = CheckLine(self.tr("A file for each session"))
        self.deidentified = CheckLine(self.tr("Replace the name with a code"))
        self._about_code = label(
            self.tr(
                "Also leaves out free text, dates and who assessed. The code stays the same for the child."
            ),
            "caption",
            "muted",
            wrap=True,
        )
        self._build()
        self._connect()
        self._allow()

    def options(self) -> ExportOptions:
        """Return what is chosen."""
        scope = self.scope()
        return ExportOptions(
            form=self.form(),
            kind=self._kind(),
            language=self._language(),
            convention=self._convention(),
            deidentified=self.deidentified.isEnabled() and self.deidentified.isChecked(),
            day=scope.day,
            leave_out=frozenset(part for part, line in self._parts().items() if not line.isChecked()),
        )

    def form(self) -> Format:
        """Return the form that is chosen."""
        return next(form for form, card in self.cards.items() if card.isChecked())

    def scope(self) -> Scope:
        """Return the sessions that are chosen."""
        key = next(key for key, radio in self.scopes.items() if radio.isChecked())
        return self._scopes[key]

    def into_folder(self) -> bool:
        """Tell whether each session gets a file of its own."""
        return self.each.isVisibleTo(self) and self.each.isChecked()

    def offer(self, scopes: Sequence[Scope]) -> None:
        """Offer other sessions too, as soon as it is known which they are."""
        for scope in scopes:
            self._scopes[scope.key] = scope
            radio = self.scopes[scope.key]
            radio.setText(f"{self._scope_words()[scope.key]} ({words.number(len(scope.ids))})")
        self._allow()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        widest = max(card.sizeHint().width() for card in self.cards.values())
        self._spread(ACROSS if self.width() >= ACROSS * widest + GAP + 2 * PADDING else 1)

    def _spread(self, across: int) -> None:
        """Lay the cards out side by side, or one below the other where there is no room."""
        if across == self._across:
            return
        self._across = across
        for place, card in enumerate(self.cards.values()):
            self._grid.addWidget(card, place // across, place % across)

    def _forms(self) -> dict[Format, tuple[str, str, str]]:
        return {
            "pdf": (self.tr("PDF"), self.tr("To print or send"), "file-text"),
            "xlsx": (self.tr("Excel"), self.tr("Typed tables"), "file-spreadsheet"),
            "csv": (self.tr("CSV"), self.tr("A row for each metric"), "table-2"),
            "json": (self.tr("JSON"), self.tr("For programs"), "braces"),
            "fhir": (self.tr("FHIR bundle"), self.tr("For hospital systems"), "heart-pulse"),
            "redcap": (self.tr("REDCap"), self.tr("Data and dictionary"), "list-checks"),
            "datapackage": (self.tr("Data Package"), self.tr("For research archives"), "database"),
        }

    def _scope_words(self) -> dict[str, str]:
        day = words.isolated(words.day(words.session_day(self._record)))
        return {
            "session": self.tr("This session"),
            "child": self.tr("All sessions of this child"),
            "day": self.tr("All sessions of {day}").format(day=day),
            "all": self.tr("All sessions"),
        }

    def _build(self) -> None:
        self._grid = QGridLayout()
        self._grid.setSpacing(GAP)
        self._spread(ACROSS)
        self._heads = {key: label(text, "strong") for key, text in (
            ("kind", self.tr("Kind")), ("language", self.tr("Language")), ("convention", self.tr("Separated by")),
            ("include", self.tr("Include")),
        )}  # fmt: skip
        self.setLayout(
            vbox(
                label(self.tr("Format"), "strong"),
                self._grid,
                8,
                label(self.tr("What"), "strong"),
                *self.scopes.values(),
                8,
                self._heads["kind"],
                hbox(self.kind, None),
                self._heads["language"],
                hbox(self.language, None),
                self._heads["convention"],
                hbox(self.convention, None),
                8,
                self._heads["include"],
                self.charts,
                self.notes,
                self.each,
                self.deidentified,
                self._about_code,
                None,
                spacing=8,
                margins=(PADDING, 18, PADDING, 18),
            )
        )

    def _connect(self) -> None:
        for group in (self._group, self._scope_group):
            group.buttonClicked.connect(lambda _button: self._chose())
        for choice in (self.kind, self.language, self.convention):
            choice.chosen.connect(lambda _key: self._chose())
        for line in (self.each, self.charts, self.notes):
            line.clicked.connect(lambda _checked: self._chose())
        self.deidentified.clicked.connect(lambda _checked: self._chose())

    def _chose(self) -> None:
        self._allow()
        self.changed.emit()

    def _allow(self) -> None:
        """Show what there is to choose for the form."""
        form = self.form()
        for key, widget, shown in (
            ("kind", self.kind, form == "pdf"),
            ("language", self.language, form in {"pdf", "xlsx", "fhir"}),
            ("convention", self.convention, form == "csv"),
        ):
            self._heads[key].setVisible(shown)
            widget.setVisible(shown)
        for line in (self._heads["include"], *self._parts().values()):
            line.setVisible(form == "pdf" and self._kind() == "clinician")
        self._allow_scopes(day_list=form == "pdf" and self._kind() == "day")
        count = len(self.scope().ids)
        self.each.setVisible(form == "pdf" and count > 1 and self._kind() != "day")
        self.each.setEnabled(count <= MOST_IN_ONE)
        if count > MOST_IN_ONE:
            self.each.setChecked(True)
        named = form == "json" or (form == "pdf" and self._kind() != "clinician")
        self.deidentified.setEnabled(not named)

    def _allow_scopes(self, *, day_list: bool) -> None:
        """Let only the sessions of the day be chosen for the list of a day."""
        if day_list and "day" in self._scopes:
            self.scopes["day"].setChecked(True)
        for key, radio in self.scopes.items():
            known = key in self._scopes and bool(self._scopes[key].ids)
            radio.setEnabled(known and (not day_list or key == "day"))

    def _parts(self) -> dict[Part, CheckLine]:
        return {"charts": self.charts, "notes": self.notes}

    def _kind(self) -> Kind:
        current = self.kind.current()
        return "family" if current == "family" else "day" if current == "day" else "clinician"

    def _language(self) -> Language:
        return "ar" if self.language.current() == "ar" else "en"

    def _convention(self) -> Convention:
        return "semicolon" if self.convention.current() == "semicolon" else "comma"
