"""Dresses the application: style, colours, fonts, direction."""

from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication

from ui.theme import current, fonts, icons
from ui.theme.palette import high_contrast, palette
from ui.theme.qss import style_sheet
from ui.theme.tokens import DARK, LIGHT, Tokens

Mode = Literal["light", "dark", "system"]

_SCHEMES = {
    "light": Qt.ColorScheme.Light,
    "dark": Qt.ColorScheme.Dark,
    "system": Qt.ColorScheme.Unknown,
}


class ThemeManager(QObject):
    """Sets and changes the look of the whole application; `changed` comes after every change.

    Painted widgets read `theme.color()` when they paint. Fonts set by `theme.set_font()` follow the text size.
    Icons made by `theme.icon()` do not: whoever made one makes it anew on `changed`.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app: QApplication | None = None
        self._mode: Mode = "light"
        self._scheme = Qt.ColorScheme.Unknown
        self._text_scale = 1.0
        self._right_to_left = False

    def apply(self, app: QApplication, *, mode: Mode, text_scale: float, right_to_left: bool) -> None:
        """Dress the application; `text_scale` 1.0 to 1.5, "system" follows the system's light and dark."""
        if self._app is None:
            self._begin(app)
        self._text_scale = text_scale
        self._right_to_left = right_to_left
        app.styleHints().setColorScheme(_SCHEMES[mode])
        self._scheme = app.styleHints().colorScheme()
        self._mode = mode  # after the hint, whose own signal would dress the application twice
        self._dress(app)

    def _begin(self, app: QApplication) -> None:
        self._app = app
        fonts.load()
        app.setStyle("Fusion")
        hints = app.styleHints()
        hints.colorSchemeChanged.connect(self._follow_scheme)
        hints.accessibility().contrastPreferenceChanged.connect(self._follow_contrast)

    def _follow_scheme(self, scheme: Qt.ColorScheme) -> None:
        self._scheme = scheme
        if self._mode == "system" and self._app is not None:
            self._dress(self._app)

    def _follow_contrast(self) -> None:
        if self._app is not None:
            self._dress(self._app)

    def _dress(self, app: QApplication) -> None:
        chosen = self._tokens(app)
        current.wear(current.Look(chosen, self._text_scale, self._right_to_left))
        icons.forget()
        app.setPalette(palette(chosen))
        app.setFont(fonts.font("body"))
        app.setStyleSheet(style_sheet(chosen))
        app.setLayoutDirection(
            Qt.LayoutDirection.RightToLeft if self._right_to_left else Qt.LayoutDirection.LeftToRight
        )
        for widget in app.allWidgets():
            fonts.refresh(widget)
        self.changed.emit()

    def _tokens(self, app: QApplication) -> Tokens:
        hints = app.styleHints()
        if hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast:
            app.setPalette(QPalette())  # back to the system's own colours, to read them
            return high_contrast(app.palette())
        if self._mode == "system":
            return DARK if self._scheme == Qt.ColorScheme.Dark else LIGHT
        return DARK if self._mode == "dark" else LIGHT
