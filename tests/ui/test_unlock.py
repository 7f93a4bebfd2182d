"""Unlocking: by a passphrase, by somebody else's, or by the recovery key."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.errors import WrongKey
from desktop.paths import Paths
from desktop.vault import Unlocked, Vault, set_up
from tests.helpers.waiting import until
from tests.ui.entering import on_screen
from ui.entrance.unlock import UnlockPage
from ui.operations import Operations

LENA, OMAR = UUID(int=1), UUID(int=2)
PASSPHRASE = "four random words"
OTHER = "the words of another"


@dataclass
class Door:
    """An unlock page for two people, and what it brought."""

    page: UnlockPage
    vault: Vault
    recovery_key: str
    operations: Operations
    opened: list[Unlocked] = field(default_factory=list)

    async def enter(self, text: str) -> None:
        widget = QApplication.focusWidget()
        assert widget is not None
        QTest.keyClicks(widget, text)
        QTest.keyClick(widget, Qt.Key.Key_Return)
        await self.operations.settle()


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    vault = Vault(Paths(tmp_path / "kinelog"))
    new = set_up(person=LENA, name="Lena Okafor", passphrase=PASSPHRASE)
    vault.make(new)
    vault.add(new.unlocked, person=OMAR, name="Omar Said", passphrase=OTHER)
    people = vault.keys().people()
    async with on_screen(lambda operations: UnlockPage(vault, operations, people=people, first=LENA)) as (
        page,
        operations,
    ):
        made = Door(page, vault, new.recovery_key, operations)
        page.unlocked.connect(made.opened.append)
        await until(page.form.secret.edit.hasFocus)
        yield made


async def test_the_passphrase_and_enter_are_enough(door: Door) -> None:
    assert door.page.form.secret.editor.accessibleName() == "Passphrase for Lena Okafor"
    await door.enter(PASSPHRASE)
    assert [unlocked.person for unlocked in door.opened] == [LENA]
    assert door.page.form.secret.text() == ""


async def test_a_wrong_one_says_so_and_makes_a_guesser_wait(door: Door) -> None:
    form = door.page.form
    await door.enter("not those words")
    assert door.opened == []
    assert form.secret.below() == "That passphrase is not right. Check Caps Lock and try again."
    assert form.unlock_button.text() == "Try again in 1 s"
    await door.enter(PASSPHRASE)
    assert door.opened == []
    await until(form.unlock_button.isEnabled)
    assert form.secret.edit.hasFocus()
    form.secret.edit.selectAll()
    await door.enter("not those words either")
    assert form.unlock_button.text() == "Try again in 2 s"


async def test_nothing_typed_is_no_try(door: Door) -> None:
    await door.enter("")
    assert door.page.form.secret.below() == "Please enter your passphrase."
    assert door.page.form.unlock_button.isEnabled()


async def test_another_person_unlocks_with_their_own(door: Door) -> None:
    form = door.page.form
    form.other_button.click()
    assert form.person.isVisible()
    form.person.setCurrentIndex(form.person.findText("Omar Said"))
    form.secret.edit.setFocus()
    await door.enter(PASSPHRASE)
    assert door.opened == []
    await until(form.unlock_button.isEnabled)
    form.secret.edit.selectAll()
    await door.enter(OTHER)
    assert [unlocked.person for unlocked in door.opened] == [OMAR]


async def test_the_recovery_key_leads_to_a_new_passphrase(door: Door) -> None:
    page = door.page
    page.form.recovery_button.click()
    await door.enter(door.recovery_key.lower().replace("-", " "))
    assert door.opened == []
    assert page.new_form.isVisible()
    await until(page.new_form.fields.first.edit.hasFocus)
    await door.enter("brand new words here")
    await door.enter("brand new words here")
    assert [unlocked.person for unlocked in door.opened] == [LENA]
    assert door.vault.unlock("brand new words here").person == LENA
    assert door.vault.unlock(OTHER).person == OMAR
    with pytest.raises(WrongKey):
        door.vault.unlock(PASSPHRASE)


async def test_a_wrong_recovery_key_says_so_and_back_leads_back(door: Door) -> None:
    page = door.page
    page.form.recovery_button.click()
    await door.enter("AAAA-BBBB")
    assert page.recover_form.key.below().startswith("That recovery key is not right.")
    page.recover_form.back_button.click()
    assert page.form.isVisible()
    await until(page.form.secret.edit.hasFocus)


async def test_one_person_alone_is_offered_no_other(tmp_path: Path, door: Door) -> None:
    door.vault.remove(door.vault.unlock(PASSPHRASE), OMAR)
    page = UnlockPage(door.vault, door.operations, people=door.vault.keys().people(), first=None)
    assert page.form.other_button.isHidden()
    page.deleteLater()
