"""What is shown while the records take long to open: many of them, or another key for all of them."""

from PySide6.QtWidgets import QProgressBar, QStackedWidget

from ui.entrance.brand import BrandPanel
from ui.entrance.page import EntrancePage
from ui.forms.form import Form
from ui.widgets.announce import announce
from ui.widgets.layout import hbox


class OpeningPage(EntrancePage):
    """Says that it goes on, and that nothing can be lost by it."""

    def __init__(self) -> None:
        self._form, forms = Form(), QStackedWidget()
        self._title = self.tr("Opening your records…")
        bar = QProgressBar(maximum=0, textVisible=False)
        bar.setAccessibleName(self._title)
        why = self.tr(
            "This takes a minute where there are many, or where all of them get another key. "
            "Nothing is lost if the laptop is switched off meanwhile."
        )
        self._form.build(self._title, why, bar, buttons=hbox(), first=bar, lower=True)
        forms.addWidget(self._form)
        super().__init__(BrandPanel(self.tr("One moment")), forms)

    def begin(self) -> None:
        """Tell it to who does not see it."""
        announce(self, self._title)
