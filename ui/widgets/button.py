"""The push button: icon, words and the key that does the same, painted inside."""

from dataclasses import dataclass
from math import ceil
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy

from ui.theme import HEIGHT, RADIUS, Role, color, draw_icon, font, set_font, tokens
from ui.widgets.keycap import shortcut_words
from ui.widgets.label import set_tooltip
from ui.widgets.painting import draw_box, draw_key, key_width, ring_width

Kind = Literal[
    "primary",
    "secondary",
    "ghost",
    "accent-ghost",
    "danger",
    "icon",
    "link",
    "toast",
    "toast-icon",
    "status-bar",
]
ICON_ONLY = ("icon", "toast-icon")
GAP = 8
KEY_GAP = 10


@dataclass(frozen=True)
class Paint:
    """The tokens of one kind of button; an empty name paints nothing.

    `inset` makes what is painted lower than the target of a click.
    """

    text: str
    icon: str
    fill: str = ""
    hover: str = ""
    pressed: str = ""
    edge: str = ""
    focus: str = "accent"
    padding: int = 13
    inset: int = 0
    radius: int = RADIUS.control


PAINTS: dict[Kind, Paint] = {
    "primary": Paint(
        "on_accent", "on_accent", "accent_fill", "accent_hover", "accent_pressed", focus="text", padding=17
    ),
    "secondary": Paint("text", "muted", "raised", "hover", "sunken", "border", padding=17),
    "danger": Paint("bad", "bad", "raised", "hover", "sunken", "border", padding=17),
    "ghost": Paint("text", "muted", hover="hover", pressed="sunken"),
    "accent-ghost": Paint("accent", "accent", hover="accent_soft", pressed="accent_soft"),
    "icon": Paint("muted", "muted", hover="hover", pressed="sunken", padding=0),
    "link": Paint(
        "accent",
        "accent",
        hover="accent_soft",
        pressed="accent_soft",
        padding=8,
        inset=6,
        radius=RADIUS.key,
    ),
    "toast": Paint("toast_action", "toast_action", focus="toast_action", padding=12),
    "toast-icon": Paint("toast_text", "toast_text", focus="toast_action", padding=0),
    "status-bar": Paint(
        "muted", "muted", hover="hover", pressed="sunken", padding=10, inset=4, radius=RADIUS.item
    ),
}


