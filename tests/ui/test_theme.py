"""Promises of the look: everything can be read, every icon is there, a change reaches everything."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from importlib.resources import files
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontDatabase, QFontInfo, QFontMetricsF, QPalette, QRawFont
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import ui
from ui import theme
from ui.theme import DARK, LIGHT, STATUS, TYPE, ThemeManager, Tokens, status_word
from ui.theme.palette import high_contrast
from ui.widgets.button import PAINTS
from ui.widgets.label import label
from ui.widgets.range_bar import STANDINGS

TEXT, CONTROL = 4.5, 3.0
GROUNDS = {
    "light": ("bg", "surface", "sunken", "hover", "accent_soft"),
    "dark": ("bg", "surface", "raised", "hover", "accent_soft"),
}
ON_EVERY_GROUND = {
    "border_strong": CONTROL,
    "text": TEXT,
    "muted": TEXT,
    "subtle": TEXT,
    "accent": TEXT,
}
PAIRS = (
    ("on_accent", "accent_fill"),
    ("on_accent", "accent_hover"),
    ("on_accent", "accent_pressed"),
    ("ok", "ok_soft"),
    ("ok", "surface"),
    ("warn", "warn_soft"),
    ("warn", "surface"),
    ("bad", "bad_soft"),
    ("bad", "surface"),
    ("text", "band"),
    ("toast_text", "toast_bg"),
    ("toast_action", "toast_bg"),
    ("brand_text", "brand"),
    ("brand_muted", "brand"),
)
SOURCES = sorted(Path(ui.__file__).parent.rglob("*.py"))


@pytest.fixture
def manager(application: QApplication) -> Iterator[ThemeManager]:
    """A manager that has dressed the application in light, and does so again at the end."""
    made = ThemeManager()
    made.apply(application, mode="light", text_scale=1.0, right_to_left=False)
    yield made
    made.apply(application, mode="light", text_scale=1.0, right_to_left=False)


def luminance(colour: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part) for part in (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(above: QColor, below: QColor) -> float:
    bright, dim = sorted((luminance(above), luminance(below)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def between(tokens: Tokens, above: str, below: str) -> float:
    return contrast(QColor(getattr(tokens, above)), QColor(getattr(tokens, below)))


def over(shade: QColor, ground: QColor) -> QColor:
    share = shade.alphaF()

    def mixed(top: float, bottom: float) -> float:
        return top * share + bottom * (1 - share)

    return QColor.fromRgbF(
        mixed(shade.redF(), ground.redF()),
        mixed(shade.greenF(), ground.greenF()),
        mixed(shade.blueF(), ground.blueF()),
    )


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda tokens: tokens.name)
@pytest.mark.parametrize(("above", "least"), ON_EVERY_GROUND.items())
def test_texts_and_edges_stand_out_on_every_ground(tokens: Tokens, above: str, least: float) -> None:
    for ground in GROUNDS[tokens.name]:
        assert between(tokens, above, ground) >= least, ground


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda tokens: tokens.name)
@pytest.mark.parametrize(("above", "below"), PAIRS)
def test_every_pair_of_the_design_can_be_read(tokens: Tokens, above: str, below: str) -> None:
    assert between(tokens, above, below) >= TEXT


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda tokens: tokens.name)
def test_the_key_on_a_primary_button_can_be_read(tokens: Tokens) -> None:
    ground = over(QColor(tokens.key_shade), QColor(tokens.accent_fill))
    assert contrast(QColor(tokens.on_accent), ground) >= TEXT


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda tokens: tokens.name)
def test_every_outcome_can_be_read_on_its_own_ground(tokens: Tokens) -> None:
    for status in STATUS.values():
        assert between(tokens, status.tone, status.soft) >= TEXT, status


def test_every_token_is_a_colour() -> None:
    for tokens in (LIGHT, DARK):
        for field in fields(tokens):
            if field.name not in {"name", "line"}:
                assert QColor(getattr(tokens, field.name)).isValid(), field.name


def test_the_paints_of_buttons_name_tokens() -> None:
    for paint in PAINTS.values():
        named = (paint.text, paint.icon, paint.fill, paint.hover, paint.pressed, paint.edge, paint.focus)
        assert all(hasattr(LIGHT, name) for name in named if name)


def icons_named_in(source: Path) -> set[str]:
    """The icons that a module names as literals: the argument `icon`, and the first of IconLabel and the like."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        given = [keyword.value for keyword in node.keywords if keyword.arg == "icon"]
        called = getattr(node.func, "id", getattr(node.func, "attr", ""))
        given += node.args[:1] if called in {"IconLabel", "icon", "pixmap", "show_icon", "set_icon"} else []
        given += node.args[1:2] if called == "draw_icon" else []
        found |= {value.value for value in given if isinstance(value, ast.Constant) and value.value}
    return found


def test_every_icon_that_is_named_is_bundled() -> None:
    named = {status.icon for status in STATUS.values()} | {look.icon for look in STANDINGS.values()}
    for source in SOURCES:
        named |= icons_named_in(source)
    bundled = {entry.name.removesuffix(".svg") for entry in files("ui.resources").joinpath("icons").iterdir()}
    assert {"circle-check", "ban", "undo-2", "chevron-down"} <= named
    assert named <= bundled


