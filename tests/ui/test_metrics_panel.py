"""The metrics panel: what is listed, how values are typed, what is refused, kept and deleted.

One file above 400 lines: listing, typing and refusing share the panel and the protocol that an owner wrote.
"""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QShortcut
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from desktop import crud
from desktop.edits import EditTask, RecordMetric
from desktop.errors import Invalid
from desktop.metrics import metric_key, new_metric, unit_code
from desktop.protocols import MetricSpec, Range, bundled
from tests.helpers.waiting import until
from tests.ui.desk import Desk
from tests.ui.pixels import colours_of, token
from ui import ranges
from ui.dialogs.add_metric import AddMetricDialog
from ui.models.metrics import MetricRow, MetricsModel, metric_rows, spoken
from ui.notify import Toast
from ui.panels.metric_delegate import is_missing_below
from ui.panels.metrics import MetricsPanel
from ui.theme import ThemeManager

HOSTILE = "<b>Bobby</b> & sons' reason"
ENTER = Qt.Key.Key_Return


@pytest.fixture
async def panel(desk: Desk, application: QApplication) -> AsyncIterator[MetricsPanel]:
    """The panel beside the example session, with its first task selected."""
    await desk.begin()
    made = MetricsPanel(opened=desk.opened, operations=desk.operations, database=desk.core.database)
    QAbstractItemModelTester(made.model, QAbstractItemModelTester.FailureReportingMode.Fatal, made)
    made.resize(352, 760)
    made.show()
    made.activateWindow()
    await until(made.isActiveWindow)
    made.focus_list()
    await desk.operations.settle()
    yield made
    await desk.operations.settle()
    made.close()
    made.deleteLater()


def press(*keys: Qt.Key | str) -> None:
    """Type on the keyboard, wherever the focus is."""
    for key in keys:
        target = QApplication.focusWidget()
        assert target is not None
        if isinstance(key, str) and not key.isascii():
            assert isinstance(target, QLineEdit)
            target.insert(key)
        elif isinstance(key, str):
            QTest.keyClicks(target, key)
        else:
            QTest.keyClick(target, key)


def values(desk: Desk) -> dict[str, float]:
    assert desk.opened.task is not None
    return {metric.metric_name: metric.metric_value for metric in desk.opened.task.metrics}


def under(panel: MetricsPanel) -> str:
    """What stands under the line that is being typed in."""
    assert panel.editor is not None
    return panel.editor.entry.message.text()


def row(panel: MetricsPanel, name: str) -> MetricRow:
    found = panel.model.row(panel.model.place(name))
    assert found is not None
    return found


async def test_the_example_is_entered_by_keyboard_alone_and_stored(desk: Desk, panel: MetricsPanel) -> None:
    press(ENTER, "0.95", ENTER, "0.88", ENTER, "165.5", ENTER)
    assert values(desk) == {"accuracy": 0.95, "stability": 0.88, "max_angle": 165.5}
    assert panel.editor is None
    await desk.operations.settle()
    assert desk.opened.task is not None
    async with desk.core.database.read() as db:
        stored = await crud.get_metrics_by_task(db, desk.opened.task.id)
    assert {(metric.metric_name, metric.metric_value, metric.unit) for metric in stored} == {
        ("accuracy", 0.95, "1"),
        ("stability", 0.88, "1"),
        ("max_angle", 165.5, "deg"),
    }


async def test_tab_goes_on_and_shift_tab_goes_back(desk: Desk, panel: MetricsPanel) -> None:
    press(ENTER, "0.5", Qt.Key.Key_Tab)
    assert panel.current() == row(panel, "stability")
    press("0.25")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert panel.current() == row(panel, "accuracy")
    assert values(desk) == {"accuracy": 0.5, "stability": 0.25}


async def test_the_list_follows_the_protocol_and_then_the_free_metrics(
    desk: Desk, panel: MetricsPanel
) -> None:
    record, task = desk.opened.record, desk.opened.task
    assert record is not None
    assert task is not None
    desk.opened.do(RecordMetric(record.id, task.id, new_metric("trunk_sway", 3.5, unit="cm")))
    desk.opened.do(RecordMetric(record.id, task.id, new_metric("max_angle", 90, unit="deg")))
    labels = [shown.label for shown in panel.model.rows()]
    assert labels == ["Accuracy", "Stability", "Max angle", "Trunk sway"]
    assert row(panel, "trunk_sway").value == 3.5
    assert row(panel, "accuracy").value is None


