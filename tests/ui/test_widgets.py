"""Promises of the controls: they can be named, hit, read and used by keyboard, in every look.

One file above 400 lines: the same promises are kept by every control, in every look.
"""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QCursor, QEnterEvent, QFontMetricsF
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.ui import sheet
from tests.ui.pixels import colours, colours_of, token
from ui import theme
from ui.theme import ThemeManager
from ui.widgets.banner import Banner, BannerAction
from ui.widgets.button import Button
from ui.widgets.field import LineField
from ui.widgets.keycap import key_text
from ui.widgets.label import ElidedLabel, label
from ui.widgets.layout import hbox
from ui.widgets.line_edit import LineEdit
from ui.widgets.pill import Pill
from ui.widgets.segmented import Segmented
from ui.widgets.status_button import StatusButton
from ui.widgets.text_area import TextArea
from ui.widgets.toast import Toast

SIDES = (("left", "Left"), ("both", "Both"), ("right", "Right"))
Dress = Callable[..., None]
LEAST = 40


@pytest.fixture
def dress(application: QApplication) -> Iterator[Dress]:
    """Dresses the application; in light, left to right at 100 % before and after."""
    manager = ThemeManager()

    def apply(*, mode: theme.Mode = "light", text_scale: float = 1.0, right_to_left: bool = False) -> None:
        manager.apply(application, mode=mode, text_scale=text_scale, right_to_left=right_to_left)

    apply()
    yield apply
    apply()


def shown(qtbot: QtBot, widget: QWidget) -> QWidget:
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


@pytest.fixture(
    params=[(1.0, False), (1.5, False), (1.5, True)], ids=["100 %", "150 %", "150 % right-to-left"]
)
def whole_sheet(request: pytest.FixtureRequest, dress: Dress, qtbot: QtBot) -> QWidget:
    """Every control in every state, as large as it wants to be."""
    text_scale, right_to_left = request.param
    dress(text_scale=text_scale, right_to_left=right_to_left)
    made = sheet.sheet()
    made.adjustSize()
    return shown(qtbot, made)


def controls(whole: QWidget) -> list[QWidget]:
    kinds = (QAbstractButton, QLineEdit, QComboBox, QPlainTextEdit)
    return [child for kind in kinds for child in whole.findChildren(kind) if child.isVisible()]


def test_every_control_has_a_name(whole_sheet: QWidget) -> None:
    assert len(controls(whole_sheet)) > 25
    assert [control for control in controls(whole_sheet) if not control.accessibleName()] == []


def test_every_control_can_be_hit_with_a_finger(whole_sheet: QWidget) -> None:
    small = [control for control in controls(whole_sheet) if min(control.width(), control.height()) < LEAST]
    assert small == []


def test_no_words_are_clipped(whole_sheet: QWidget) -> None:
    worded = [
        child for child in whole_sheet.findChildren(QAbstractButton) if child.isVisible() and child.text()
    ]
    worded += [
        child
        for child in whole_sheet.findChildren(QLabel)
        if child.isVisible() and not child.wordWrap() and not isinstance(child, ElidedLabel)
    ]
    for child in worded:
        if isinstance(child, Button) and child.kind() in {"icon", "toast-icon"}:
            continue
        metrics = QFontMetricsF(child.font())
        assert child.width() >= metrics.horizontalAdvance(child.text()) - 1, child.text()
        assert child.height() >= metrics.height() - 1, child.text()


def test_wrapped_words_have_room(whole_sheet: QWidget) -> None:
    wrapped = [child for child in whole_sheet.findChildren(QLabel) if child.isVisible() and child.wordWrap()]
    assert wrapped
    for child in wrapped:
        assert child.height() >= child.heightForWidth(child.width()), child.text()


def test_a_theme_switch_repaints_the_controls(dress: Dress, qtbot: QtBot) -> None:
    for widget in (
        Button("Start", kind="primary"),
        Segmented(SIDES, name="Side", current="left"),
        StatusButton("success"),
        Pill("Live", icon="radio", tone="accent"),
    ):
        dress()
        qtbot.addWidget(widget)
        light = widget.grab().toImage()
        dress(mode="dark")
        assert widget.grab().toImage() != light, type(widget).__name__


def test_a_primary_button_is_filled_with_the_accent(dress: Dress, qtbot: QtBot) -> None:
    button = Button("Start", kind="primary")
    qtbot.addWidget(button)
    assert {token("accent_fill"), token("on_accent")} <= colours_of(button)
    button.set_kind("secondary")
    assert token("accent_fill") not in colours_of(button)


