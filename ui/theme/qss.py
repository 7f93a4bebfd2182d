"""The one style sheet: boxes, colours, borders and states of Qt's own widgets. Fonts are set by `set_font`."""

from dataclasses import asdict
from string import Template

from ui.theme.tokens import RADIUS, Tokens

_SHEET = Template("""
QToolTip { background:$toast_bg; color:$toast_text; border:0; padding:6px 10px; }
QMainWindow, QDialog, QStackedWidget#pages { background:$bg; }
QDialog[ground="surface"] { background:$surface; }

QFrame[pane="header"] { background:$surface; border:0; border-bottom:${line}px solid $border; }
QFrame[pane="side"] { background:$bg; border:0; }
QFrame[pane="side"][drawer="true"] { border:1px solid $border; }
QFrame[pane="plain"] { background:$surface; border:0; }
QFrame[pane="footer"] { background:$surface; border:0; border-top:${line}px solid $border; }

QFrame[role="card"], QFrame[role="dock"] { background:$raised; border:${line}px solid $border;
  border-radius:${card}px; }
QFrame[role="well"] { background:$sunken; border:0; border-radius:${control}px; }
QFrame[role="rule"] { background:$border; border:0; }
QFrame[role="stage"] { background:$accent_soft; border:${ring}px solid $accent; border-radius:${stage}px; }
QFrame[role="toast"] { background:$toast_bg; border:0; border-radius:${status}px; }
QFrame[role="banner"] { border:0; border-bottom:${line}px solid $border; }
QFrame[role="banner"][tone="bad"] { background:$bad_soft; }
QFrame[role="banner"][tone="warn"] { background:$warn_soft; }
QFrame[role="banner"][tone="info"] { background:$accent_soft; }

QLabel { background:transparent; color:$text; }
QLabel[tone="muted"] { color:$muted; }
QLabel[tone="subtle"], QLabel:disabled { color:$subtle; }
QLabel[tone="accent"] { color:$accent; }
QLabel[tone="ok"] { color:$ok; }
QLabel[tone="warn"] { color:$warn; }
QLabel[tone="bad"] { color:$bad; }
QLabel[tone="toast"] { color:$toast_text; }

.QPushButton { background:$raised; color:$text; border:${line}px solid $border; border-radius:${control}px;
  padding:0 16px; min-height:38px; }
.QPushButton:hover { background:$hover; }
.QPushButton:pressed { background:$sunken; }
.QPushButton:default { background:$accent_fill; color:$on_accent; border-color:$accent_fill; }
.QPushButton:default:hover { background:$accent_hover; }
.QPushButton:focus { border:${ring}px solid $accent; padding:0 15px; min-height:${low}px; }
.QPushButton:default:focus { border:${ring}px solid $text; }
.QPushButton:disabled { color:$subtle; background:$sunken; border-color:$sunken; }

QLineEdit, QPlainTextEdit, QTextEdit, QComboBox {
  background:$surface; color:$text; border:${line}px solid $border_strong; border-radius:${control}px;
  padding:0 12px; min-height:38px;
  selection-background-color:$accent_fill; selection-color:$on_accent; }
QLineEdit:focus, QComboBox:focus, QComboBox:on {
  border:${ring}px solid $accent; padding:0 ${inner}px; min-height:${low}px; }
QLineEdit[invalid="true"], QComboBox[invalid="true"] {
  border:${ring}px solid $bad; padding:0 ${inner}px; min-height:${low}px; }
QComboBox { padding:0 14px; }
QComboBox:focus, QComboBox:on, QComboBox[invalid="true"] { padding:0 ${inner_choice}px; }
QPlainTextEdit, QTextEdit { padding:8px; }
QPlainTextEdit:focus, QTextEdit:focus { border:${ring}px solid $accent; padding:${inner_area}px; }
QPlainTextEdit[invalid="true"] { border:${ring}px solid $bad; padding:${inner_area}px; }
QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled {
  background:$sunken; color:$subtle; border-color:$border; }
QLineEdit[tall="true"] { min-height:46px; }
QLineEdit[tall="true"]:focus, QLineEdit[tall="true"][invalid="true"] { min-height:${low_tall}px; }
QLineEdit[role="search"] { background:$bg; }
QComboBox QLineEdit, QAbstractItemView QLineEdit {
  border:0; padding:0; min-height:0; background:transparent; }
QAbstractItemView QLineEdit { background:$surface; border:${ring}px solid $accent; border-radius:${key}px;
  padding:0 6px; }
QAbstractItemView QLineEdit[entry="true"] { border:${line}px solid $border_strong;
  border-radius:${control}px; padding:0 12px; min-height:38px; }
QAbstractItemView QLineEdit[entry="true"]:focus { border:${ring}px solid $accent; padding:0 ${inner}px;
  min-height:${low}px; }
QAbstractItemView QLineEdit[entry="true"][invalid="true"] { border:${ring}px solid $bad;
  padding:0 ${inner}px; min-height:${low}px; }
QComboBox::drop-down { border:0; width:32px; }
QComboBox::down-arrow { image:none; }
QComboBox QAbstractItemView { background:$raised; border:${line}px solid $border; padding:4px; }
QComboBox QAbstractItemView::item { min-height:38px; padding:0 8px; border-radius:${item}px; color:$text; }
QComboBox QAbstractItemView::item:selected { background:$accent_soft; color:$text; }

QListWidget[role="choices"] { background:$surface; border:${line}px solid $border; border-radius:${control}px;
  padding:4px; }
QListWidget[role="choices"]::item { min-height:38px; padding:0 10px; border-radius:${item}px; color:$text; }
QListWidget[role="choices"]::item:hover { background:$hover; }
QListWidget[role="choices"]::item:selected { background:$accent_soft; color:$text; }

QMenu { background:$raised; color:$text; border:${line}px solid $border; padding:6px; }
QMenu::item { padding:9px 24px 9px 12px; border-radius:${item}px; border:0; }
QMenu::item:selected { background:$hover; }
QMenu::item:disabled { color:$subtle; }
QMenu::icon { padding-left:10px; }
QMenu::separator { height:1px; background:$border; margin:6px 8px; }

QScrollArea, QAbstractItemView { background:transparent; border:0; outline:0; }
QScrollArea > QWidget > QWidget { background:transparent; }
QListView[role="popup"] { background:$raised; border:${line}px solid $border; padding:4px; }
QTableView { gridline-color:transparent; selection-background-color:transparent; }
QTableView[role="plain"]::item { padding:0 8px; color:$text; border:0; border-bottom:${line}px solid $border; }
QTableView[role="plain"]::item:selected { background:$accent_soft; color:$text; }
QHeaderView { background:transparent; border:0; }
QHeaderView::section { background:transparent; color:$muted; border:0;
  border-bottom:${line}px solid $border; padding:0 8px; }
QScrollBar:vertical { background:transparent; width:12px; margin:2px; }
QScrollBar:horizontal { background:transparent; height:12px; margin:2px; }
QScrollBar::handle { background:$border; border-radius:4px; }
QScrollBar::handle:vertical { min-height:40px; }
QScrollBar::handle:horizontal { min-width:40px; }
QScrollBar::handle:hover { background:$border_strong; }
QScrollBar::add-line, QScrollBar::sub-line { width:0; height:0; }
QScrollBar::add-page, QScrollBar::sub-page { background:transparent; }
QSplitter::handle { background:$border; }
QProgressBar { background:$sunken; border:0; border-radius:3px; max-height:6px; min-height:6px; }
QProgressBar::chunk { background:$accent_fill; border-radius:3px; }
""")


def style_sheet(tokens: Tokens) -> str:
    """The application's style sheet in the colours of a theme."""
    ring = 2 * tokens.line
    grown = ring - tokens.line  # by so much the padding gives way, so that nothing moves when a ring comes
    sizes = {
        "ring": ring,
        "inner": 12 - grown,
        "inner_choice": 14 - grown,
        "inner_area": 8 - grown,
        "low": 38 - 2 * grown,
        "low_tall": 46 - 2 * grown,
    }
    return _SHEET.substitute(asdict(tokens) | asdict(RADIUS) | sizes)
