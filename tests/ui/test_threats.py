"""What comes from elsewhere as a name stays a name, in every place that shows one; and trouble says what to do."""

import asyncio
import ctypes
import os
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QHelpEvent, QImage, QTextDocument
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QMessageBox,
    QToolTip,
    QWidget,
)

import ui
from desktop.core import Core
from desktop.errors import AppError
from desktop.keys import Slot
from desktop.paths import Paths
from desktop.services.people import create_person
from desktop.trouble import MESSAGES, unavailable
from desktop.vault_files import VaultFiles
from tests.helpers import stores
from tests.helpers.logs import WatchedLog
from tests.helpers.vaults import KEY, PASSPHRASE, RECORDS_HERE, unlocked
from tests.helpers.waiting import until
from tests.ui.beginning import POPUPS_OFFSCREEN, dialog, known, write
from tests.ui.desk import Desk
from tests.ui.test_window import page
from tests.ui.test_workplace import at_work
from ui import words
from ui.asking import confirm
from ui.dialogs.new_session import NewSessionDialog
from ui.dialogs.settings import SettingsDialog
from ui.entrance.unlock import UnlockForm, UnlockPage
from ui.notify import Tone
from ui.panels.messages import MessagesPanel
from ui.panels.trouble import TroublePage
from ui.widgets.button import Button
from ui.widgets.label import ElidedLabel, label
from ui.widgets.toast import Toast
from ui.window import MainPage

__all__ = ["dialog", "page"]

PLAIN = "Amina Example"
IMAGE = "<img src='file://{picture}' width=2000 height=900>"
NAMES = {
    "an image": IMAGE,
    "a style": "<style>*{{font-size:90pt}}</style><h1>Amina</h1>",
    "a link": "<a href='file://{picture}'>Amina</a><br><br><br>",
    "entities": "&lt;img src=x&gt; &amp;&nbsp;Amina",
    "turned round": "\u202egnp.anima \u2067abc",
    "out of its isolate": "Amina\u2069\u202e\u2069",
    "accents on accents": "A" + "\u0301" * 200,
    "255 letters": "W" * 255,
}
_IN_OPEN, _IN_ACCESS = 0x20, 0x1
_TURNING = re.compile("[\u202a-\u202e\u2066\u2067]")


class Watched:
    """A large picture, and whether anybody opened it: the kernel tells."""

    def __init__(self, path: Path) -> None:
        QImage(2000, 900, QImage.Format.Format_RGB32).save(str(path))
        self.path, self._libc = path, ctypes.CDLL(None)
        self._events = self._libc.inotify_init1(os.O_NONBLOCK)
        assert self._libc.inotify_add_watch(self._events, os.fsencode(path), _IN_OPEN | _IN_ACCESS) > 0

    def was_opened(self) -> bool:
        try:
            return bool(os.read(self._events, 65536))
        except BlockingIOError:
            return False

    def close(self) -> None:
        os.close(self._events)


@pytest.fixture
def picture(tmp_path: Path) -> Iterator[Watched]:
    watched = Watched(tmp_path / "p.png")
    yield watched
    assert not watched.was_opened()
    watched.close()


@pytest.fixture(params=NAMES.values(), ids=NAMES.keys())
def name(request: pytest.FixtureRequest, picture: Watched) -> str:
    """A name that would like to be more."""
    return str(request.param).format(picture=picture.path)


def shows_text_alone(window: QWidget) -> None:
    """Paint a window, and see that nothing in it takes a text for markup or lets it turn others round."""
    window.grab()
    for widget in (window, *window.findChildren(QWidget)):
        if isinstance(widget, QLabel) and widget.text():
            assert widget.textFormat() == Qt.TextFormat.PlainText, widget.text()
            stays_within(widget.text())
        if isinstance(widget, Button):
            stays_within(widget.text())
        if widget.toolTip():
            is_text_alone(widget.toolTip())


def is_text_alone(tooltip: str) -> None:
    """See that a tooltip's rich text holds no element of the name."""
    document = QTextDocument()
    document.setHtml(tooltip)
    made = document.toHtml()
    assert "<img" not in made
    assert "<a href" not in made
    assert not re.search("<[^>]*90pt", made)


def stays_within(text: str) -> None:
    """See that what turns the direction either is all there is, or stands in an isolate of its own."""
    rest = re.sub("\u2068[^\u2068\u2069]*\u2069", "", text)
    assert rest == text or not _TURNING.search(rest), ascii(text)


def sizes(window: QWidget) -> dict[QWidget, int]:
    return {widget: widget.height() for widget in window.findChildren(QWidget) if widget.isVisible()}


def test_rich_text_would_have_opened_the_picture(picture: Watched) -> None:
    """Or else its not being opened would prove nothing."""
    rich = QLabel(IMAGE.format(picture=picture.path))
    assert rich.sizeHint().height() >= 900
    rich.grab()
    assert picture.was_opened()
    rich.deleteLater()


