"""A sheet of all controls, to look at: `python -m tests.ui.sheet [folder]` writes a picture of each look."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLayout, QWidget

from ui.theme import STATUS, TYPE, Mode, Role, ThemeManager, status_word
from ui.widgets.banner import Banner, BannerAction
from ui.widgets.button import Button
from ui.widgets.chart import Chart, ChartData, ChartPoint
from ui.widgets.choice import Choice
from ui.widgets.field import Field, LineField
from ui.widgets.figure import Figure
from ui.widgets.keycap import Keycap
from ui.widgets.label import ElidedLabel, label
from ui.widgets.layout import frame, hbox, rule, vbox
from ui.widgets.line_edit import LineEdit
from ui.widgets.logo import Logo
from ui.widgets.pill import Pill
from ui.widgets.segmented import Segmented
from ui.widgets.status_button import StatusButton
from ui.widgets.text_area import TextArea
from ui.widgets.toast import Toast


@dataclass(frozen=True)
class Dress:
    """One picture of the sheet."""

    file: str
    mode: Mode = "light"
    text_scale: float = 1.0
    right_to_left: bool = False


DRESSES = (
    Dress("sheet_light"),
    Dress("sheet_dark", mode="dark"),
    Dress("sheet_150", text_scale=1.5),
    Dress("sheet_rtl", right_to_left=True),
)
WIDTH = 1440


def sheet() -> QWidget:
    """All controls on one ground."""
    made = QWidget()
    made.setObjectName("sheet")
    made.setAutoFillBackground(True)
    left = vbox(types(), statuses(), fields(), None, spacing=24)
    right = vbox(buttons(), banners(), cards(), charts(), None, spacing=24)
    made.setLayout(hbox((left, 2), (right, 3), spacing=40, margins=(40, 32, 40, 32)))
    return made


def part(title: str, *items: QWidget | QLayout) -> QLayout:
    return vbox(label(title, "title"), *items, spacing=8)


def types() -> QLayout:
    shown: tuple[tuple[Role, str], ...] = (
        ("timer", "00:12.4"),
        ("hero", "Heel-to-toe walk"),
        ("heading", "Heel-to-toe walk"),
        ("value", "165.5°"),
        ("title", "Heel-to-toe walk"),
        ("lead", "Heel-to-toe walk"),
        ("body", "Heel-to-toe walk <b>&amp;"),
        ("caption", "Heel-to-toe walk"),
    )
    rows = [
        hbox(
            label(text, role), None, label(f"{role} {TYPE[role].px}/{TYPE[role].weight}", "caption", "muted")
        )
        for role, text in shown
    ]
    return part("Type", hbox(Logo(), label("Kinelog", "title"), None, Figure()), *rows)


def statuses() -> QLayout:
    small = [StatusButton(key) for key in STATUS if STATUS[key].key]
    small[0].setChecked(True)
    big = [StatusButton(key, big=True) for key in STATUS if STATUS[key].key]
    big[2].setChecked(True)
    big[3].setEnabled(False)
    pills = [Pill(status_word(key), icon=look.icon, tone=look.tone) for key, look in STATUS.items()]
    live = Pill("Live", icon="radio", tone="accent")
    return part(
        "Status keys and pills",
        hbox(*small),
        hbox(*big),
        hbox(*pills[:4], None),
        hbox(*pills[4:], live, None),
        hbox(Keycap("Ctrl N"), None),
    )


def fields() -> QLayout:
    height = LineField("Height", unit="cm", hint="8 Sep: 115.0 cm")
    height.set_text("116.0")
    weight = LineField("Weight", unit="kg")
    weight.set_text("208")
    weight.set_error("Last time 20.5 kg.", fix="Use 20.8 kg")
    choice = Choice(name="Protocol")
    choice.addItem("Motor screening 5–7 years · 7 tasks, about 12 minutes")
    day = LineField("Date")
    day.set_text("23 Nov 2025")
    return part(
        "Fields",
        LineEdit(
            name="Search",
            icon="search",
            key="Ctrl F",
            placeholder="Search children, tasks, notes",
            tall=False,
        ),
        hbox((height, 1), (weight, 1), spacing=16),
        Field("Protocol", choice),
        day,
        Field("Notes (optional)", TextArea(name="Notes")),
    )


def buttons() -> QLayout:
    disabled = Button("Disabled", icon="plus", key="Ctrl N")
    disabled.setEnabled(False)
    focused = Button("Focused")
    focused.setObjectName("focused")
    sides = (("left", "Left"), ("both", "Both"), ("right", "Right"))
    return part(
        "Buttons",
        hbox(
            Button("New session", icon="plus", kind="primary", key="Ctrl N"),
            Button("Secondary", icon="printer"),
            Button("Ghost", icon="file-down", kind="ghost"),
            Button("Accent", icon="plus", kind="accent-ghost", key="Ctrl T"),
            None,
        ),
        hbox(
            Button("Delete", icon="trash-2", kind="danger"),
            focused,
            disabled,
            Button(icon="lock", kind="icon", name="Lock", key="Ctrl L"),
            Button("Use 20.8 kg", kind="link", role="caption_strong"),
            Button("All changes saved", icon="check", kind="status-bar", role="caption_strong"),
            None,
        ),
        hbox(
            Button(
                "Start", icon="play", kind="primary", key="Space", role="lead_strong", height=64, filled=True
            ),
            Segmented(sides, name="Side", current="left", physical=True),
            Segmented((("light", "Light"), ("dark", "Dark")), name="Theme", current="dark"),
            None,
        ),
    )


def banners() -> QLayout:
    bad, warn, info, toast = Banner(), Banner(), Banner(), Toast()
    made = vbox(
        frame(part("Banners and toast", bad, warn, info, hbox(toast, None)))
    )  # shown inside a parent only
    bad.show_message(
        "bad",
        "The disk is full.",
        "Your last 3 changes are kept in memory and will be saved as soon as there is room.",
        actions=[
            BannerAction("again", "Try again", "rotate-ccw"),
            BannerAction("copy", "Save a copy…", "save"),
        ],
        more=2,
    )
    warn.show_message("warn", "MotionCam stopped sending.", "Values so far are saved.", icon="unplug")
    info.show_message("info", "An older version wrote this.", "It can be read.")
    toast.show_message("“Heel-to-toe walk” deleted", key="Ctrl Z")
    return made


def cards() -> QLayout:
    long = ElidedLabel(
        "A very long name of a child that does not fit into the room that there is " * 2, "strong"
    )
    inside = vbox(long, rule(), label("Motor screening"), margins=(16, 12, 16, 12))
    return part("Card", frame(inside, role="card"))


def charts() -> QLayout:
    values = (138, 146.5, 158, 165.5)
    months = ("Mar", "Jun", "Sep", "Nov")
    days = (0, 92, 184, 245)
    points = tuple(
        ChartPoint(month, f"{value:g}°", value, day)
        for month, value, day in zip(months, values, days, strict=True)
    )
    many = tuple(ChartPoint(f"{n} Nov", f"{n % 7}.5", n % 7 + 0.5, n) for n in range(1, 25))
    shown = (
        ChartData(points, (150, 180), "Expected 150–180°", tick="%1°"),
        ChartData(many),
        ChartData(points[:1], tick="%1°"),
        ChartData(),
    )
    cards = []
    for data in shown:
        chart = Chart()
        chart.show_data(data, name="Max angle over follow-ups")
        chart.setFixedHeight(240)
        cards.append(frame(vbox(chart, margins=(12, 12, 12, 12)), role="card"))
    return part("Charts", hbox(*((card, 1) for card in cards[:2])), hbox(*((card, 1) for card in cards[2:])))


def focus(made: QWidget) -> None:
    """Show a focus ring where the sheet means one."""
    button = made.findChild(Button, "focused")
    assert button is not None
    button.setFocus(Qt.FocusReason.TabFocusReason)


def draw(app: QApplication, manager: ThemeManager, dress: Dress, folder: Path) -> Path:
    """Write one picture of the sheet, and give its path."""
    manager.apply(app, mode=dress.mode, text_scale=dress.text_scale, right_to_left=dress.right_to_left)
    made = sheet()
    layout = made.layout()
    assert layout is not None
    width = max(WIDTH, made.minimumSizeHint().width())
    made.resize(width, layout.totalHeightForWidth(width))
    made.show()
    made.activateWindow()
    focus(made)
    app.processEvents()
    path = folder / f"{dress.file}.png"
    made.grab().save(str(path))
    made.close()
    return path


def main(arguments: list[str]) -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    folder = Path(arguments[0] if arguments else "shots")
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    manager = ThemeManager()
    for dress in DRESSES:
        print(draw(app, manager, dress, folder))


if __name__ == "__main__":
    main(sys.argv[1:])
