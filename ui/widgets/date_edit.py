"""A date to type in or to pick from a calendar."""

from PySide6.QtCore import QEvent, QLocale, QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QTextCharFormat
from PySide6.QtWidgets import QCalendarWidget, QDateEdit, QToolButton

from ui.theme import HEIGHT, color, draw_icon, icon, set_font

WEEKEND = (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday)


class DateEdit(QDateEdit):
    """A date edit that writes dates as "23 Nov 2025" in the words of the user's language."""

    def __init__(self, *, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.lineEdit().setAccessibleName(name)
        self.setDisplayFormat("d MMM yyyy")
        self.setCalendarPopup(True)
        set_font(self, "body")
        calendar = self.calendarWidget()
        calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        calendar.setFirstDayOfWeek(QLocale().firstDayOfWeek())
        calendar.setMinimumSize(8 * HEIGHT.control, 7 * HEIGHT.control)  # every day can be hit with a finger
        set_font(calendar, "body")
        self._dress_calendar()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in {QEvent.Type.StyleChange, QEvent.Type.LayoutDirectionChange}:
            self._dress_calendar()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        x = 22 if self.isRightToLeft() else self.width() - 22
        token = "muted" if self.isEnabled() else "subtle"
        draw_icon(QPainter(self), "calendar", QPointF(x, self.height() / 2), token=token, size=18)

    def _dress_calendar(self) -> None:
        """Qt would paint weekends red, which here means that something is wrong, and arrows always black."""
        calendar = self.calendarWidget()
        if calendar is None:
            return
        quiet = QTextCharFormat()
        quiet.setForeground(color("muted"))
        for day in WEEKEND:
            calendar.setWeekdayTextFormat(day, quiet)
        mirrored = self.isRightToLeft()
        for name, arrow in (("prevmonth", "chevron-left"), ("nextmonth", "chevron-right")):
            button = calendar.findChild(QToolButton, f"qt_calendar_{name}")
            if button is not None:
                button.setIcon(icon(arrow, mirrored=mirrored))