def test_a_label_is_as_high_as_that_of_any_name(name: str) -> None:
    makers = (label, ElidedLabel, lambda text: label(text, role="heading"), Button)
    for make in makers:
        made, alike = make(name), make(PLAIN)
        assert made.sizeHint().height() == alike.sizeHint().height()
        is_text_alone(made.toolTip())
        made.grab()
        for widget in (made, alike):
            widget.deleteLater()


async def test_the_whole_page_stays_as_it_was_with_the_name_everywhere(
    desk: Desk, page: MainPage, name: str
) -> None:
    short = name[:60]
    plain = await desk.begin(PLAIN, notes="Tired", child_identifier="P-17", site="Clinic")
    page.opened.show(plain)
    await desk.operations.settle()
    await until(lambda: page.opened.record is not None)
    before = sizes(page)
    session_id = await desk.begin(name, notes=short, child_identifier=short, site=short)
    page.opened.show(session_id)
    await desk.operations.settle()
    await until(lambda: page.opened.record is not None and page.opened.record.id == session_id)
    shows_text_alone(page)
    after = sizes(page)
    changed = {type(widget).__name__: (before[widget], after[widget]) for widget in before if widget in after}
    assert all(was == now for was, now in changed.values()), changed
    assert PLAIN not in page.window().windowTitle()
    assert name not in page.window().windowTitle()
    page.recorder.start()
    await desk.operations.settle()
    shows_text_alone(page)  # the stage
    page.recorder.stop()
    page.opened.delete_session(session_id, toast=page.tr("Session deleted"))
    await desk.operations.settle()
    shows_text_alone(page)  # the toast


async def test_rows_of_the_list_are_as_high_as_others_and_their_tooltip_is_text(
    desk: Desk, page: MainPage, name: str, watched_log: WatchedLog
) -> None:
    watched_log.allow(POPUPS_OFFSCREEN)
    await desk.begin(PLAIN)
    await desk.begin(name)
    (view,) = [
        found for found in page.findChildren(QAbstractItemView) if found.accessibleName() == "Sessions"
    ]
    model = view.model()
    await until(lambda: model.rowCount() == 3)  # with the heading of the day
    page.grab()
    await desk.operations.settle()
    heights = {view.visualRect(model.index(row, 0)).height() for row in (1, 2)}
    assert len(heights) == 1
    for row in (1, 2):
        place = view.visualRect(model.index(row, 0)).center()
        event = QHelpEvent(QEvent.Type.ToolTip, place, view.viewport().mapToGlobal(place))
        QApplication.sendEvent(view.viewport(), event)
        is_text_alone(QToolTip.text())
    QToolTip.hideText()


async def test_the_dialog_of_a_new_session_shows_names_as_text(
    desk: Desk, dialog: NewSessionDialog, name: str
) -> None:
    await desk.begin(f"Ada {name}"[:255])
    popup = dialog.form.child.popup
    dialog.form.child.name.setFocus()
    write("ada")
    await until(popup.view.isVisible)
    assert popup.view.sizeHintForRow(0) < 80
    shows_text_alone(popup.view)
    popup.close()
    dialog.form.child.name.edit.clear()
    await known(dialog, desk, "ada")
    shows_text_alone(dialog)
    assert dialog.width() <= 700


async def test_a_clinicians_name_is_text_at_the_door_in_lists_and_in_settings(desk: Desk, name: str) -> None:
    await create_person(desk.core.database, name=name[:255])
    slot = Slot("passphrase", UUID(int=1), name, b"", None, b"", b"", b"")
    window = QWidget()
    form = UnlockForm((slot, slot), first=UUID(int=1), again=False)
    settings = SettingsDialog(window, core=desk.core, settings=desk.core.settings, operations=desk.operations)
    begin = NewSessionDialog(window, core=desk.core, operations=desk.operations, actor=desk.actor, site=name)
    await desk.operations.settle()
    for made in (form, settings, begin):
        made.resize(QSize(960, 680))
        shows_text_alone(made)
        for choice in made.findChildren(QComboBox):
            assert choice.sizeHint().height() < 80
    await desk.operations.settle()
    for made in (form, settings, begin, window):
        made.close()
        made.deleteLater()


async def test_messages_toasts_and_questions_show_names_as_text(desk: Desk, name: str) -> None:
    panel, toast, window = MessagesPanel(desk.notifier), Toast(), QWidget()
    desk.notifier.raise_("k", Tone.BAD, name, name, [(name, lambda: None)])
    toast.show_message(name)
    question = asyncio.ensure_future(
        confirm(window, title=name, text=name, accept="Delete", reject="Keep", danger=True)
    )
    await until(lambda: bool(window.findChildren(QMessageBox)))
    (box,) = window.findChildren(QMessageBox)
    trouble = TroublePage(AppError(name), place=name)
    for made in (panel, toast, box, trouble):
        shows_text_alone(made)
        is_text_alone(made.toolTip())
    assert panel.sizeHint().height() < 200
    assert toast.sizeHint().height() < 80
    box.reject()
    assert await question is False
    toast.dismiss()
    for left in (panel, toast, trouble, window):
        left.close()
        left.deleteLater()