@pytest.mark.parametrize("typed", ["1,5", "1.5", "١٫٥"])
@pytest.mark.parametrize("locale", ["en_GB", "de_DE", "ar_EG"])
async def test_comma_and_point_are_one_and_a_half_in_every_locale(
    desk: Desk, panel: MetricsPanel, typed: str, locale: str
) -> None:
    before = QLocale()
    QLocale.setDefault(QLocale(locale))
    try:
        desk.opened.select(next(t.id for t in desk.opened.record.task_results if t.task_name == "walk"))  # type: ignore[union-attr]
        panel.edit_first()
        press(typed)
        sign = "," if locale == "de_DE" else "."
        assert f"= \u20681{sign}5\u2009m/s\u2069" in under(panel)
        press(ENTER)
        assert values(desk) == {"speed": 1.5}
    finally:
        QLocale.setDefault(before)


@pytest.mark.parametrize("typed", ["1 500", "1.500,0", "one", "1e5", "--2"])
async def test_what_cannot_be_read_stays_with_its_reason(desk: Desk, panel: MetricsPanel, typed: str) -> None:
    press(ENTER, typed, ENTER)
    assert panel.editor is not None
    assert panel.editor.entry.line.text() == typed
    assert under(panel).startswith("Please ")
    assert panel.editor.entry.line.property("invalid") is True
    assert values(desk) == {}
    press(Qt.Key.Key_Escape)
    assert panel.editor is None
    assert row(panel, "accuracy").draft == ""


async def test_an_impossible_value_is_kept_only_with_a_reason(desk: Desk, panel: MetricsPanel) -> None:
    panel.choose("max_angle")
    press(ENTER, "205", ENTER)
    assert under(panel) == "More than \u2068200°\u2069 is unusual here."
    assert values(desk) == {}
    press(ENTER)
    assert values(desk) == {}
    press(HOSTILE, ENTER)
    assert values(desk) == {"max_angle": 205}
    assert row(panel, "max_angle").remark == HOSTILE
    assert HOSTILE in spoken(row(panel, "max_angle"))


async def test_a_later_value_without_doubt_drops_the_reason(desk: Desk, panel: MetricsPanel) -> None:
    panel.choose("max_angle")
    press(ENTER, "205", ENTER, "measured twice", ENTER)
    panel.edit_current()
    press("190", ENTER)
    assert row(panel, "max_angle").value == 190
    assert row(panel, "max_angle").remark == ""


async def test_the_reason_of_a_kept_value_is_seen_and_mended_by_itself(
    desk: Desk, panel: MetricsPanel
) -> None:
    panel.choose("max_angle")
    press(ENTER, "205", ENTER, "mesured twice", ENTER)
    panel.edit_current()
    assert panel.editor is not None
    reason = panel.editor.entry.message.reason
    assert reason.isVisible()
    assert (reason.text(), under(panel)) == ("mesured twice", "More than \u2068200°\u2069 is unusual here.")
    press(ENTER)
    assert reason.hasFocus()
    press("measured twice", ENTER)
    assert (row(panel, "max_angle").value, row(panel, "max_angle").remark) == (205, "measured twice")
    assert panel.editor is None
    desk.opened.undo()
    await desk.operations.settle()
    assert row(panel, "max_angle").remark == "mesured twice"


async def test_a_reason_that_is_not_changed_is_passed_by_and_none_is_emptied(
    desk: Desk, panel: MetricsPanel
) -> None:
    panel.choose("max_angle")
    press(ENTER, "205", ENTER, "measured twice", ENTER)
    before = desk.opened.record
    panel.edit_current()
    press(ENTER, ENTER)
    assert panel.editor is None
    assert desk.opened.record is before
    panel.edit_current()
    press(ENTER, Qt.Key.Key_Backspace, ENTER)
    assert panel.editor is not None
    assert row(panel, "max_angle").remark == "measured twice"
    panel.finish_edit()
    assert (row(panel, "max_angle").remark, row(panel, "max_angle").draft) == ("measured twice", "")


