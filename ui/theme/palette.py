"""The palette of a theme, and the theme that a system's high contrast asks for."""

from PySide6.QtGui import QColor, QPalette

from ui.theme.tokens import Tokens

_ROLES = {
    QPalette.ColorRole.Window: "bg",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "surface",
    QPalette.ColorRole.AlternateBase: "bg",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.Button: "surface",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "bad",
    QPalette.ColorRole.Highlight: "accent_fill",
    QPalette.ColorRole.HighlightedText: "on_accent",
    QPalette.ColorRole.PlaceholderText: "subtle",
    QPalette.ColorRole.ToolTipBase: "toast_bg",
    QPalette.ColorRole.ToolTipText: "toast_text",
    QPalette.ColorRole.Link: "accent",
    QPalette.ColorRole.LinkVisited: "accent",
    QPalette.ColorRole.Light: "raised",
    QPalette.ColorRole.Midlight: "hover",
    QPalette.ColorRole.Mid: "border",
    QPalette.ColorRole.Dark: "border_strong",
    QPalette.ColorRole.Shadow: "sunken",
    QPalette.ColorRole.Accent: "accent_fill",
}
_TEXTS = (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText)


def palette(tokens: Tokens) -> QPalette:
    """Qt's palette in the colours of a theme."""
    made = QPalette()
    for role, name in _ROLES.items():
        made.setColor(role, QColor(getattr(tokens, name)))
    for role in _TEXTS:
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.subtle))
    return made


def high_contrast(system: QPalette) -> Tokens:
    """A theme of the system's own colours: no soft grounds, lines of 2 px, words and shapes carry the sense."""

    def of(role: QPalette.ColorRole) -> str:
        return system.color(role).name()

    ground, text = of(QPalette.ColorRole.Window), of(QPalette.ColorRole.WindowText)
    chosen, on_chosen = of(QPalette.ColorRole.Highlight), of(QPalette.ColorRole.HighlightedText)
    return Tokens(
        name="high contrast",
        bg=ground,
        surface=ground,
        raised=ground,
        sunken=ground,
        hover=ground,
        border=text,
        border_strong=text,
        text=text,
        muted=text,
        subtle=text,
        accent=text,
        accent_fill=chosen,
        accent_hover=chosen,
        accent_pressed=chosen,
        accent_soft=ground,
        on_accent=on_chosen,
        ok=text,
        ok_soft=ground,
        warn=text,
        warn_soft=ground,
        bad=text,
        bad_soft=ground,
        band=ground,
        toast_bg=text,
        toast_text=ground,
        toast_action=ground,
        brand=ground,
        brand_text=text,
        brand_muted=text,
        line=2,
    )
