"""The message under the header that stays until its cause is gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QSizePolicy

from ui.theme import HEIGHT
from ui.widgets.announce import announce
from ui.widgets.button import Button
from ui.widgets.icon_label import IconLabel
from ui.widgets.label import label
from ui.widgets.layout import hbox, restyle

Tone = Literal["bad", "warn", "info"]

_ICONS: dict[Tone, tuple[str, str]] = {
    "bad": ("triangle-alert", "bad"),
    "warn": ("circle-alert", "warn"),
    "info": ("info", "accent"),
}
MOST_ACTIONS = 2


@dataclass(frozen=True)
class BannerAction:
    """A button of a banner: `key` comes back in `chosen`."""

    key: str
    text: str
    icon: str = ""


class Banner(QFrame):
    """One message of the highest urgency, at most two things to do, and how many more wait behind it."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "banner")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.setMinimumHeight(HEIGHT.banner)
        self._icon = IconLabel("info", "accent", size=22)
        self._title = label(role="strong")
        self._text = label(wrap=True)
        self._more = label(role="caption_strong", tone="muted")
        self._actions = hbox(spacing=12)
        self._buttons: list[Button] = []
        self.setLayout(
            hbox(
                self._icon,
                self._title,
                (self._text, 1),
                self._more,
                self._actions,
                spacing=12,
                margins=(20, 8, 12, 8),
            )
        )
        self.hide()

    def show_message(
        self,
        tone: Tone,
        title: str,
        text: str,
        *,
        icon: str = "",
        actions: Sequence[BannerAction] = (),
        more: int = 0,
    ) -> None:
        """Show a message in place of the one before. ValueError for more than two actions."""
        if len(actions) > MOST_ACTIONS:
            raise ValueError("a banner has at most two actions")
        own_icon, icon_tone = _ICONS[tone]
        self._icon.show_icon(icon or own_icon, icon_tone)
        self._title.setText(title)
        self._text.setText(text)
        self._more.setText(self.tr("+%n more", "", more))
        self._more.setVisible(more > 0)
        self.setAccessibleName(f"{title} {text}")
        self._offer(actions)
        restyle(self, tone=tone)
        self.show()
        announce(self, f"{title} {text}", assertive=tone == "bad")

    def _offer(self, actions: Sequence[BannerAction]) -> None:
        for button in self._buttons:
            self._actions.removeWidget(button)
            button.deleteLater()
        self._buttons.clear()
        for action in actions:
            button = Button(action.text, icon=action.icon)
            button.clicked.connect(lambda _checked=False, key=action.key: self.chosen.emit(key))
            self._actions.addWidget(button)
            self._buttons.append(button)