@pytest.mark.parametrize(
    "text", ["Amina\u2069\u202e", "\u2068\u2068", "\u202b\u202d", "\u2066a\u2069b\u2069"]
)
def test_no_text_gets_out_of_its_isolate(text: str) -> None:
    isolated = words.isolated(text)
    assert (isolated[0], isolated[-1]) == (words.FIRST_ISOLATE, words.POP_ISOLATE)
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", isolated[1:-1])
    assert words.isolated("Zoë محمد") == "\u2068Zoë محمد\u2069"


# What Qt may take for markup, and the few places that see to it that it is not.
MARKUP = re.compile(
    r"QLabel[()]|setToolTip\(|RichText|[sS]etHtml|[a-z]Html\(|[( ]QTextEdit[()]|QTextBrowser|setWhatsThis"
    r"|setStatusTip|QStaticText|showText\(|setDetailedText|QMessageBox[.(]"
)
SEEN_TO = {
    "ui/widgets/label.py": "class Label(QLabel) is plain; set_tooltip escapes",
    "ui/widgets/pill.py": "plain",
    "ui/widgets/keycap.py": "plain",
    "ui/asking.py": "makes every label of a question plain",
    "ui/panels/session_delegate.py": "shows a tooltip that is escaped",
}


def test_every_text_goes_through_one_of_few_places_that_keep_it_plain() -> None:
    root = Path(ui.__file__).parents[1]
    found = {
        str(path.relative_to(root))
        for path in sorted(Path(ui.__file__).parent.rglob("*.py"))
        if MARKUP.search(path.read_text(encoding="utf-8"))
    }
    assert found <= SEEN_TO.keys()
    for place in found:
        text = (root / place).read_text(encoding="utf-8")
        assert "PlainText" in text or "tooltip(" in text, place


# Trouble says what to do


@pytest.mark.parametrize("kind", sorted({*MESSAGES} - {"gone"}))
def test_every_trouble_comes_with_advice_and_a_way_on(kind: str) -> None:
    made = TroublePage(unavailable(kind), place="/home/lena/kinelog.sqlite3")
    said = [found.text() for found in made.findChildren(QLabel) if found.text()]
    assert len(said) == 4, said
    assert len({*said}) == 4
    buttons = [button.text() for button in made.findChildren(Button) if not button.isHidden()]
    assert buttons[-3:] == ["Try again", "Open folder", "Quit"]
    assert ("Put the rules back" in buttons) is (kind == "unaudited")
    made.deleteLater()


async def test_rules_of_the_trail_are_put_back_from_the_window_and_that_stands_in_it(
    tmp_path: Path, application: QApplication
) -> None:
    paths = Paths(tmp_path / "kinelog")
    await made_and_changed(paths)
    async with at_work(paths, application) as office:
        page = await office.page_of(UnlockPage)
        assert isinstance(page, UnlockPage)
        page.form.entered.emit(RECORDS_HERE, PASSPHRASE)
        trouble = await office.page_of(TroublePage)
        assert isinstance(trouble, TroublePage)
        (put_back,) = [each for each in trouble.findChildren(Button) if each.text() == "Put the rules back"]
        put_back.click()
        await office.unlock()
    query = "SELECT actor, reason, after FROM audit_log WHERE action = 'repair'"
    (entry,) = stores.rows(paths.database, query, VaultFiles(KEY))
    assert entry[0] == RECORDS_HERE.bytes
    assert entry[1]
    assert "audit_metrics_update" in str(entry[2])


async def made_and_changed(paths: Paths) -> None:
    """Make records, and take one rule of the trail away."""
    async with Core.open(paths, unlocked=unlocked(paths)) as core:
        await create_person(core.database, name="Lena Okafor", person_id=RECORDS_HERE)
    with stores.freely(paths.database, VaultFiles(KEY)) as connection:
        connection.execute("DROP TRIGGER audit_metrics_update")


async def test_records_whose_keys_are_gone_are_told_and_no_new_vault_is_offered(
    tmp_path: Path, application: QApplication, watched_log: WatchedLog
) -> None:
    watched_log.allow("cannot be used")
    paths = Paths(tmp_path / "kinelog")
    await made_and_changed(paths)
    kept = {path: path.read_bytes() for path in (paths.keys, paths.keys_copy)}
    for path in kept:
        path.unlink()
    async with at_work(paths, application) as office:
        trouble = await office.page_of(TroublePage)
        assert isinstance(trouble, TroublePage)
        said = " ".join(found.text() for found in trouble.findChildren(QLabel))
        assert "The key file is damaged or missing" in said
        assert "The records themselves are as they were." in said
        paths.keys_copy.write_bytes(kept[paths.keys_copy])
        trouble.retry_wanted.emit()
        await office.page_of(UnlockPage)
