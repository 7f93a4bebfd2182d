"""The settings take effect at once, and say only what is there."""

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from desktop import __version__
from desktop.services.people import create_person, find_person
from desktop.settings import Settings
from tests.helpers.waiting import until
from tests.ui.desk import Desk
from tests.ui.pixels import colours_of, token
from ui.dialogs.licences import LicenceDialog, licences
from ui.dialogs.settings import SettingsDialog
from ui.resources import read
from ui.theme import ThemeManager
from ui.widgets.button import Button

HOSTILE = "<b>Lena</b> & Söhne"


@pytest.fixture
async def dialog(desk: Desk) -> AsyncIterator[SettingsDialog]:
    window = QWidget()
    window.resize(1440, 900)
    settings = Settings(assessor=desk.actor, site="St Mary's")
    made = SettingsDialog(window, core=desk.core, settings=settings, operations=desk.operations)
    QAbstractItemModelTester(made.sections.model(), QAbstractItemModelTester.FailureReportingMode.Fatal, made)
    made.open()
    await until(made.isActiveWindow)
    await desk.operations.settle()
    yield made
    made.reject()
    window.deleteLater()


def heard(dialog: SettingsDialog) -> list[Settings]:
    settings: list[Settings] = []
    dialog.changed.connect(settings.append)
    return settings


def texts(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]


async def test_it_opens_with_the_appearance_as_it_is(dialog: SettingsDialog) -> None:
    assert dialog.appearance.current() == "system"
    assert dialog.text_size.current() == "1.0"
    assert "Appearance" in texts(dialog)
    assert dialog.sections.currentIndex().data() == "Appearance"


async def test_a_theme_is_told_at_once(dialog: SettingsDialog) -> None:
    settings = heard(dialog)
    dialog.appearance.button("dark").click()
    assert [one.appearance for one in settings] == ["dark"]
    assert dialog.settings() == settings[-1]
    assert settings[-1].site == "St Mary's"


async def test_a_text_size_is_told_at_once(dialog: SettingsDialog) -> None:
    settings = heard(dialog)
    dialog.text_size.button("1.5").click()
    dialog.text_size.button("1.15").click()
    assert [one.text_scale for one in settings] == [1.5, 1.15]
    assert [segment.text() for segment in map(dialog.text_size.button, ("1.0", "1.3"))] == ["100 %", "130 %"]


async def test_the_site_is_kept_when_it_is_left(dialog: SettingsDialog) -> None:
    settings = heard(dialog)
    dialog.show_section("recording")
    dialog.site.setFocus()
    dialog.site.selectAll()
    QTest.keyClicks(dialog.site, "  Clinic   East ")
    assert settings == []
    dialog.sections.setFocus()
    assert [one.site for one in settings] == ["Clinic East"]
    dialog.site.setFocus()
    dialog.sections.setFocus()
    assert len(settings) == 1


async def test_the_site_is_kept_when_the_dialog_is_closed(dialog: SettingsDialog) -> None:
    settings = heard(dialog)
    dialog.show_section("recording")
    dialog.site.setFocus()
    QTest.keyClicks(dialog.site, "!")
    QTest.keyClick(dialog.site, Qt.Key.Key_Escape)
    assert dialog.isHidden()
    assert [one.site for one in settings] == ["St Mary's!"]


async def test_sections_are_chosen_with_the_arrows(dialog: SettingsDialog) -> None:
    dialog.sections.setFocus()
    QTest.keyClick(dialog.sections, Qt.Key.Key_Down)
    assert "Your name" in texts(dialog)
    assert dialog.name.line.text() == "Lena Okafor"
    QTest.keyClick(dialog.sections, Qt.Key.Key_End)
    assert f"Kinelog {__version__}" in texts(dialog)


async def test_a_hostile_name_is_plain_text(desk: Desk) -> None:
    person = await create_person(desk.core.database, name=HOSTILE)
    made = SettingsDialog(
        None, core=desk.core, settings=Settings(assessor=person), operations=desk.operations
    )
    await desk.operations.settle()
    assert made.name.line.text() == HOSTILE
    made.deleteLater()


