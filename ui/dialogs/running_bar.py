"""The bar at a dialog's foot while its work runs: how far it is."""

from collections.abc import Sequence

from PySide6.QtWidgets import QProgressBar

from ui.operations import Operations, Running


class RunningBar(QProgressBar):
    """Shows the progress of the operation with `key`, and nothing while it does not run."""

    def __init__(self, operations: Operations, key: object, *, name: str) -> None:
        super().__init__(textVisible=False)
        self._key = key
        self.setAccessibleName(name)
        self.hide()
        operations.running_changed.connect(self._show_running)

    def _show_running(self, running: Sequence[Running]) -> None:
        mine = next((run for run in running if run.key == self._key), None)
        self.setVisible(mine is not None)
        if mine is not None:
            self.setMaximum(mine.total)
            self.setValue(mine.done)