def test_a_disabled_button_loses_its_fill(dress: Dress, qtbot: QtBot) -> None:
    button = Button("Start", kind="primary")
    qtbot.addWidget(button)
    button.setEnabled(False)
    assert token("accent_fill") not in colours_of(button)


def test_the_focus_can_be_seen(dress: Dress, qtbot: QtBot) -> None:
    pair = QWidget()
    first, second = Button("One"), Button("Two")
    pair.setLayout(hbox(first, second))
    shown(qtbot, pair)
    pair.activateWindow()
    second.setFocus()
    qtbot.waitUntil(second.hasFocus)
    size = second.size()
    assert token("accent") in colours_of(second)
    assert token("accent") not in colours_of(first)
    first.setFocus()
    assert second.size() == size


def test_a_button_says_its_name_and_its_key(dress: Dress, qtbot: QtBot) -> None:
    button = Button(icon="search", kind="icon", name="Search", key="Ctrl F")
    qtbot.addWidget(button)
    assert button.accessibleName() == "Search"
    assert "Ctrl F" in button.accessibleDescription()
    assert "Search" in button.toolTip()
    button.set_key("")
    assert button.accessibleDescription() == "Search"  # or else Qt reads out the tooltip's mark-up


def test_a_button_grows_with_its_words_and_its_key(dress: Dress, qtbot: QtBot) -> None:
    button = Button("Start", icon="play", key="Space", height=64)
    qtbot.addWidget(button)
    before = button.sizeHint()
    assert before.height() == 64
    button.setText("New trial")
    grown = button.sizeHint().width()
    assert grown > before.width()
    button.set_key("")
    assert button.sizeHint().width() < grown


def test_an_ampersand_in_a_button_is_only_text(dress: Dress, qtbot: QtBot) -> None:
    button = Button("Walk & jump")
    qtbot.addWidget(button)
    assert button.text() == "Walk & jump"
    assert button.shortcut().isEmpty()


def test_markup_in_a_name_is_only_text(dress: Dress, qtbot: QtBot) -> None:
    hostile = "<img src='x'><b>Amina</b>"
    plain, elided = label(hostile), ElidedLabel(hostile)
    for made in (plain, elided):
        qtbot.addWidget(made)
        assert made.textFormat() == Qt.TextFormat.PlainText
    elided.resize(60, 24)
    shown(qtbot, elided)
    assert "<b>" not in elided.toolTip()
    assert "&lt;b&gt;Amina" in elided.toolTip()


def test_a_latin_name_begins_at_the_right_of_an_arabic_window(dress: Dress, qtbot: QtBot) -> None:
    made = label("Amina")
    qtbot.addWidget(made)
    made.resize(400, 30)
    ink = [
        x
        for x in range(400)
        if QColor(token("text")).name() in colours(made.grab().toImage().copy(x, 0, 1, 30))
    ]
    assert max(ink) < 200
    dress(right_to_left=True)
    ink = [
        x
        for x in range(400)
        if QColor(token("text")).name() in colours(made.grab().toImage().copy(x, 0, 1, 30))
    ]
    assert min(ink) > 200


def places(segmented: Segmented) -> list[int]:
    return [segmented.button(key).x() for key, _ in SIDES]


def test_choices_turn_round_with_the_reading_direction(dress: Dress, qtbot: QtBot) -> None:
    dress(right_to_left=True)
    segmented = Segmented(SIDES, name="Side")
    shown(qtbot, segmented)
    assert places(segmented) == sorted(places(segmented), reverse=True)


def test_the_sides_of_a_body_never_turn_round(dress: Dress, qtbot: QtBot) -> None:
    dress(right_to_left=True)
    segmented = Segmented(SIDES, name="Side", physical=True)
    shown(qtbot, segmented)
    assert places(segmented) == sorted(places(segmented))


def test_a_click_on_a_choice_is_told_once(dress: Dress, qtbot: QtBot) -> None:
    segmented = Segmented(SIDES, name="Side", current="left", physical=True)
    shown(qtbot, segmented)
    told: list[str] = []
    segmented.chosen.connect(told.append)
    qtbot.mouseClick(segmented.button("right"), Qt.MouseButton.LeftButton)
    segmented.set_current("both")
    assert told == ["right"]
    assert segmented.current() == "both"


