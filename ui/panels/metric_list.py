"""The list of metrics, as high as its cards while there is room."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QSizePolicy

from ui.models.metrics import Index, MetricsModel
from ui.panels.metric_delegate import MetricDelegate

EDIT = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2)


class MetricList(QListView):
    """One tab stop, arrows inside; `edit_wanted` and `delete_wanted` are of the current metric.

    `measured` comes when the cards need another height.
    """

    edit_wanted = Signal()
    delete_wanted = Signal()
    measured = Signal()

    def __init__(self, model: MetricsModel, delegate: MetricDelegate) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Metrics"))
        self.setModel(model)
        self.setItemDelegate(delegate)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.clicked.connect(lambda _index: self.edit_wanted.emit())
        delegate.sizeHintChanged.connect(lambda _index: self.relayout())
        model.modelReset.connect(self.relayout)
        model.dataChanged.connect(self.relayout)

    def relayout(self) -> None:
        """Measure the cards again."""
        self.scheduleDelayedItemsLayout()
        self.updateGeometry()
        self.measured.emit()

    def show_current(self) -> None:
        """Scroll so that the whole of the current metric can be seen."""
        self.scrollTo(self.currentIndex())

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), sum(self._heights()))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, max(self._heights(), default=0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.relayout()

    def keyboardSearch(self, search: str) -> None:
        """Letters are shortcuts of the window; one that is none must not choose another metric."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in EDIT:
            self.edit_wanted.emit()
        elif event.key() == Qt.Key.Key_Delete:
            self.delete_wanted.emit()
        else:
            super().keyPressEvent(event)

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.scrollTo(current)

    def _heights(self) -> list[int]:
        model = self.model()
        return [self.sizeHintForIndex(model.index(place, 0)).height() for place in range(model.rowCount())]
