"""Adding a metric that the protocol does not name."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QWidget

from desktop.decimals import parse_decimal
from desktop.errors import Invalid
from desktop.metrics import metric_key, new_metric, unit_code
from ui import words
from ui.asking import let_control_enter_press
from ui.theme import HEIGHT
from ui.widgets.button import Button
from ui.widgets.field import LineField
from ui.widgets.keycap import key_text
from ui.widgets.label import label
from ui.widgets.layout import hbox, vbox

WIDTH = 480
NAME_LIMIT = 100
UNIT_LIMIT = 40


class AddMetricDialog(QDialog):
    """Asks for name, unit and value; `entered` brings the NewMetric when all three are understood.

    `taken` are the keys and names of the metrics that are there already.
    """

    entered = Signal(object)

    def __init__(self, parent: QWidget | None = None, *, taken: Mapping[str, str]) -> None:
        super().__init__(parent)
        self._taken = taken
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Add metric"))
        self.setProperty("ground", "surface")
        self.name = LineField(self.tr("Name"), placeholder=self.tr("e.g. Trunk sway"), max_length=NAME_LIMIT)
        self.value = LineField(self.tr("Value"))
        self.unit = LineField(
            self.tr("Unit (optional)"), placeholder=self.tr("e.g. cm"), max_length=UNIT_LIMIT
        )
        self.add = Button(
            self.tr("Add metric"), kind="primary", key=key_text("Return"), height=HEIGHT.dialog_primary
        )
        self.add.setDefault(True)
        self.cancel = Button(
            self.tr("Cancel"), kind="ghost", key=self.tr("Esc"), height=HEIGHT.dialog_primary
        )
        self._build()
        self.name.edited.connect(lambda _text: self._echo_name())
        self.value.edited.connect(lambda _text: self._echo_value())
        self.unit.edited.connect(lambda _text: self._echo_value())
        self.add.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)
        let_control_enter_press(self)

    def content(self) -> dict[str, str]:
        """Return what was typed."""
        return {"name": self.name.text(), "value": self.value.text(), "unit": self.unit.text()}

    def resume(self, content: Mapping[str, str]) -> None:
        """Show what was typed before."""
        for name, field in (("name", self.name), ("value", self.value), ("unit", self.unit)):
            field.set_text(content.get(name, ""))
        self._echo_name()
        self._echo_value()

    def accept(self) -> None:
        """Hand the metric out, or show what is wrong and go there."""
        name, value = self._read_name(), self._read_value()
        if name is None or value is None:
            (self.name if name is None else self.value).edit.setFocus()
            QTimer.singleShot(0, self, self._fit)  # the words have not been laid out yet
            return
        try:
            metric = new_metric(name, value, unit=unit_code(self.unit.text()))
        except Invalid as error:
            self.unit.set_error(str(error))
            self.unit.edit.setFocus()
            QTimer.singleShot(0, self, self._fit)  # the words have not been laid out yet
            return
        self.entered.emit(metric)
        super().accept()

    def _build(self) -> None:
        self.setMinimumWidth(WIDTH)
        self.setLayout(
            vbox(
                label(self.tr("Add metric"), "heading"),
                self.name,
                hbox((self.value, 1), (self.unit, 1), spacing=16),
                None,
                hbox(None, self.cancel, self.add, spacing=12),
                spacing=16,
                margins=(28, 24, 28, 24),
            )
        )
        self.name.edit.setFocus()

    def _fit(self) -> None:
        """Grow with what has to be said."""
        layout = self.layout()
        if layout is not None:
            self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))

    def _echo_name(self) -> None:
        self.name.clear_error()
        try:
            self.name.set_hint(self.tr("Kept as {key}").format(key=metric_key(self.name.text())))
        except Invalid:
            self.name.set_hint("")

    def _echo_value(self) -> None:
        self.value.clear_error()
        self.unit.clear_error()
        try:
            value = parse_decimal(self.value.text())
        except Invalid:
            self.value.set_hint("")
        else:
            self.value.set_hint(f"= {words.isolated(words.measured(value, unit_code(self.unit.text())))}")

    def _read_name(self) -> str | None:
        try:
            key = metric_key(self.name.text())
        except Invalid as error:
            self.name.set_error(str(error))
            return None
        if key in self._taken:
            self.name.set_error(self.tr("“{metric}” is listed already.").format(metric=self._taken[key]))
            return None
        return key

    def _read_value(self) -> float | None:
        try:
            return parse_decimal(self.value.text())
        except Invalid as error:
            self.value.set_error(str(error))
            return None