class Button(QPushButton):
    """A push button that shows its icon, its words and its key; `key` is shown and read out, not bound.

    A click leaves the keyboard where it is, so that Space is still the stopwatch's afterwards.
    """

    def __init__(
        self,
        text: str = "",
        *,
        icon: str = "",
        kind: Kind = "secondary",
        key: str = "",
        name: str = "",
        role: Role = "strong",
        height: int = HEIGHT.control,
        icon_size: int = 20,
        filled: bool = False,
        directional: bool = False,
    ) -> None:
        """`name` says what it does where the text does not; `directional` icons turn round right-to-left."""
        super().__init__()
        self._text = self._name = self._key = ""
        self._icon, self._icon_tone, self._icon_size = icon, "", icon_size
        self._kind: Kind = kind
        self._height, self._filled, self._directional = height, filled, directional
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(self._across(), QSizePolicy.Policy.Fixed)
        set_font(self, role)
        self._name, self._key = name, key
        self.setText(text)

    def text(self) -> str:
        return self._text

    def setText(self, text: str) -> None:
        self._text = text
        super().setText(text.replace("&", "&&"))  # a name's "&" is no mnemonic
        self._tell()

    def set_name(self, name: str) -> None:
        """Say what it does, where the text does not."""
        self._name = name
        self._tell()

    def key(self) -> str:
        return self._key

    def set_key(self, key: str) -> None:
        """Show another key, or none."""
        self._key = key
        self._tell()

    def kind(self) -> Kind:
        return self._kind

    def set_kind(self, kind: Kind) -> None:
        """Become another kind of button, such as primary."""
        self._kind = kind
        self.setSizePolicy(self._across(), QSizePolicy.Policy.Fixed)
        self._tell()

    def set_icon(self, icon: str, *, tone: str = "", filled: bool = False) -> None:
        """Show another icon, or none; `tone` is a token where the kind's own colour is not wanted."""
        self._icon, self._icon_tone, self._filled = icon, tone, filled
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        height = max(self._height, HEIGHT.control, ceil(self._line()) + 12)
        if self._kind in ICON_ONLY:
            return QSize(max(height, HEIGHT.control), height)
        return QSize(max(ceil(self._content() + 2 * PAINTS[self._kind].padding), HEIGHT.control), height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        self._paint_content(painter)

    def _across(self) -> QSizePolicy.Policy:
        return QSizePolicy.Policy.Fixed if self._kind in ICON_ONLY else QSizePolicy.Policy.Minimum

    def _tell(self) -> None:
        name = self._name or self._text
        self.setAccessibleName(name)
        shortcut = shortcut_words(self._key)
        self.setAccessibleDescription(shortcut)
        if self._kind in ICON_ONLY:
            self.setAccessibleDescription(shortcut or name)  # or else Qt reads out the tooltip's mark-up
            set_tooltip(self, f"{name} ({self._key})" if self._key else name)
        self.updateGeometry()
        self.update()

    def _shown_text(self) -> str:
        return "" if self._kind in ICON_ONLY else self._text

    def _shown_key(self) -> str:
        return "" if self._kind in ICON_ONLY else self._key

    def _line(self) -> float:
        return QFontMetricsF(self.font()).height()

    def _parts(self) -> list[tuple[str, float, float]]:
        """What is painted from the start: what, how far from the part before, how wide."""
        parts = []
        if self._icon:
            parts.append(("icon", 0.0, float(self._icon_size)))
        if self._shown_text():
            parts.append(("text", float(GAP), QFontMetricsF(self.font()).horizontalAdvance(self._text)))
        if self._shown_key():
            parts.append(("key", float(KEY_GAP), key_width(self._key)))
        return parts

    def _content(self) -> float:
        return sum(width + (gap if index else 0) for index, (_, gap, width) in enumerate(self._parts()))

    def _paint_ground(self, painter: QPainter) -> None:
        paint = PAINTS[self._kind]
        box = QRectF(self.rect()).adjusted(0, paint.inset, 0, -paint.inset)
        fill, edge, width = self._fill(paint), paint.edge, float(tokens().line)
        if not self.isEnabled():
            edge = ""
        if self.hasFocus():
            edge, width = paint.focus, ring_width()
        draw_box(
            painter,
            box,
            radius=paint.radius,
            fill=color(fill) if fill else None,
            edge=color(edge) if edge else None,
            width=width,
        )

    def _fill(self, paint: Paint) -> str:
        if not self.isEnabled():
            return "sunken" if paint.fill else ""
        if self.isDown() or self.isChecked():
            return paint.pressed or paint.fill
        if self.underMouse():
            return paint.hover or paint.fill
        return paint.fill

    def _paint_content(self, painter: QPainter) -> None:
        x = (self.width() - self._content()) / 2
        for index, (what, gap, width) in enumerate(self._parts()):
            x += gap if index else 0
            start = self.width() - x - width if self.isRightToLeft() else x
            self._paint_part(painter, what, QRectF(start, 0, width, self.height()))
            x += width

    def _paint_part(self, painter: QPainter, what: str, rect: QRectF) -> None:
        if what == "icon":
            self._paint_icon(painter, rect.center())
        elif what == "key":
            self._paint_key(painter, rect)
        else:
            painter.setFont(self.font())
            painter.setPen(self._text_color())
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip | Qt.TextFlag.TextSingleLine
            painter.setLayoutDirection(
                Qt.LayoutDirection.LayoutDirectionAuto
            )  # "…" ends the text as it is read
            painter.drawText(rect, flags, self._text)

    def _paint_icon(self, painter: QPainter, centre: QPointF) -> None:
        token = (self._icon_tone or PAINTS[self._kind].icon) if self.isEnabled() else "subtle"
        draw_icon(
            painter,
            self._icon,
            centre,
            token=token,
            size=self._icon_size,
            fill=token if self._filled else None,
            mirrored=self._directional and self.isRightToLeft(),
        )

    def _paint_key(self, painter: QPainter, rect: QRectF) -> None:
        if self._kind == "toast":
            painter.setFont(font("caption"))
            painter.setPen(color("toast_text"))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._key)
        else:
            draw_key(painter, rect, self._key, on_accent=self._kind == "primary" and self.isEnabled())

    def _text_color(self) -> QColor:
        return color(PAINTS[self._kind].text if self.isEnabled() else "subtle")