async def test_a_mended_reason_is_recorded_when_it_is_left(desk: Desk, panel: MetricsPanel) -> None:
    panel.choose("max_angle")
    press(ENTER, "205", ENTER, "measured twice", ENTER)
    panel.edit_current()
    press(ENTER, "with a long ruler")
    panel.add_button.setFocus()
    assert row(panel, "max_angle").remark == "with a long ruler"


async def test_another_odd_value_does_not_take_the_old_reason_unasked(
    desk: Desk, panel: MetricsPanel
) -> None:
    panel.choose("max_angle")
    press(ENTER, "205", ENTER, "measured twice", ENTER)
    panel.edit_current()
    press("300")
    panel.add_button.setFocus()
    assert row(panel, "max_angle").value == 205
    assert row(panel, "max_angle").draft == "300"


async def test_from_the_reason_shift_tab_leads_back_to_the_value(desk: Desk, panel: MetricsPanel) -> None:
    panel.choose("max_angle")
    press(ENTER, "205", ENTER)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert panel.editor is not None
    assert panel.editor.entry.line.hasFocus()
    assert values(desk) == {}


async def test_large_text_leaves_the_name_of_a_metric_that_is_not_recorded_its_room(
    panel: MetricsPanel, application: QApplication
) -> None:
    manager = ThemeManager()
    try:
        manager.apply(application, mode="light", text_scale=1.5, right_to_left=False)
        longest = row(panel, "max_angle")
        assert is_missing_below(longest, room=236)
        assert not is_missing_below(replace(longest, value=165.5), room=236)
        assert not is_missing_below(longest, room=400)
    finally:
        manager.apply(application, mode="light", text_scale=1.0, right_to_left=False)


async def test_escape_leaves_the_stored_value(desk: Desk, panel: MetricsPanel) -> None:
    press(ENTER, "0.95", ENTER, Qt.Key.Key_Escape)
    panel.choose("accuracy")
    press(ENTER, "0.1", Qt.Key.Key_Escape)
    assert values(desk) == {"accuracy": 0.95}
    assert row(panel, "accuracy").draft == ""


async def test_an_unchanged_value_is_no_edit(desk: Desk, panel: MetricsPanel) -> None:
    press(ENTER, "0.95", ENTER, Qt.Key.Key_Escape)
    before = desk.opened.record
    panel.choose("accuracy")
    press(ENTER, ENTER, Qt.Key.Key_Escape)
    assert desk.opened.record is before


async def test_a_value_that_is_left_is_recorded(desk: Desk, panel: MetricsPanel) -> None:
    press(ENTER, "0.95")
    panel.add_button.setFocus()
    assert values(desk) == {"accuracy": 0.95}
    assert panel.editor is None


async def test_an_unfinished_entry_survives_a_change_of_task(desk: Desk, panel: MetricsPanel) -> None:
    assert desk.opened.record is not None
    first, second, *_ = desk.opened.record.task_results
    press(ENTER, "0.9x")
    desk.opened.select(second.id)
    assert panel.editor is None
    assert row(panel, "accuracy").draft == ""
    desk.opened.select(first.id)
    assert row(panel, "accuracy").draft == "0.9x"
    assert "0.9x" in spoken(row(panel, "accuracy"))
    panel.choose("accuracy")
    panel.edit_current()
    assert panel.editor is not None
    assert panel.editor.entry.line.text() == "0.9x"
    press(Qt.Key.Key_Backspace, ENTER)
    assert values(desk) == {"accuracy": 0.9}
    assert row(panel, "accuracy").draft == ""


async def test_a_finished_entry_goes_to_the_task_it_was_typed_for(desk: Desk, panel: MetricsPanel) -> None:
    assert desk.opened.record is not None
    first, second, *_ = desk.opened.record.task_results
    press(ENTER, "0.9")
    desk.opened.select(second.id)
    assert values(desk) == {}
    desk.opened.select(first.id)
    assert values(desk) == {"accuracy": 0.9}


async def test_an_entry_survives_another_session(desk: Desk, panel: MetricsPanel) -> None:
    assert desk.opened.record is not None
    first = desk.opened.record.id
    press(ENTER, "0.9")
    await desk.begin("Jane Roe")
    assert panel.editor is None
    assert values(desk) == {}
    desk.opened.show(first)
    await desk.operations.settle()
    assert row(panel, "accuracy").draft == "0.9"


