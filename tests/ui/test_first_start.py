"""The page of the very first start asks who records."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from desktop.errors import DatabaseUnavailable, Invalid
from ui.dialogs.first_start import FirstStartPage
from ui.theme import ThemeManager


@pytest.fixture
def page() -> Iterator[FirstStartPage]:
    made = FirstStartPage()
    made.resize(1024, 640)
    made.show()
    made.activateWindow()
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def heard(page: FirstStartPage) -> list[tuple[str, str]]:
    named: list[tuple[str, str]] = []
    page.named.connect(lambda name, site: named.append((name, site)))
    return named


def test_a_name_and_enter_are_enough(page: FirstStartPage, heard: list[tuple[str, str]]) -> None:
    assert page.name_field.edit.hasFocus()
    QTest.keyClicks(page.name_field.edit, "  Lena   Okafor ")
    QTest.keyClick(page.name_field.edit, Qt.Key.Key_Return)
    assert heard == [("Lena Okafor", "")]


def test_the_site_is_given_along(page: FirstStartPage, heard: list[tuple[str, str]]) -> None:
    QTest.keyClicks(page.name_field.edit, "Lena Okafor")
    QTest.keyClick(page.name_field.edit, Qt.Key.Key_Tab)
    assert page.site_field.edit.hasFocus()
    QTest.keyClicks(page.site_field.edit, "School <img src=x>")
    QTest.mouseClick(page.continue_button, Qt.MouseButton.LeftButton)
    assert heard == [("Lena Okafor", "School <img src=x>")]


def test_without_a_name_it_says_what_is_missing(page: FirstStartPage, heard: list[tuple[str, str]]) -> None:
    QTest.keyClicks(page.name_field.edit, "   ")
    QTest.keyClick(page.name_field.edit, Qt.Key.Key_Return)
    assert heard == []
    assert page.name_field.below() == "Please enter your name."
    QTest.keyClicks(page.name_field.edit, "L")
    assert not page.name_field.is_invalid()


def test_what_keeps_the_name_from_being_kept_is_said(page: FirstStartPage) -> None:
    page.show_error(Invalid("The name holds characters that cannot be written."))
    assert page.name_field.below() == "The name holds characters that cannot be written."
    page.show_error(DatabaseUnavailable("The disk is full.", kind="full"))
    said = [label for label in page.findChildren(QLabel) if label.text() == "The disk is full."]
    assert [label.isVisible() for label in said] == [True]


def cut(page: FirstStartPage) -> list[str]:
    """Give the texts that have less room than they need."""
    wrapped = [label for label in page.findChildren(QLabel) if label.isVisible() and label.wordWrap()]
    return [label.text() for label in wrapped if label.height() < label.heightForWidth(label.width())]


@pytest.mark.parametrize("rtl", [False, True])
def test_large_text_is_not_cut_in_the_smallest_window(
    page: FirstStartPage, qapp: QApplication, qtbot: QtBot, rtl: bool
) -> None:
    manager = ThemeManager()
    try:
        manager.apply(qapp, mode="dark", text_scale=1.5, right_to_left=rtl)
        assert page.minimumSizeHint().width() <= 1024
        qtbot.waitUntil(lambda: not cut(page))
    finally:
        manager.apply(qapp, mode="light", text_scale=1.0, right_to_left=False)
