"""Lucide icons in the colours of the theme."""

from functools import cache

from PySide6.QtCore import QByteArray, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from ui.resources import read
from ui.theme.current import color

APP_SIZES = (16, 24, 32, 48, 64, 128, 256)

_drawn: dict[tuple[object, ...], QPixmap] = {}


def forget() -> None:
    """Drop all drawn icons, since the colours have changed."""
    _drawn.clear()


@cache
def _svg(*path: str) -> str:
    return read(*path).decode()


def _render(svg: str, size: float, dpr: float, *, mirrored: bool = False) -> QPixmap:
    side = max(1, round(size * dpr))
    drawn = QPixmap(QSize(side, side))
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if mirrored:
        painter.translate(side, 0)
        painter.scale(-1, 1)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, side, side))
    painter.end()
    drawn.setDevicePixelRatio(dpr)
    return drawn


def pixmap(
    name: str,
    token: str = "text",
    size: float = 20,
    *,
    dpr: float | None = None,
    stroke: float | None = None,
    fill: str | None = None,
    mirrored: bool = False,
) -> QPixmap:
    """An icon in a token's colour; `size` in device-independent pixels, `fill` a token for its inside.

    FileNotFoundError for an icon that is not bundled.
    """
    ratio = dpr or _application().devicePixelRatio()
    width = stroke or (2.1 if size <= 16 else 1.8)
    key = (name, color(token).name(), size, ratio, width, fill and color(fill).name(), mirrored)
    if key not in _drawn:
        svg = _svg("icons", f"{name}.svg").replace("currentColor", color(token).name())
        svg = svg.replace('stroke-width="2"', f'stroke-width="{width}"')
        if fill:
            svg = svg.replace('fill="none"', f'fill="{color(fill).name()}"', 1)
        _drawn[key] = _render(svg, size, ratio, mirrored=mirrored)
    return _drawn[key]


def draw_icon(
    painter: QPainter,
    name: str,
    centre: QPointF,
    *,
    token: str = "text",
    size: float = 20,
    stroke: float | None = None,
    fill: str | None = None,
    mirrored: bool = False,
) -> None:
    """Draw an icon around a point at the exact pixel ratio of what is painted on."""
    ratio = painter.device().devicePixelRatioF()
    drawn = pixmap(name, token, size, dpr=ratio, stroke=stroke, fill=fill, mirrored=mirrored)
    painter.drawPixmap(QPointF(centre.x() - size / 2, centre.y() - size / 2), drawn)


def icon(name: str, token: str = "muted", size: float = 20, *, mirrored: bool = False) -> QIcon:
    """An icon for menus and Qt's own widgets; make it anew when the theme changes."""
    made = QIcon()
    for ratio in sorted({1.0, 2.0, _application().devicePixelRatio()}):
        made.addPixmap(pixmap(name, token, size, dpr=ratio, mirrored=mirrored))
        made.addPixmap(pixmap(name, "subtle", size, dpr=ratio, mirrored=mirrored), QIcon.Mode.Disabled)
    return made


def logo(size: float, *, dpr: float) -> QPixmap:
    """The mark of Kinelog on the accent of the theme."""
    key = ("logo", color("accent_fill").name(), size, dpr)
    if key not in _drawn:
        svg = _svg("kinelog.svg").replace("currentColor", color("accent_fill").name())
        _drawn[key] = _render(svg, size, dpr)
    return _drawn[key]


def app_icon() -> QIcon:
    """The icon of the program, the same in every theme."""
    made = QIcon()
    for size in APP_SIZES:
        made.addPixmap(_render(_svg("kinelog.svg"), size, 1.0))
    return made


def _application() -> QGuiApplication:
    app = QGuiApplication.instance()
    if not isinstance(app, QGuiApplication):
        raise RuntimeError("icons need an application")  # noqa: TRY004 - not a matter of a caller's type
    return app
