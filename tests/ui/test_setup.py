"""The first start: a name, a passphrase, a recovery key that is typed back, and then a vault."""

import stat
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrintDialog
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from desktop.paths import Paths
from desktop.vault import Unlocked, Vault
from tests.helpers.logs import WatchedLog
from tests.helpers.waiting import until
from tests.ui.dialogs import opened, type_name
from tests.ui.entering import on_screen
from ui.entrance.setup import SetupPage
from ui.operations import Operations

PASSPHRASE = "four random words"


@dataclass
class FirstStart:
    """A page at the first start, and what it brought."""

    page: SetupPage
    paths: Paths
    operations: Operations
    made: list[Unlocked] = field(default_factory=list)

    def type(self, text: str) -> None:
        QTest.keyClicks(focused(), text)

    def enter(self, text: str = "") -> None:
        self.type(text)
        QTest.keyClick(focused(), Qt.Key.Key_Return)

    async def name_yourself(self, name: str = "Lena Okafor") -> None:
        await until(self.page.name_form.name_field.edit.hasFocus)
        self.enter(name)

    async def choose(self, passphrase: str = PASSPHRASE) -> None:
        await until(self.page.passphrase_form.fields.first.edit.hasFocus)
        self.enter(passphrase)
        self.enter(passphrase)
        await self.operations.settle()

    def shown(self) -> list[str]:
        return list(self.page.recovery_form.card.groups)

    def answers(self) -> list[str]:
        """Return the groups that are asked for."""
        asked = [int(field.editor.accessibleName().split()[-1]) for field in self.page.recovery_form.fields]
        return [self.shown()[number - 1] for number in asked]


def focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[FirstStart]:
    paths = Paths(tmp_path / "kinelog")
    async with on_screen(lambda operations: SetupPage(paths, operations)) as (page, operations):
        first = FirstStart(page, paths, operations)
        page.made.connect(first.made.append)
        yield first


async def test_name_passphrase_and_two_groups_make_a_vault_by_keyboard_alone(start: FirstStart) -> None:
    await start.name_yourself("  Lena   Okafor ")
    await start.choose()
    recovery_key = "-".join(start.shown())
    assert not start.paths.data.exists()
    start.page.recovery_form.written_button.setFocus()
    QTest.keyClick(focused(), Qt.Key.Key_Space)
    one, other = start.answers()
    start.enter(one.lower())
    start.enter(f" {other} ")
    await start.operations.settle()
    [unlocked] = start.made
    vault = Vault(start.paths)
    assert vault.unlock(PASSPHRASE) == unlocked
    assert vault.recover(recovery_key).key == unlocked.key
    assert [slot.name for slot in vault.keys().people()] == ["Lena Okafor"]
    assert vault.keys().begun
    assert start.shown() == []


async def test_without_a_name_it_says_what_is_missing(start: FirstStart) -> None:
    await start.name_yourself("   ")
    field = start.page.name_form.name_field
    assert field.below() == "Please enter your name."
    start.type("L")
    assert not field.is_invalid()


async def test_a_passphrase_is_judged_in_words_while_it_is_typed(start: FirstStart) -> None:
    await start.name_yourself("Ignatius Quillfeather")
    fields = start.page.passphrase_form.fields
    for typed, words in {
        "four": "Too short so far",
        "password1234": "Easily guessed",
        "ignatiusquillfeather": "Easily guessed",
        PASSPHRASE: "Strong",
    }.items():
        fields.first.edit.clear()
        start.type(typed)
        await until(lambda words=words: fields.judgement.words().startswith(words))
    fields.first.edit.clear()
    QTest.keyClick(focused(), Qt.Key.Key_Backspace)