async def stored_name(desk: Desk) -> str:
    await desk.operations.settle()
    person = await find_person(desk.core.database, desk.actor)
    assert person is not None
    return person.name


async def retype(dialog: SettingsDialog, text: str) -> None:
    """Type another name and leave its line."""
    dialog.show_section("recording")
    dialog.name.line.setFocus()
    dialog.name.line.selectAll()
    QTest.keyClicks(dialog.name.line, text)
    QTest.keyClick(dialog.name.line, Qt.Key.Key_Return)


async def test_the_assessor_corrects_their_own_name(desk: Desk, dialog: SettingsDialog) -> None:
    await retype(dialog, "  Lena   Okafor-Weiss ")
    assert await stored_name(desk) == "Lena Okafor-Weiss"
    assert dialog.name.line.text() == "Lena Okafor-Weiss"
    assert dialog.name.line.accessibleName() == "Your name"


async def test_a_name_is_kept_when_the_dialog_is_closed(desk: Desk, dialog: SettingsDialog) -> None:
    dialog.show_section("recording")
    dialog.name.line.setFocus()
    QTest.keyClicks(dialog.name.line, "!")
    QTest.keyClick(dialog.name.line, Qt.Key.Key_Escape)
    assert await stored_name(desk) == "Lena Okafor!"


async def test_no_name_and_a_very_long_one_are_refused_in_words(desk: Desk, dialog: SettingsDialog) -> None:
    await retype(dialog, " ")
    assert "Please enter your name." in texts(dialog)
    assert dialog.name.line.accessibleDescription() == "Please enter your name."
    dialog.name.line.setText("x" * 255)
    await retype(dialog, "x" * 256)
    assert "A name has at most 255 letters." in texts(dialog)
    assert await stored_name(desk) == "Lena Okafor"
    await retype(dialog, "Lena")
    assert "A name has at most 255 letters." not in texts(dialog)
    assert await stored_name(desk) == "Lena"


async def test_the_data_folder_is_shown_and_opened(
    desk: Desk, dialog: SettingsDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    dialog.show_section("about")
    plain = [text.replace("\u200b", "").strip("\u2068\u2069") for text in texts(dialog)]
    assert str(desk.core.paths.data) in plain
    dialog.folder.click()
    assert [url.toLocalFile() for url in opened] == [str(desk.core.paths.data)]


async def test_each_bundled_licence_can_be_read(dialog: SettingsDialog) -> None:
    dialog.show_section("about")
    for licence in licences():
        assert licence.what in texts(dialog)
    buttons = [button for button in dialog.findChildren(Button) if button.text() == "Show"]
    shown = [licence for licence in licences() if licence.path]
    assert len(buttons) == len(shown) == 4
    for button, licence in zip(buttons, shown, strict=True):
        button.click()
        page = dialog.findChild(LicenceDialog)
        assert page is not None
        assert page.text.toPlainText() == read(*licence.path).decode().replace("\r\n", "\n")
        page.accept()
        page.setParent(None)


async def test_it_fits_a_small_window_in_every_look(desk: Desk, application: QApplication) -> None:
    window, manager = QWidget(), ThemeManager()
    window.resize(1024, 640)
    try:
        for mirrored in (False, True):
            manager.apply(application, mode="dark", text_scale=1.5, right_to_left=mirrored)
            made = SettingsDialog(window, core=desk.core, settings=Settings(), operations=desk.operations)
            made.open()
            for section in ("appearance", "recording", "about"):
                made.show_section(section)
                assert made.width() <= 1024
                assert made.height() <= 640
            assert token("accent_soft") in colours_of(made.sections)
            made.reject()
    finally:
        manager.apply(application, mode="light", text_scale=1.0, right_to_left=False)
        window.deleteLater()
