"""Security in the settings: who can unlock is changed by who proves to be allowed, and the lock keeps the time set."""

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLabel, QWidget

from desktop.errors import WrongKey
from desktop.settings import Settings
from desktop.vault import Vault
from tests.helpers.vaults import PASSPHRASE, RECORDS_HERE
from tests.helpers.waiting import signal, until
from tests.ui.desk import Desk
from ui.dialogs.people_dialogs import AddPersonDialog, PassphraseDialog
from ui.dialogs.proof import ProvenActDialog
from ui.dialogs.recovery_renewal import RecoveryKeyDialog
from ui.dialogs.security_page import SecurityPage
from ui.dialogs.settings import SettingsDialog
from ui.widgets.button import Button

NEW = "quite other words"
HOSTILE = "<img src=x> Omar"


@pytest.fixture
async def settings(desk: Desk) -> AsyncIterator[SettingsDialog]:
    window = QWidget()
    window.resize(1440, 900)
    made = SettingsDialog(
        window, core=desk.core, settings=Settings(assessor=desk.actor), operations=desk.operations
    )
    made.open()
    made.show_section("security")
    await desk.operations.settle()
    yield made
    await desk.operations.settle()
    made.reject()
    window.deleteLater()


@pytest.fixture
def page(settings: SettingsDialog) -> SecurityPage:
    return settings.security


def texts(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget)]


async def asked(page: SecurityPage, button: Button, kind: type[QDialog]) -> QDialog:
    """Press `button` and return the dialog that it opens."""
    button.click()
    (dialog,) = page.window().findChildren(kind)
    await until(dialog.isActiveWindow)
    return dialog


async def answer(desk: Desk, dialog: QDialog, own: str) -> None:
    """Type the own passphrase and confirm by Enter."""
    dialog.own.edit.setFocus()
    dialog.own.edit.clear()
    QTest.keyClicks(dialog.own.edit, own)
    QTest.keyClick(dialog.own.edit, Qt.Key.Key_Return)
    await desk.operations.settle()


def choose(dialog: QDialog, passphrase: str) -> None:
    """Type a new passphrase, twice."""
    for field in (dialog.fields.first, dialog.fields.second):
        field.edit.clear()
        QTest.keyClicks(field.edit, passphrase)


def opens(desk: Desk, secret: str) -> bool:
    try:
        Vault(desk.core.paths).keys().open(secret)
    except WrongKey:
        return False
    return True


async def add(desk: Desk, page: SecurityPage, name: str) -> None:
    dialog = await asked(page, page.add, AddPersonDialog)
    QTest.keyClicks(dialog.name.edit, name)
    choose(dialog, NEW)
    await answer(desk, dialog, PASSPHRASE)
    await desk.operations.settle()
    await until(lambda: not page.window().findChildren(AddPersonDialog))


async def test_who_unlocked_is_named_and_cannot_remove_themselves(page: SecurityPage) -> None:
    assert {"Lena Okafor", "You"} <= {text.strip("\u2068\u2069") for text in texts(page)}
    assert not [button for button in page.findChildren(Button) if button.text() == "Remove…"]


async def test_the_passphrase_is_changed_with_the_present_one(desk: Desk, page: SecurityPage) -> None:
    dialog = await asked(page, page.passphrase, PassphraseDialog)
    choose(dialog, NEW)
    await answer(desk, dialog, "not that one")
    assert dialog.isVisible()
    assert dialog.own.below() == "That passphrase is not right. Check Caps Lock and try again."
    assert dialog.own.edit.hasFocus()
    assert opens(desk, PASSPHRASE)
    await answer(desk, dialog, PASSPHRASE)
    assert not opens(desk, PASSPHRASE)
    assert opens(desk, NEW)


async def test_what_is_missing_is_said_and_gets_the_keyboard(desk: Desk, page: SecurityPage) -> None:
    dialog = await asked(page, page.passphrase, PassphraseDialog)
    dialog.confirm.click()
    assert dialog.own.below() == "Please enter your passphrase."
    assert dialog.own.edit.hasFocus()
    dialog.own.edit.setText(PASSPHRASE)
    choose(dialog, "short")
    dialog.confirm.click()
    assert dialog.fields.first.below() == "Please use at least 12 characters."
    choose(dialog, "password1234")
    dialog.confirm.click()
    await desk.operations.settle()
    assert "among the first that are tried" in dialog.fields.first.below()
    assert dialog.isVisible()
    assert opens(desk, PASSPHRASE)


