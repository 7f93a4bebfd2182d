"""The page of the very first start: who records here."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from desktop.errors import AppError, Invalid
from ui.theme import HEIGHT, Role, color
from ui.widgets.announce import announce
from ui.widgets.button import Button
from ui.widgets.field import LineField
from ui.widgets.icon_label import IconLabel
from ui.widgets.keycap import key_text
from ui.widgets.label import Label, label
from ui.widgets.layout import hbox, vbox
from ui.widgets.logo import Logo

BRAND_WIDTH = 400
FORM_WIDTH = 512
LONGEST_NAME = 255
SWEEP = ((16, 0.6), (35, 0.42), (54, 0.32), (71, 0.24), (86, 0.16))  # degrees from upright, strength
ARM = 170.0


class FirstStartPage(QWidget):
    """Asks the assessor's name, and the site where one is to be noted; `named` gives both, trimmed."""

    named = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.name_field = LineField(self.tr("Your name"), tall=True, max_length=LONGEST_NAME)
        site_hint = self.tr("For example the clinic or the school. It stands with each session.")
        self.site_field = LineField(
            self.tr("Site (optional)"), tall=True, hint=site_hint, max_length=LONGEST_NAME
        )
        self.continue_button = Button(
            self.tr("Continue"), kind="primary", key=key_text("Return"), height=HEIGHT.dialog_primary
        )
        self._trouble_icon = IconLabel("circle-alert", "bad")
        self._trouble = label(tone="bad", wrap=True)
        form = QScrollArea(widgetResizable=True)
        form.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        form.setWidget(self._form())
        ground = QFrame()
        ground.setProperty("pane", "plain")
        ground.setLayout(vbox(form))
        self.setLayout(hbox(BrandPanel(self.tr("Set up this laptop")), (ground, 1), spacing=0))
        self._connect()
        self._show_trouble("")

    def show_error(self, error: AppError) -> None:
        """Say why the name was not kept; what was typed stays."""
        if isinstance(error, Invalid):
            self.name_field.set_error(str(error))
            self.name_field.setFocus()
        else:
            self._show_trouble(str(error))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.name_field.setFocus()

    def _connect(self) -> None:
        self.continue_button.clicked.connect(self._submit)
        for field in (self.name_field, self.site_field):
            field.edit.returnPressed.connect(self._submit)
        self.name_field.edited.connect(self.name_field.clear_error)

    def _submit(self) -> None:
        name, site = (" ".join(field.text().split()) for field in (self.name_field, self.site_field))
        self._show_trouble("")
        if name:
            self.named.emit(name, site)
        else:
            self.name_field.set_error(self.tr("Please enter your name."))
            self.name_field.setFocus()

    def _show_trouble(self, text: str) -> None:
        self._trouble.setText(text)
        for widget in (self._trouble, self._trouble_icon):
            widget.setVisible(bool(text))
        if text:
            announce(self, text)

    def _form(self) -> QWidget:
        why = self.tr("It stands with every session that you record, so that colleagues know whom to ask.")
        form = QWidget()
        form.setMaximumWidth(FORM_WIDTH)
        form.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        form.setLayout(
            vbox(
                label(self.tr("What is your name?"), "hero", wrap=True),
                label(why, "lead", "muted", wrap=True),
                16,
                self.name_field,
                self.site_field,
                hbox(self._trouble_icon, (self._trouble, 1)),
                16,
                hbox(None, self.continue_button),
                spacing=12,
            )
        )
        page = QWidget()
        row = hbox(None, (form, 1000), None)
        page.setLayout(vbox(None, row, None, None, margins=(48, 32, 48, 32)))
        return page


class BrandPanel(QWidget):
    """The coloured side of a set-up page: our mark, what is being done, and a limb that sweeps through an arc."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setFixedWidth(BRAND_WIDTH)
        name = hbox(Logo(size=36), BrandLabel("Kinelog", "title"), None, spacing=10)
        self.setLayout(vbox(name, 20, BrandLabel(title, "hero"), None, margins=(44, 40, 32, 40)))

    def sizeHint(self) -> QSize:
        return QSize(BRAND_WIDTH, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), color("brand"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isRightToLeft():
            painter.translate(self.width(), 0)
            painter.scale(-1, 1)
        painter.translate(QPointF(76, self.height() - 72))
        self._paint_arc(painter)
        for degrees, strength in SWEEP:
            self._paint_limb(painter, degrees, strength)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("brand_text"))
        painter.drawEllipse(QPointF(0, 0), 15, 15)

    def _paint_arc(self, painter: QPainter) -> None:
        line = color("brand_text")
        line.setAlphaF(0.4)
        painter.setPen(QPen(line, 2, Qt.PenStyle.DashLine))
        reach = ARM + 24
        painter.drawArc(QRectF(-reach, -reach, 2 * reach, 2 * reach), 0, 82 * 16)

    def _paint_limb(self, painter: QPainter, degrees: float, strength: float) -> None:
        line = color("brand_text")
        line.setAlphaF(strength)
        painter.save()
        painter.rotate(degrees)
        painter.setPen(QPen(line, 9, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(0, 0), QPointF(0, -ARM))
        painter.restore()


class BrandLabel(Label):
    """Words on the coloured side."""

    def __init__(self, text: str, role: Role) -> None:
        super().__init__(text, role, "")
        self.setWordWrap(True)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(color("brand_text"))
        painter.drawText(self.contentsRect(), self.alignment() | Qt.TextFlag.TextWordWrap, self.text())