async def test_typing_goes_on_while_the_record_changes(desk: Desk, panel: MetricsPanel) -> None:
    assert desk.opened.record is not None
    assert desk.opened.task is not None
    press(ENTER, "0.9")
    desk.opened.do(EditTask(desk.opened.record.id, desk.opened.task.id, {"status": "success"}))
    assert panel.editor is not None
    press("5", ENTER)
    assert values(desk) == {"accuracy": 0.95}


async def test_delete_takes_the_value_and_undo_brings_it_back(desk: Desk, panel: MetricsPanel) -> None:
    toasts: list[Toast] = []
    desk.notifier.toast_requested.connect(toasts.append)
    press(ENTER, "0.95", ENTER, Qt.Key.Key_Escape)
    panel.choose("accuracy")
    press(Qt.Key.Key_Delete)
    assert values(desk) == {}
    assert [toast.text for toast in toasts] == ["“Accuracy” deleted"]
    press(Qt.Key.Key_Delete)
    assert len(toasts) == 1
    assert toasts[0].undo is not None
    toasts[0].undo()
    await desk.operations.settle()
    assert values(desk) == {"accuracy": 0.95}


async def test_an_emptied_value_is_deleted(desk: Desk, panel: MetricsPanel) -> None:
    press(ENTER, "0.95", ENTER, Qt.Key.Key_Escape)
    panel.choose("accuracy")
    press(ENTER, Qt.Key.Key_Delete, ENTER)
    assert values(desk) == {}


async def test_a_letter_chooses_no_metric(desk: Desk, panel: MetricsPanel) -> None:
    panel.focus_list()
    press("m")
    assert panel.list.currentIndex().row() == 0