def test_colours_are_written_down_in_one_place_only() -> None:
    hexes = re.compile(r"#[0-9A-Fa-f]{6}\b")
    with_hex = {source.name for source in SOURCES if hexes.search(source.read_text(encoding="utf-8"))}
    assert with_hex == {"tokens.py"}


def test_every_outcome_has_a_word_and_its_own_icon_and_key() -> None:
    assert len({status_word(key) for key in STATUS}) == len(STATUS)
    assert len({status.icon for status in STATUS.values()}) == len(STATUS)
    assert {key: status.key for key, status in STATUS.items() if status.key} == {
        "success": "1",
        "partial": "2",
        "failed": "3",
        "not_tested": "0",
        "refused": "9",
    }


def test_text_is_drawn_in_the_bundled_fonts(manager: ThemeManager) -> None:
    assert QFontInfo(theme.font("body")).family() == "Inter"
    assert QFontInfo(theme.font("timer")).family().startswith("Inter Display")
    arabic = QRawFont.fromFont(theme.font("body"), QFontDatabase.WritingSystem.Arabic)
    assert arabic.familyName().startswith("Noto Sans Arabic")
    assert arabic.supportsCharacter(ord("ط"))


def test_weights_are_real_cuts(manager: ThemeManager) -> None:
    widths = [
        QFontMetricsF(theme.font(role)).horizontalAdvance("Heel-to-toe walk")
        for role in ("body", "medium", "strong")
    ]
    assert widths == sorted(set(widths))


def test_digits_of_numbers_have_one_width(manager: ThemeManager) -> None:
    for role in ("num", "value", "timer"):
        metrics = QFontMetricsF(theme.font(role))
        assert metrics.horizontalAdvance("1111") == metrics.horizontalAdvance("8888"), role


def test_no_text_is_smaller_than_12_pixels() -> None:
    assert min(style.px for style in TYPE.values()) == 12


def test_larger_text_reaches_labels_that_are_already_there(
    application: QApplication, manager: ThemeManager, qtbot: QtBot
) -> None:
    shown = label("Tasks", "title")
    qtbot.addWidget(shown)
    before = shown.sizeHint().width()
    manager.apply(application, mode="light", text_scale=1.5, right_to_left=False)
    assert shown.font().pixelSize() == 27
    assert shown.sizeHint().width() > before * 1.4


def test_a_switch_to_dark_changes_palette_sheet_and_icons(
    application: QApplication, manager: ThemeManager, qtbot: QtBot
) -> None:
    light = theme.pixmap("check", "text", 20, dpr=1).toImage()
    with qtbot.waitSignal(manager.changed):
        manager.apply(application, mode="dark", text_scale=1.0, right_to_left=False)
    assert theme.tokens() is DARK
    assert application.palette().color(QPalette.ColorRole.Window) == QColor(DARK.bg)
    assert DARK.surface in application.styleSheet()
    assert theme.pixmap("check", "text", 20, dpr=1).toImage() != light


def test_an_icon_is_drawn_once_for_each_colour_and_pixel_ratio(manager: ThemeManager) -> None:
    once = theme.pixmap("check", "ok", 20, dpr=2)
    assert theme.pixmap("check", "ok", 20, dpr=2).cacheKey() == once.cacheKey()
    assert theme.pixmap("check", "bad", 20, dpr=2).cacheKey() != once.cacheKey()
    assert theme.pixmap("check", "ok", 20, dpr=1.5).width() == 30


def test_an_icon_that_is_not_bundled_is_an_error(manager: ThemeManager) -> None:
    with pytest.raises(FileNotFoundError):
        theme.pixmap("no-such-icon")


def test_the_system_mode_follows_the_system(application: QApplication, manager: ThemeManager) -> None:
    manager.apply(application, mode="system", text_scale=1.0, right_to_left=False)
    application.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme.tokens() is DARK
    application.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert theme.tokens() is LIGHT


def test_a_chosen_mode_does_not_follow_the_system(application: QApplication, manager: ThemeManager) -> None:
    application.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme.tokens() is LIGHT


def test_the_direction_reaches_the_application(application: QApplication, manager: ThemeManager) -> None:
    manager.apply(application, mode="light", text_scale=1.0, right_to_left=True)
    assert application.layoutDirection() == Qt.LayoutDirection.RightToLeft


def test_high_contrast_takes_the_systems_colours_and_thick_lines() -> None:
    system = QPalette()
    system.setColor(QPalette.ColorRole.Window, QColor("black"))
    system.setColor(QPalette.ColorRole.WindowText, QColor("yellow"))
    tokens = high_contrast(system)
    assert tokens.line == 2
    assert {tokens.bg, tokens.surface, tokens.ok_soft, tokens.bad_soft, tokens.accent_soft} == {
        QColor("black").name()
    }
    assert {tokens.text, tokens.subtle, tokens.border, tokens.bad} == {QColor("yellow").name()}


def test_the_programs_icon_comes_in_every_size(application: QApplication) -> None:
    sizes = {size.width() for size in theme.app_icon().availableSizes()}
    assert {16, 32, 256} <= sizes
    drawn = theme.app_icon().pixmap(256).toImage()
    assert drawn.pixelColor(128, 20) == QColor(LIGHT.accent_fill)
    assert drawn.pixelColor(0, 0).alpha() == 0