def test_arrows_move_the_choice_and_tab_leaves_it(dress: Dress, qtbot: QtBot) -> None:
    whole = QWidget()
    segmented, after = Segmented(SIDES, name="Side", current="left", physical=True), Button("Next")
    whole.setLayout(hbox(segmented, after))
    shown(qtbot, whole)
    whole.activateWindow()
    segmented.button("left").setFocus()
    qtbot.waitUntil(segmented.button("left").hasFocus)
    with qtbot.waitSignal(segmented.chosen) as told:
        qtbot.keyClick(segmented.button("left"), Qt.Key.Key_Right)
    assert told.args == ["both"]
    qtbot.keyClick(segmented.button("both"), Qt.Key.Key_Tab)
    assert after.hasFocus()


def test_no_choice_can_be_shown(dress: Dress, qtbot: QtBot) -> None:
    segmented = Segmented(SIDES, name="Side", current="left")
    qtbot.addWidget(segmented)
    segmented.set_current(None)
    assert segmented.current() is None
    with pytest.raises(KeyError):
        segmented.set_current("front")


def test_a_checked_outcome_is_filled_and_named(dress: Dress, qtbot: QtBot) -> None:
    button = StatusButton("failed", big=True)
    qtbot.addWidget(button)
    assert token("bad_soft") not in colours_of(button)
    button.setChecked(True)
    assert token("bad_soft") in colours_of(button)
    assert button.accessibleName() == "Failed"
    assert button.sizeHint().height() == 84


def test_a_pill_has_room_for_its_words(dress: Dress, qtbot: QtBot) -> None:
    pill = Pill("Follow-up 3", icon="history", tone="accent")
    qtbot.addWidget(pill)
    before = pill.sizeHint().width()
    pill.show_words("Follow-up 12, signed off", icon="history", tone="accent")
    assert pill.sizeHint().width() > before
    assert pill.accessibleName() == "Follow-up 12, signed off"


def test_the_keys_of_a_shortcut_are_written_apart(dress: Dress) -> None:
    assert key_text("Ctrl+Shift+T") == "Ctrl Shift T"
    assert key_text("Ctrl+Return") == "Ctrl ↵"


def test_a_unit_leaves_room_for_the_number(dress: Dress, qtbot: QtBot) -> None:
    edit = LineEdit(name="Weight", suffix="kg")
    qtbot.addWidget(edit)
    assert edit.textMargins().right() >= QFontMetricsF(edit.font()).horizontalAdvance("kg")
    dress(right_to_left=True)
    assert edit.textMargins().left() >= QFontMetricsF(edit.font()).horizontalAdvance("kg")
    assert edit.textMargins().right() == 0


def test_notes_begin_at_the_right_of_an_arabic_window(dress: Dress, qtbot: QtBot) -> None:
    dress(right_to_left=True)
    area = TextArea(name="Notes")
    qtbot.addWidget(area)
    assert area.document().defaultTextOption().alignment() & Qt.AlignmentFlag.AlignRight
    dress()
    assert area.document().defaultTextOption().alignment() & Qt.AlignmentFlag.AlignLeft


def test_a_field_says_what_is_wrong_and_how_to_mend_it(dress: Dress, qtbot: QtBot) -> None:
    field = LineField("Weight", unit="kg", hint="Last time 20.5 kg")
    shown(qtbot, field)
    field.set_error("Last time 20.5 kg.", fix="Use 20.8 kg")
    assert field.is_invalid()
    assert field.edit.accessibleDescription() == "Last time 20.5 kg."
    assert token("bad") in colours_of(field.edit)
    with qtbot.waitSignal(field.fixed):
        qtbot.mouseClick(field.fix_button(), Qt.MouseButton.LeftButton)
    field.clear_error()
    assert not field.is_invalid()
    assert field.below() == "Last time 20.5 kg"
    assert not field.fix_button().isVisible()


def test_typing_into_a_field_is_told_and_setting_it_is_not(dress: Dress, qtbot: QtBot) -> None:
    field = LineField("Height", unit="cm")
    shown(qtbot, field)
    told: list[str] = []
    field.edited.connect(told.append)
    field.set_text("116")
    qtbot.keyClicks(field.edit, ".5")
    assert told == ["116.", "116.5"]


def test_a_field_keeps_its_height_when_it_is_focused_or_wrong(dress: Dress, qtbot: QtBot) -> None:
    field = LineField("Height", unit="cm")
    shown(qtbot, field)
    field.activateWindow()
    before = field.edit.sizeHint()
    field.edit.setFocus()
    qtbot.waitUntil(field.edit.hasFocus)
    assert field.edit.sizeHint() == before
    field.set_error("Please enter a number.")
    assert field.edit.sizeHint() == before


