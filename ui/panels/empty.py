"""What stands in the centre before the first session."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from ui.widgets.button import Button
from ui.widgets.figure import Figure
from ui.widgets.icon_label import IconLabel
from ui.widgets.keycap import key_text
from ui.widgets.label import label
from ui.widgets.layout import Box, hbox, vbox

BUTTON_HEIGHT = 52
TEXT_WIDTH = 560
FACTS_WIDTH = 700
_CENTRE = Qt.AlignmentFlag.AlignCenter


class EmptyPanel(QFrame):
    """Leads to the first session, or to sample data to look around in."""

    new_session = Signal()
    sample_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("pane", "plain")
        self.new_button = Button(
            self.tr("New session"), icon="plus", kind="primary", key=key_text("Ctrl+N"), height=BUTTON_HEIGHT
        )
        self.sample_button = Button(
            self.tr("Look around with sample data"), icon="play", height=BUTTON_HEIGHT
        )
        self.new_button.clicked.connect(self.new_session)
        self.sample_button.clicked.connect(self.sample_wanted)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(self._page())
        self.setLayout(vbox(scroll))

    def focus_first(self) -> None:
        """Put the keyboard focus on the primary button."""
        self.new_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _page(self) -> QWidget:
        promise = self.tr(
            "Add a child and pick a protocol. Kinelog saves every tap at once, so you can keep your eyes on the "
            "child."
        )
        made = QWidget()
        made.setLayout(
            vbox(
                None,
                hbox(None, Figure(), None),
                16,
                label(self.tr("Record your first assessment"), "hero", wrap=True, align=_CENTRE),
                8,
                _no_wider(TEXT_WIDTH, vbox(label(promise, "lead", "muted", wrap=True, align=_CENTRE))),
                24,
                hbox(None, self.new_button, self.sample_button, None, spacing=12),
                48,
                self._facts(),
                None,
                spacing=0,
                margins=(24, 24, 24, 24),
            )
        )
        return made

    def _facts(self) -> Box:
        facts = (
            ("cloud-off", self.tr("Works offline"), self.tr("No network is needed")),
            ("save", self.tr("Saved at once"), self.tr("There is no Save button")),
            ("keyboard", self.tr("One-hand keys"), self.tr("Space starts, 1 2 3 0 9 rate")),
        )
        return _no_wider(FACTS_WIDTH, hbox(*((_fact(*fact), 1) for fact in facts), spacing=24))


def _fact(icon: str, title: str, text: str) -> Box:
    return vbox(
        hbox(None, IconLabel(icon, "accent", size=24), None),
        label(title, "strong", wrap=True, align=_CENTRE),
        label(text, "caption", "muted", wrap=True, align=_CENTRE),
        None,
        spacing=4,
    )


def _no_wider(width: int, content: Box) -> Box:
    """Return `content` in the middle of a row, at most `width` pixels wide."""
    inner = QWidget()
    inner.setLayout(content)
    inner.setMaximumWidth(width)
    return hbox(None, (inner, 1000), None)
