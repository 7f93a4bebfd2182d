"""A page before the records: the coloured side, and a form that scrolls where the window is low."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from ui.entrance.brand import BrandPanel
from ui.widgets.layout import hbox, vbox


class EntrancePage(QWidget):
    """Lays out what a page brings."""

    def __init__(self, brand: BrandPanel, body: QWidget) -> None:
        super().__init__()
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(body)
        ground = QFrame()
        ground.setProperty("pane", "plain")
        ground.setLayout(vbox(scroll))
        self.setLayout(hbox(brand, (ground, 1), spacing=0))
