"""PySide6 6.12 on Python 3.11 loses references to None and ends the program; the pins must keep it away."""

import sys

from PySide6.QtCore import QTimer

CALLS = 1_000


def test_calls_without_a_result_keep_the_references_to_none(qapp: object) -> None:
    timer = QTimer()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        timer.setInterval(5)
    assert abs(sys.getrefcount(None) - before) < CALLS // 10