async def test_somebody_new_chooses_a_passphrase_and_is_removed_again(desk: Desk, page: SecurityPage) -> None:
    await add(desk, page, HOSTILE)
    await until(lambda: f"\u2068{HOSTILE}\u2069" in texts(page))
    assert opens(desk, NEW)
    (remove,) = (button for button in page.findChildren(Button) if button.text() == "Remove…")
    assert HOSTILE in remove.accessibleName()
    dialog = await asked(page, remove, ProvenActDialog)
    await answer(desk, dialog, NEW)
    assert dialog.isVisible()
    assert opens(desk, NEW)
    await answer(desk, dialog, PASSPHRASE)
    await desk.operations.settle()
    await until(lambda: f"\u2068{HOSTILE}\u2069" not in texts(page))
    assert not opens(desk, NEW)
    assert Vault(desk.core.paths).keys().rekey_due


async def test_a_name_is_needed(page: SecurityPage) -> None:
    dialog = await asked(page, page.add, AddPersonDialog)
    dialog.confirm.click()
    assert dialog.name.below() == "Please enter their name."
    assert dialog.name.edit.hasFocus()


async def renewing(desk: Desk, page: SecurityPage) -> RecoveryKeyDialog:
    dialog = await asked(page, page.recovery, ProvenActDialog)
    await answer(desk, dialog, PASSPHRASE)
    (key,) = page.window().findChildren(RecoveryKeyDialog)
    assert key.isVisible()
    return key


async def test_a_new_recovery_key_holds_when_two_groups_were_typed_back(
    desk: Desk, page: SecurityPage
) -> None:
    dialog = await renewing(desk, page)
    groups = dialog.form.card.groups
    dialog.form.written_button.click()
    for field in dialog.form.fields:
        field.edit.setText("0000")
    dialog.form.continue_button.click()
    assert dialog.form.fields[0].below() == "Compare this with your copy."
    for field, place in zip(dialog.form.fields, dialog.form._asked, strict=True):
        field.edit.setText(groups[place].lower())
    taken = signal(dialog.accepted)
    dialog.form.continue_button.click()
    await taken
    assert Vault(desk.core.paths).recover("-".join(groups)).key == desk.core.unlocked.key
    assert Vault(desk.core.paths).keys().open(PASSPHRASE).person == RECORDS_HERE


async def test_the_present_recovery_key_stays_when_the_new_one_is_not_kept(
    desk: Desk, page: SecurityPage
) -> None:
    before = Vault(desk.core.paths).keys()
    dialog = await renewing(desk, page)
    groups = list(dialog.form.card.groups)
    dialog.form.back_button.click()
    await desk.operations.settle()
    assert Vault(desk.core.paths).keys() == before
    with pytest.raises(WrongKey):
        Vault(desk.core.paths).recover("-".join(groups))


async def test_the_time_until_the_lock_is_kept_at_once(settings: SettingsDialog, page: SecurityPage) -> None:
    heard: list[Settings] = []
    settings.changed.connect(heard.append)
    page.lock_after.button("30").click()
    page.lock_after.button("1").click()
    assert [one.lock_after for one in heard] == [30, 1]


async def test_a_computer_without_a_keyring_says_so_and_stays_as_it_is(
    desk: Desk, page: SecurityPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    page.keyring.button("on").click()
    (dialog,) = page.window().findChildren(ProvenActDialog)
    await until(dialog.isActiveWindow)
    await answer(desk, dialog, PASSPHRASE)
    assert dialog.isVisible()
    assert "no keyring that can be used now" in dialog._trouble.text()
    dialog.reject()
    await desk.operations.settle()
    assert page.keyring.current() == "off"
    assert Vault(desk.core.paths).keys().in_keyring() is None