@pytest.mark.parametrize(
    ("typed", "again", "complaint"),
    [
        ("short", "short", "Please use at least 12 characters."),
        (PASSPHRASE, "four random worlds", "This is not the same. Please type it again."),
        ("password1234", "password1234", "This passphrase is among the first that are tried."),
    ],
)
async def test_a_passphrase_that_cannot_be_taken_says_why(
    start: FirstStart, typed: str, again: str, complaint: str
) -> None:
    await start.name_yourself()
    fields = start.page.passphrase_form.fields
    start.enter(typed)
    fields.second.edit.setFocus()
    start.enter(again)
    await start.operations.settle()
    said = [field.below() for field in (fields.first, fields.second) if field.is_invalid()]
    assert [text.startswith(complaint) for text in said] == [True]
    assert start.page.passphrase_form.isVisible()
    assert not start.page.recovery_form.isVisible()


async def test_the_eye_shows_what_is_typed_and_the_passphrase_is_never_announced(start: FirstStart) -> None:
    await start.name_yourself()
    edit = start.page.passphrase_form.fields.first.edit
    start.type(PASSPHRASE)
    assert PASSPHRASE not in edit.displayText()
    edit.eye.click()
    assert edit.displayText() == PASSPHRASE
    assert edit.eye.accessibleName() == "Hide what is typed"
    edit.eye.click()
    assert PASSPHRASE not in edit.displayText()


async def test_a_wrong_group_makes_nothing(start: FirstStart) -> None:
    await start.name_yourself()
    await start.choose()
    form = start.page.recovery_form
    form.written_button.click()
    one, _other = start.answers()
    start.enter(one)
    start.enter("AAAA")
    await start.operations.settle()
    assert [field.is_invalid() for field in form.fields] == [False, True]
    assert start.made == []
    assert not start.paths.data.exists()
    form.again_button.click()
    assert "hidden" not in form.card.text()
    assert not form.continue_button.isEnabled()


async def test_two_groups_are_hidden_while_they_are_asked_for(start: FirstStart) -> None:
    await start.name_yourself()
    await start.choose()
    form = start.page.recovery_form
    assert "hidden" not in form.card.text()
    form.written_button.click()
    assert form.card.text().count("hidden") == 2
    for answer in start.answers():
        assert " ".join(answer) not in form.card.text()


async def test_back_leads_to_another_passphrase_and_another_key(start: FirstStart) -> None:
    await start.name_yourself()
    await start.choose()
    first = start.shown()
    start.page.recovery_form.back_button.click()
    await start.choose()
    assert start.shown() != first


async def test_the_key_is_saved_as_a_pdf_for_its_owner_alone(
    start: FirstStart, tmp_path: Path, watched_log: WatchedLog
) -> None:
    watched_log.allow("This plugin does not support raise|Cups|CUPS")
    await start.name_yourself()
    await start.choose()
    target = tmp_path / "key.pdf"
    start.page.recovery_form.pdf_button.click()
    dialog = await opened(start.page, QFileDialog)
    type_name(dialog, str(target))
    await start.operations.settle()
    assert target.read_bytes().startswith(b"%PDF")
    assert stat.S_IMODE(target.stat().st_mode) & 0o077 == 0
    assert start.page.recovery_form.fields[0].isVisible()


async def test_a_dialog_that_is_left_asks_for_nothing(start: FirstStart, watched_log: WatchedLog) -> None:
    watched_log.allow("This plugin does not support raise|Cups|CUPS")
    await start.name_yourself()
    await start.choose()
    start.page.recovery_form.print_button.click()
    (await opened(start.page, QPrintDialog)).reject()
    await start.operations.settle()
    assert not start.page.recovery_form.fields[0].isVisible()


async def test_a_folder_that_cannot_be_written_is_said_and_nothing_is_lost(start: FirstStart) -> None:
    await start.name_yourself()
    await start.choose()
    start.paths.data.parent.joinpath("kinelog").write_text("a file in the folder's place")
    form = start.page.recovery_form
    form.written_button.click()
    for answer in start.answers():
        start.enter(answer)
    await start.operations.settle()
    assert start.made == []
    assert form.isVisible()
    assert "The records cannot be reached." in form.trouble()
    start.paths.data.unlink()
    form.continue_button.click()
    await start.operations.settle()
    assert len(start.made) == 1
