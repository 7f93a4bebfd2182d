"""The look of the window: tokens, fonts, icons, and the one who sets them."""

from ui.theme.current import color, look, tokens
from ui.theme.fonts import font, set_font
from ui.theme.icons import app_icon, draw_icon, icon, logo, pixmap
from ui.theme.manager import Mode, ThemeManager
from ui.theme.status import STATUS, Status, status_word
from ui.theme.tokens import DARK, HEIGHT, LIGHT, RADIUS, TYPE, Role, Tokens

__all__ = [
    "DARK",
    "HEIGHT",
    "LIGHT",
    "RADIUS",
    "STATUS",
    "TYPE",
    "Mode",
    "Role",
    "Status",
    "ThemeManager",
    "Tokens",
    "app_icon",
    "color",
    "draw_icon",
    "font",
    "icon",
    "logo",
    "look",
    "pixmap",
    "set_font",
    "status_word",
    "tokens",
]