def test_a_banner_tells_which_action_was_chosen(dress: Dress, qtbot: QtBot) -> None:
    banner = Banner()
    qtbot.addWidget(banner)
    banner.show_message(
        "bad", "The disk is full.", "3 changes wait.", actions=[BannerAction("again", "Try again")], more=2
    )
    assert banner.isVisible()
    assert banner.height() >= 60
    assert token("bad_soft") in colours_of(banner)
    assert "The disk is full." in banner.accessibleName()
    assert "+2 more" in [child.text() for child in banner.findChildren(QLabel)]
    with qtbot.waitSignal(banner.chosen) as told:
        qtbot.mouseClick(banner.findChild(Button), Qt.MouseButton.LeftButton)
    assert told.args == ["again"]


def test_a_banner_forgets_the_actions_of_the_message_before(dress: Dress, qtbot: QtBot) -> None:
    banner = Banner()
    qtbot.addWidget(banner)
    for title in ("One", "Two"):
        banner.show_message("warn", title, "", actions=[BannerAction("go", title)])
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert [button.text() for button in banner.findChildren(Button)] == ["Two"]


def test_a_banner_has_at_most_two_actions(dress: Dress, qtbot: QtBot) -> None:
    banner = Banner()
    qtbot.addWidget(banner)
    with pytest.raises(ValueError, match="two actions"):
        banner.show_message("info", "", "", actions=[BannerAction(str(n), "x") for n in range(3)])


@pytest.fixture
def toast(dress: Dress, qtbot: QtBot) -> Iterator[Toast]:
    """A toast in a window where something else has the focus, and where the pointer is not."""
    window, elsewhere, made = QWidget(), Button("Elsewhere"), Toast()
    window.setLayout(hbox(elsewhere, made))
    window.move(QCursor.pos() + QPoint(200, 200))
    shown(qtbot, window)
    window.activateWindow()
    elsewhere.setFocus()
    qtbot.waitUntil(elsewhere.hasFocus)
    yield made
    window.close()


def test_a_toast_goes_by_itself(toast: Toast, qtbot: QtBot) -> None:
    toast.set_seconds(0.01)
    with qtbot.waitSignal(toast.dismissed), qtbot.assertNotEmitted(toast.undone):
        toast.show_message("Task deleted", key="Ctrl Z")
    assert not toast.isVisible()


def test_a_toast_waits_while_it_is_pointed_at(toast: Toast, qtbot: QtBot) -> None:
    toast.set_seconds(0.05)
    toast.show_message("Task deleted")
    here = QPointF(5, 5)
    QApplication.sendEvent(toast, QEnterEvent(here, here, here))
    assert toast.is_waiting()
    with qtbot.waitSignal(toast.dismissed):
        QApplication.sendEvent(toast, QEvent(QEvent.Type.Leave))
        assert not toast.is_waiting()


def test_a_toast_waits_while_it_has_the_focus(toast: Toast) -> None:
    toast.show_message("Task deleted")
    toast.findChildren(Button)[0].setFocus()
    assert toast.is_waiting()
    toast.findChildren(Button)[0].clearFocus()
    assert not toast.is_waiting()


def test_undo_is_told_and_not_called_a_dismissal(toast: Toast, qtbot: QtBot) -> None:
    toast.show_message("Task deleted")
    with qtbot.assertNotEmitted(toast.dismissed), qtbot.waitSignal(toast.undone):
        qtbot.mouseClick(toast.findChildren(Button)[0], Qt.MouseButton.LeftButton)
    assert not toast.isVisible()
    with qtbot.assertNotEmitted(toast.undone):
        toast.undo()


def test_a_new_toast_dismisses_the_one_before(toast: Toast, qtbot: QtBot) -> None:
    toast.show_message("First")
    with qtbot.waitSignal(toast.dismissed):
        toast.show_message("Second")
    assert toast.isVisible()


def test_margins_turn_round_with_the_reading_direction(dress: Dress, qtbot: QtBot) -> None:
    dress(right_to_left=True)
    whole, inside = QWidget(), label("x")
    whole.setLayout(hbox((inside, 1), margins=(40, 0, 10, 0)))
    whole.resize(200, 40)
    shown(qtbot, whole)
    QApplication.processEvents()
    assert inside.x() == 10
    dress()
    QApplication.processEvents()
    assert inside.x() == 40
