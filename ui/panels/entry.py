"""One value that is typed: how it was understood, why it is refused, and what makes an odd one stay."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from desktop.errors import Invalid
from desktop.plausibility import Doubt
from ui import words
from ui.doubts import doubt_text, fix_text
from ui.widgets.announce import announce
from ui.widgets.button import Button
from ui.widgets.entry_line import EntryLine
from ui.widgets.icon_label import IconLabel
from ui.widgets.label import label, set_tone
from ui.widgets.layout import hbox, restyle, vbox

LONGEST_REASON = 500
REASON_SAMPLE = "Reason, e.g. measured twice or more"
WIDEST = 16777215  # Qt's own word for no limit


def never(_value: Any) -> None:
    """No doubt about any value."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked: `read` understands the text or raises Invalid, `echo` says how, `doubt` finds odd values.

    `unit` is a UCUM code, `hint` stands under the line while nothing is wrong. `reason` says why the odd value in
    `text` was kept.
    """

    name: str
    read: Callable[[str], Any]
    echo: Callable[[Any], str]
    doubt: Callable[[Any], Doubt | None] = never
    text: str = ""
    unit: str | None = None
    unit_text: str = ""
    hint: str = ""
    reason: str = ""


class EntryMessage(QWidget):
    """What stands under the line: a hint, why the text is refused, or the question about an odd value."""

    fixed = Signal()
    kept = Signal()
    back = Signal()
    cancelled = Signal()
    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._icon = IconLabel("circle-alert", "bad", size=16)
        self._words = label(role="caption", tone="muted", wrap=True)
        self._fix = Button(kind="link", role="caption_strong")
        self.reason = EntryLine(name=self.tr("Reason"), placeholder=self.tr("Reason, e.g. measured twice"))
        self.reason.setMaxLength(LONGEST_REASON)
        self._keep = Button(self.tr("Keep with a reason"), role="caption_strong")
        self._fix.clicked.connect(lambda _checked: self.fixed.emit())
        self._keep.clicked.connect(lambda _checked: self.kept.emit())
        self.reason.submitted.connect(lambda step: (self.kept if step > 0 else self.back).emit())
        self.reason.cancelled.connect(self.cancelled)
        self._asked = vbox((self.reason, 1), hbox(self._keep, None), spacing=6)
        line = hbox(self._icon, (self._words, 1), self._fix, spacing=6)
        line.addStretch(0)
        self.setLayout(
            vbox(
                line,
                self._asked,
                spacing=6,
            )
        )
        self._show("", "muted", odd=False, fix="")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.width() - self._keep.sizeHint().width()
        in_row = room >= self.reason.fontMetrics().horizontalAdvance(REASON_SAMPLE)
        across = QBoxLayout.Direction.LeftToRight if in_row else QBoxLayout.Direction.TopToBottom
        if across != self._asked.direction():
            self._asked.setDirection(across)

    def text(self) -> str:
        return self._words.text()

    def hint(self, text: str) -> None:
        """Say something helpful."""
        self._show(text, "muted", odd=False, fix="")

    def refuse(self, text: str) -> None:
        """Say why the text cannot be taken."""
        self._show(text, "bad", odd=False, fix="")

    def ask(self, text: str, *, fix: str) -> None:
        """Say what is odd, and offer to keep it with a reason or to take the value perhaps meant."""
        self._show(text, "warn", odd=True, fix=fix)

    def is_asking(self) -> bool:
        return not self.reason.isHidden()

    def _show(self, text: str, tone: str, *, odd: bool, fix: str) -> None:
        self._words.setText(text)
        set_tone(self._words, tone)
        self._words.setVisible(bool(text))
        self._icon.show_icon("triangle-alert" if tone == "warn" else "circle-alert", tone)
        self._icon.setVisible(tone != "muted")
        self._fix.setText(fix)
        self._fix.setVisible(bool(fix))
        wanted = ceil(QFontMetricsF(self._words.font()).horizontalAdvance(text)) + 2
        self._words.setMaximumWidth(wanted if fix else WIDEST)  # what to do stands beside what is odd
        self.reason.setVisible(odd)
        self._keep.setVisible(odd)
        self.resized.emit()


class Entry(QObject):
    """A line and its message under one question.

    `entered` brings the value, the reason for an odd one and the step to go on by; `passed` the step when nothing
    was changed; `cancelled` comes with Esc, `edited` with each change by the user. A refused text stays in the line
    with its reason. The reason of a value that was kept although it is odd stands below, and is changed by itself.
    """

    entered = Signal(object, str, int)
    passed = Signal(int)
    cancelled = Signal()
    edited = Signal()

    def __init__(self, question: Question, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._question = question
        self._step = 1
        self.line = EntryLine(name=question.name, suffix=question.unit_text)
        self.line.setText(question.text)
        self.line.textEdited.connect(self._typed)
        self.line.submitted.connect(self.submit)
        self.line.cancelled.connect(self.cancelled)
        self.message = EntryMessage()
        self.message.reason.setText(question.reason)
        for typed in (self.line, self.message.reason):
            typed.textEdited.connect(lambda _text: self.edited.emit())
        self.message.fixed.connect(self._take_fix)
        self.message.kept.connect(self._keep)
        self.message.back.connect(self.line.setFocus)
        self.message.cancelled.connect(self.cancelled)
        self._show_unchanged()

    def type_text(self, text: str, reason: str = "") -> None:
        """Show what was typed before and not taken, with the reason of an odd value."""
        self.line.setText(text)
        if reason:
            self.message.reason.setText(reason)
        self._typed(text)

    def text(self) -> str:
        return self.line.text()

    def reason(self) -> str:
        """Return the reason for an odd value, as far as it is typed."""
        return self.message.reason.text().strip()

    def has_changed(self) -> bool:
        return self.line.text().strip() != self._question.text

    def has_new_reason(self) -> bool:
        """Whether the value is as it was, and only why it was kept is another."""
        return not self.has_changed() and self.reason() != self._question.reason

    def is_edited(self) -> bool:
        """Whether there is something to record that the user has typed."""
        return self.has_changed() or self.has_new_reason()

    def edit_reason(self) -> None:
        """Bring the keyboard to the reason, where there is one."""
        if self.message.is_asking():
            self.message.reason.selectAll()
            self.message.reason.setFocus()

    def submit(self, step: int) -> None:
        """Take the text, or say what is wrong with it; a reason is gone through before what comes next."""
        self._step = step
        if not self.has_changed():
            self._go_on(step)
            return
        try:
            value = self._question.read(self.line.text())
        except Invalid as error:
            self.refuse(str(error))
            return
        doubt = self._question.doubt(value)
        if doubt is None:
            self.entered.emit(value, "", step)
        else:
            self._ask(doubt)

    def settle(self) -> bool:
        """Take the text, since the user has gone elsewhere; False when it could not be taken, the reason is shown."""
        if not self.has_changed():
            if self.has_new_reason() and self.reason():
                self.entered.emit(self._question.read(self.line.text()), self.reason(), 0)
            return True
        try:
            value = self._question.read(self.line.text())
        except Invalid as error:
            self._show_refusal(str(error))
            return False
        doubt = self._question.doubt(value)
        if doubt is not None and not (self.message.is_asking() and self.reason()):
            self._show_doubt(doubt)
            return False
        self.entered.emit(value, self.reason() if doubt is not None else "", 0)
        return True

    def _go_on(self, step: int) -> None:
        if step > 0 and self._question.reason and self.message.is_asking():
            self.edit_reason()
        elif self.has_new_reason():
            self._keep()
        else:
            self.passed.emit(step)

    def _show_unchanged(self) -> None:
        """Show the hint, or why the value was kept."""
        if not self._question.reason:
            self.message.hint(self._question.hint)
            return
        doubt = self._doubt_now()
        text = self.tr("This value was kept with a reason.") if doubt is None else doubt_text(doubt)
        self.message.ask(text, fix="")
        self.line.setAccessibleDescription(f"{text} {self._question.reason}")

    def _doubt_now(self) -> Doubt | None:
        try:
            return self._question.doubt(self._question.read(self.line.text()))
        except Invalid:  # stored by a Kinelog that took it
            return None

    def _typed(self, text: str) -> None:
        restyle(self.line, invalid=False)
        if self._question.reason and not self.has_changed():
            self._show_unchanged()
            return
        self.message.hint(words.SEPARATOR.join(filter(None, (self._echo(text), self._question.hint))))
        self.line.setAccessibleDescription(self.message.text())

    def _echo(self, text: str) -> str:
        try:
            echo = self._question.echo(self._question.read(text))
        except Invalid:
            return ""
        return f"= {words.isolated(echo)}" if echo else ""

    def refuse(self, text: str) -> None:
        """Say why the text cannot be taken; it stays."""
        self._show_refusal(text)
        self.line.setFocus()

    def _ask(self, doubt: Doubt) -> None:
        self._show_doubt(doubt)
        self.message.reason.setFocus()

    def _show_refusal(self, text: str) -> None:
        restyle(self.line, invalid=True)
        self.message.refuse(text)
        self._tell(text)

    def _show_doubt(self, doubt: Doubt) -> None:
        text = doubt_text(doubt)
        self.message.ask(text, fix=fix_text(doubt, self._question.unit))
        self._tell(text)

    def _tell(self, text: str) -> None:
        self.line.setAccessibleDescription(text)
        announce(self.line, text)

    def _take_fix(self) -> None:
        doubt = self._question.doubt(self._question.read(self.line.text()))
        if doubt is not None and doubt.fix is not None:
            self.line.setText(words.number(doubt.fix))
            self.submit(self._step)

    def _keep(self) -> None:
        reason = self.reason()
        if not self.has_changed() and not self.has_new_reason():
            self.passed.emit(self._step)
        elif not reason and self._doubt_now() is not None:
            restyle(self.message.reason, invalid=True)
            self.message.reason.setFocus()
        else:
            self.entered.emit(self._question.read(self.line.text()), reason, self._step)
