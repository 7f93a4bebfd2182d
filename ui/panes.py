"""The three panes of the main page: side by side in a wide window, with the sessions as a drawer in a small one."""

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

from ui.shell import SIDE_WIDTH
from ui.widgets.layout import restyle, vbox

WIDE_FROM = 1280
METRICS_WIDTH = 352
METRICS_WIDTH_SMALL = 304


class Panes(QWidget):
    """Lays out sessions, centre and metrics; `compact_changed` when the window becomes small or wide."""

    compact_changed = Signal(bool)

    def __init__(self, *, sessions: QWidget, centre: QWidget, metrics: QWidget) -> None:
        super().__init__()
        self.compact = False
        self._sessions = sessions
        self._metrics = metrics
        self._sessions_wanted = True
        self._metrics_wanted = True
        self._metrics_allowed = True
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setHandleWidth(1)
        self._split.setChildrenCollapsible(False)
        for pane, stretch in ((sessions, 0), (centre, 1), (metrics, 0)):
            self._split.addWidget(pane)
            self._split.setStretchFactor(self._split.indexOf(pane), stretch)
        self.setLayout(vbox(self._split, spacing=0))
        self._arrange()

    def toggle_sessions(self) -> None:
        """Show or hide the sessions: the pane in a wide window, the drawer in a small one."""
        if self.compact:
            self.show_drawer(self._sessions.isHidden())
        else:
            self._sessions_wanted = not self._sessions_wanted
            self._sessions.setVisible(self._sessions_wanted)

    def toggle_metrics(self) -> None:
        """Show or hide the metrics."""
        self._metrics_wanted = not self._metrics_wanted
        self._show_metrics()

    def allow_metrics(self, allowed: bool) -> None:
        """Leave the metrics out while there is nothing to measure."""
        self._metrics_allowed = allowed
        self._show_metrics()

    def show_drawer(self, shown: bool) -> None:
        """Open or close the drawer of a small window."""
        if self.compact:
            self._place_drawer()
            self._sessions.setVisible(shown)
            self._sessions.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        compact = self.width() < WIDE_FROM
        if compact != self.compact:
            self.compact = compact
            self._arrange()
            self.compact_changed.emit(compact)
        elif compact:
            self._place_drawer()

    def _arrange(self) -> None:
        restyle(self._sessions, drawer=self.compact)
        if self.compact:
            self._sessions.setParent(self)
            self._sessions.hide()
        else:
            self._split.insertWidget(0, self._sessions)
            self._sessions.setVisible(self._sessions_wanted)
        width = METRICS_WIDTH_SMALL if self.compact else METRICS_WIDTH
        self._metrics.setMinimumWidth(width)
        centre = max(self.width() - SIDE_WIDTH * (not self.compact) - width, 1)
        self._split.setSizes([centre, width] if self.compact else [SIDE_WIDTH, centre, width])

    def _show_metrics(self) -> None:
        self._metrics.setVisible(self._metrics_wanted and self._metrics_allowed)

    def _place_drawer(self) -> None:
        width = max(SIDE_WIDTH, self._sessions.minimumSizeHint().width())
        drawer = QRect(0, 0, width, self.height())
        if self.isRightToLeft():
            drawer.moveRight(self.width() - 1)
        self._sessions.setGeometry(drawer)
