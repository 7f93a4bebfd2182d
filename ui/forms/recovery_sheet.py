"""The recovery key on paper: one sheet, for a printer or as a PDF."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QCoreApplication, QIODevice, QMarginsF, QRectF, Qt
from PySide6.QtGui import QFont, QPagedPaintDevice, QPageLayout, QPageSize, QPainter, QPdfWriter, QPen
from PySide6.QtWidgets import QDialog, QWidget

from desktop.errors import AppError
from desktop.files import replace_file
from ui.asking import ask, pick_save
from ui.forms.recovery import ACROSS, RecoveryForm
from ui.operations import Operations, Progress

MARGIN_MM = 25.0
DPI = 300

Sheet = Callable[[QWidget, str, str], Awaitable[bool]]


def offer_sheets(form: RecoveryForm, operations: Operations, *, shown: Callable[[], tuple[str, str]]) -> None:
    """Print or save what the form shows when that is wanted, then ask for two of its groups.

    `shown` returns the recovery key and whose it is.
    """

    def bring(sheet: Sheet) -> None:
        async def work(_progress: Progress) -> bool:
            return await sheet(form, *shown())

        def done(brought: bool) -> None:
            if brought:
                form.ask_back()

        operations.start(
            work,
            title=_tr("Keep the recovery key"),
            key=(form, "bring"),
            done=done,
            failed=form.show_error,
        )

    form.print_wanted.connect(lambda: bring(print_sheet))
    form.pdf_wanted.connect(lambda: bring(save_sheet))


async def save_sheet(parent: QWidget, recovery_key: str, name: str) -> bool:
    """Ask for a file and write the sheet as PDF; returns whether it was. Raises AppError when it cannot be."""
    path = await pick_save(
        parent,
        title=_tr("Save the recovery key"),
        name=_tr("Kinelog recovery key") + ".pdf",
        filters=[_tr("PDF") + " (*.pdf)"],
        folder=Path.home(),
    )
    if path is None:
        return False
    sheet = QBuffer()
    sheet.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(sheet)
    writer.setResolution(DPI)
    writer.setTitle(_tr("Kinelog recovery key"))
    _draw(writer, recovery_key, name)
    try:
        replace_file(path, bytes(sheet.data().data()))  # readable by its owner alone
    except OSError as error:
        raise AppError(f"{path}: {error.strerror}.") from None
    return True


async def print_sheet(parent: QWidget, recovery_key: str, name: str) -> bool:
    """Ask for a printer and print the sheet; returns whether it was."""
    from PySide6.QtPrintSupport import QPrintDialog, QPrinter

    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setDocName(_tr("Kinelog recovery key"))
    dialog = QPrintDialog(printer, parent)
    accepted = await ask(dialog) == QDialog.DialogCode.Accepted
    dialog.deleteLater()
    if accepted:
        _draw(printer, recovery_key, name)
    return accepted


def _draw(device: QPagedPaintDevice, recovery_key: str, name: str) -> None:
    device.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    margins = QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM)
    device.setPageMargins(margins, QPageLayout.Unit.Millimeter)
    painter = QPainter()
    if not painter.begin(device):
        raise AppError(_tr("The sheet could not be drawn. Please try another printer or file."))
    unit = device.width() / 160  # a millimetre: A4 without its margins is 160 wide
    texts = (
        (8.0, 700, _tr("Kinelog recovery key")),
        (4.4, 400, _tr("For the records that {name} keeps.").format(name=name)),
        (
            4.4,
            400,
            _tr(
                "If the passphrase is forgotten, this key is the only way back into the records. "
                "Keep it in a locked place, away from the laptop."
            ),
        ),
    )
    y = 0.0
    for size, weight, text in texts:
        painter.setFont(_font(size * unit, weight))
        room = QRectF(0, y, device.width(), 60 * unit)
        y = painter.drawText(room, Qt.TextFlag.TextWordWrap, text).bottom() + 5 * unit
    _draw_groups(painter, recovery_key.split("-"), y + 5 * unit, unit)
    painter.end()


def _draw_groups(painter: QPainter, groups: list[str], top: float, unit: float) -> None:
    rows = -(-len(groups) // ACROSS)
    painter.setPen(QPen(Qt.GlobalColor.black, 0.4 * unit, Qt.PenStyle.DashLine))
    painter.drawRoundedRect(QRectF(0, top, 160 * unit, (rows * 16 + 12) * unit), 4 * unit, 4 * unit)
    painter.setPen(Qt.GlobalColor.black)
    for place, group in enumerate(groups):
        cell = QRectF(
            (8 + place % ACROSS * 37) * unit, top + (6 + place // ACROSS * 16) * unit, 37 * unit, 16 * unit
        )
        painter.setFont(_font(3.4 * unit, 400))
        painter.drawText(cell, Qt.AlignmentFlag.AlignVCenter, f"{place + 1}")
        painter.setFont(_font(7.5 * unit, 600))
        painter.drawText(cell.adjusted(6 * unit, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, group)


def _font(pixels: float, weight: int) -> QFont:
    made = QFont(["Inter", "Noto Sans Arabic"])
    made.setPixelSize(round(pixels))
    made.setWeight(QFont.Weight(weight))
    return made


def _tr(text: str) -> str:
    return QCoreApplication.translate("RecoverySheet", text)
