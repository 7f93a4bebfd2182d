"""Choosing a passphrase: how strong it is, in words, and the same once more."""

import asyncio

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop import passphrases
from desktop.errors import AppError
from desktop.passphrases import SHORTEST, Strength
from ui.forms.form import Form, back, primary
from ui.operations import Operations, Progress
from ui.theme import color
from ui.widgets.icon_label import IconLabel
from ui.widgets.label import label, set_tone
from ui.widgets.layout import Item, hbox, vbox
from ui.widgets.painting import draw_box
from ui.widgets.secret_field import SecretField

BAR_HEIGHT, BAR_GAP = 6, 6
LEVELS: dict[Strength, tuple[int, str, str]] = {  # bars of four, tone, icon
    "short": (1, "muted", "info"),
    "known": (1, "warn", "triangle-alert"),
    "fair": (3, "ok", "check"),
    "strong": (4, "ok", "check"),
}


class PassphraseFields(QWidget):
    """Two lines that have to hold the same, and the judgement between them. `done` comes when Enter ends the last."""

    done = Signal()
    edited = Signal()

    def __init__(self, operations: Operations, *, known: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._operations, self.known = operations, known
        advice = self.tr(
            "At least %n characters. Four random words are easy to remember and hard to guess.", "", SHORTEST
        )
        self.first = SecretField(self.tr("Passphrase"), above=advice)
        self.second = SecretField(self.tr("Type it again"))
        self.judgement = Judgement()
        self.setLayout(vbox(self.first, self.judgement, 4, self.second, spacing=8))
        self.setFocusProxy(self.first.edit)
        self.first.edited.connect(self._judge)
        self.first.entered.connect(self.second.edit.setFocus)
        self.second.entered.connect(self.done)
        for field in (self.first, self.second):
            field.edited.connect(lambda _text: self.edited.emit())

    def passphrase(self) -> str | None:
        """Return what was chosen; None when it cannot be taken, and the field says why."""
        chosen = self.first.text()
        if len(chosen) < SHORTEST:
            self.first.set_error(self.tr("Please use at least %n characters.", "", SHORTEST))
            self.first.edit.setFocus()
            return None
        if chosen != self.second.text():
            self.second.set_error(self.tr("This is not the same. Please type it again."))
            self.second.edit.setFocus()
            return None
        return chosen

    def refuse(self, error: AppError) -> None:
        """Say why the passphrase was not taken."""
        self.first.set_error(str(error))
        self.first.edit.setFocus()

    def clear(self) -> None:
        """Forget what was typed."""
        for field in (self.first, self.second):
            field.clear()
            field.clear_error()
        self.judgement.show_strength(None)

    def _judge(self, text: str) -> None:
        if not text:
            self.judgement.show_strength(None)
            return

        async def judge(_progress: Progress) -> Strength:
            return await asyncio.to_thread(passphrases.strength, text, known=self.known)

        self._operations.start(
            judge, title=self.tr("Judge the passphrase"), key=(self, "judge"), done=self._judged
        )

    def _judged(self, found: Strength) -> None:
        if self.first.text():
            self.judgement.show_strength(found)


class Judgement(QWidget):
    """How strong a passphrase is: bars, an icon and words."""

    def __init__(self) -> None:
        super().__init__()
        self._bars = _Bars()
        self._icon = IconLabel("info", "muted", size=18)
        self._words = label("", "medium", "muted", wrap=True)
        self.setLayout(vbox(self._bars, hbox(self._icon, (self._words, 1)), spacing=8, margins=(0, 4, 0, 0)))
        self.show_strength(None)

    def words(self) -> str:
        return self._words.text()

    def show_strength(self, found: Strength | None) -> None:
        """Show a judgement, or that there is none yet."""
        texts: dict[Strength, str] = {
            "short": self.tr("Too short so far"),
            "known": self.tr("Easily guessed – among the first that are tried"),
            "fair": self.tr("Good – another word makes it stronger"),
            "strong": self.tr("Strong – long enough and not a known password"),
        }
        bars, tone, icon = LEVELS[found] if found else (0, "muted", "")
        self._bars.show_level(bars, tone)
        self._icon.setVisible(bool(found))
        self._icon.show_icon(icon or "info", tone)
        self._words.setText(texts[found] if found else " ")
        set_tone(self._words, tone)


class _Bars(QWidget):
    """Four bars, so many of them in a colour."""

    def __init__(self) -> None:
        super().__init__()
        self._level, self._tone = 0, "muted"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_level(self, level: int, tone: str) -> None:
        """Colour the first `level` bars."""
        self._level, self._tone = level, tone
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, BAR_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = (self.width() - 3 * BAR_GAP) / 4
        for place in range(4):
            across = place if not self.isRightToLeft() else 3 - place
            bar = QRectF(across * (width + BAR_GAP), 0, width, BAR_HEIGHT)
            token = self._tone if place < self._level else "sunken"
            draw_box(painter, bar, radius=BAR_HEIGHT / 2, fill=color(token))


class PassphraseForm(Form):
    """Asks for a new passphrase; `chosen` gives it."""

    chosen = Signal(str)
    back_wanted = Signal()

    def __init__(self, operations: Operations, *, title: str, why: str, with_back: bool, go_on: str) -> None:
        super().__init__()
        self.fields = PassphraseFields(operations)
        self.continue_button = primary(go_on)
        self.back_button = back(self.tr("Back"))
        self.back_button.setVisible(with_back)
        lead: tuple[Item, ...] = (self.back_button, None) if with_back else (None,)
        self.build(
            title, why, self.fields, buttons=hbox(*lead, self.continue_button), first=self.fields.first.edit
        )
        self.continue_button.clicked.connect(self._submit)
        self.fields.done.connect(self._submit)
        self.back_button.clicked.connect(lambda _checked: self.back_wanted.emit())
        self.fields.edited.connect(lambda: self.show_trouble(""))

    def show_error(self, error: AppError) -> None:
        self.fields.refuse(error)

    def _submit(self) -> None:
        passphrase = self.fields.passphrase()
        if passphrase is not None:
            self.chosen.emit(passphrase)