async def test_a_click_opens_the_editor(desk: Desk, panel: MetricsPanel) -> None:
    view = panel.list
    place = view.visualRect(panel.model.index(1)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    assert panel.editor is not None
    assert panel.editor.row.name == "stability"


async def test_the_keys_of_a_line_are_not_taken_by_the_window(desk: Desk, panel: MetricsPanel) -> None:
    heard: list[str] = []
    for key in ("Return", "Esc", "Down"):
        QShortcut(key, panel).activated.connect(lambda key=key: heard.append(key))
    panel.edit_first()
    press("0.9", ENTER, Qt.Key.Key_Down, Qt.Key.Key_Escape)
    assert heard == []
    assert values(desk) == {"accuracy": 0.9}


async def test_a_free_metric_is_added_with_its_key_shown(desk: Desk, panel: MetricsPanel) -> None:
    panel.add_metric()
    dialog = panel.findChild(AddMetricDialog)
    assert dialog is not None
    await until(dialog.isActiveWindow)
    QTest.keyClicks(dialog.name.edit, "Trunk sway")
    assert dialog.name.below() == "Kept as trunk_sway"
    QTest.keyClicks(dialog.unit.edit, "°")
    QTest.keyClicks(dialog.value.edit, "3,5")
    assert dialog.value.below() == "= \u20683.5°\u2069"
    QTest.keyClick(dialog.value.edit, ENTER, Qt.KeyboardModifier.ControlModifier)
    assert values(desk) == {"trunk_sway": 3.5}
    assert row(panel, "trunk_sway").unit == "deg"
    assert panel.current() == row(panel, "trunk_sway")


async def test_the_dialog_says_what_is_wrong_and_stays(desk: Desk, panel: MetricsPanel) -> None:
    panel.add_metric()
    dialog = panel.findChild(AddMetricDialog)
    assert dialog is not None
    await until(dialog.isActiveWindow)
    dialog.add.click()
    assert dialog.name.below() == "Please give the metric a name."
    assert dialog.value.below() == "Please enter a number."
    QTest.keyClicks(dialog.name.edit, "Max angle")
    dialog.add.click()
    assert dialog.name.below() == "“Max angle” is listed already."
    assert values(desk) == {}
    dialog.reject()


async def test_without_a_task_the_panel_says_what_to_do(desk: Desk, panel: MetricsPanel) -> None:
    desk.opened.select(None)
    assert panel.model.rowCount() == 0
    assert not panel.add_button.isEnabled()
    assert panel.empty_text() == "Choose a task to see its metrics."
    panel.edit_first()
    panel.delete_current()
    assert panel.editor is None


async def test_a_card_fits_at_every_text_size_and_direction(
    desk: Desk, panel: MetricsPanel, application: QApplication
) -> None:
    manager = ThemeManager()
    normal = panel.list.sizeHint().height()
    try:
        for mirrored in (False, True):
            manager.apply(application, mode="dark", text_scale=1.5, right_to_left=mirrored)
            await until(lambda: panel.list.sizeHint().height() > normal)
            assert panel.layoutDirection() == application.layoutDirection()
            assert token("text") in colours_of(panel.list)
    finally:
        manager.apply(application, mode="light", text_scale=1.0, right_to_left=False)


async def test_a_value_far_outside_is_painted_without_harm(desk: Desk, panel: MetricsPanel) -> None:
    record, task = desk.opened.record, desk.opened.task
    assert record is not None
    assert task is not None
    for name, value in (("a" * 100, -1e14), ("b", 5e-300)):
        desk.opened.do(RecordMetric(record.id, task.id, new_metric(name, value, unit="x" * 40)))
    panel.resize(304, 800)
    panel.set_compact(True)
    assert not panel.grab().isNull()
    assert spoken(row(panel, "b")).startswith("B, 0.000")


def spec(**fields: object) -> MetricSpec:
    return MetricSpec.model_validate(
        {"name": "sway", "labels": {"en": "Sway"}, "unit": "cm", "direction": "none", **fields}
    )


def metric_row(of: MetricSpec, value: float | None) -> MetricRow:
    return MetricRow(name="sway", label="Sway", unit=of.unit, spec=of, value=value, remark="")


def test_within_range_is_said_only_where_something_is_expected() -> None:
    plain = spec(possible=Range(low=0, high=20))
    normed = spec(possible=Range(low=0, high=20), expected=Range(low=2, high=5))
    assert metric_row(plain, 3).judgement is None
    assert ranges.range_words(plain) == "Possible \u20680–20\u2009cm\u2069"
    assert ranges.range_words(normed) == "Expected \u20682–5\u2009cm\u2069"
    said = [spoken(metric_row(normed, value)).rpartition(", ")[2] for value in (1.0, 3.0, 6.0)]
    assert said == ["Below range", "Within range", "Above range"]
    assert spoken(metric_row(normed, None)).startswith("Sway, Not recorded")


def test_open_and_negative_ranges_are_written_so_that_they_cannot_be_misread() -> None:
    assert ranges.range_text(Range(low=0), "cm") == "from \u20680\u2009cm\u2069"
    assert ranges.range_text(Range(high=5), "deg") == "up to \u20685°\u2069"
    assert ranges.range_text(Range(low=-20, high=20), "deg") == "\u2068−20 – 20°\u2069"
    assert ranges.range_words(spec(possible=Range())) == ""


def test_the_model_answers_only_what_it_knows() -> None:
    model = MetricsModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    rows = [metric_row(spec(possible=Range()), None)]
    model.show_rows(rows)
    model.show_rows([metric_row(spec(possible=Range()), 2.0)])
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "Sway, 2\u2009cm"
    assert model.index(0).data(Qt.ItemDataRole.ToolTipRole) is None
    assert model.row(1) is None
    assert metric_rows(bundled()[0], None, lambda _task, _name: "") == []


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Max angle", "max_angle"),
        ("  Trunk-sway (left) ", "trunk_sway_left"),
        ("Größe", "größe"),
        ("زاوية", "زاوية"),
        ("max_angle", "max_angle"),
    ],
)
def test_a_name_becomes_a_key_that_can_be_recorded(typed: str, key: str) -> None:
    assert metric_key(typed) == key
    assert new_metric(key, 1, unit=None).metric_name == key


@pytest.mark.parametrize("typed", ["", " - ", "3 steps", "x" * 101])
def test_a_name_that_makes_no_key_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        metric_key(typed)


def test_units_are_kept_as_codes() -> None:
    assert [unit_code(text) for text in ("°", " cm ", "", "/min")] == ["deg", "cm", None, "1/min"]


def test_a_reason_no_keyboard_makes_is_refused_in_words() -> None:
    with pytest.raises(Invalid, match="reason"):
        new_metric("sway", 1, unit=None, remark="\x00")
