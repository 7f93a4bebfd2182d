"""Pages on paper, through the platform's own dialog."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter
from PySide6.QtWidgets import QDialog, QWidget

from desktop.errors import AppError
from ui.asking import ask

DPI = 300.0


async def choose_printer(parent: QWidget, title: str) -> object | None:
    """Ask for a printer; None when the user thinks better of it."""
    from PySide6.QtPrintSupport import QPrintDialog, QPrinter

    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setDocName(title)
    printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    printer.setFullPage(True)
    printer.setPageOrientation(QPageLayout.Orientation.Portrait)
    dialog = QPrintDialog(printer, parent)
    accepted = await ask(dialog) == QDialog.DialogCode.Accepted
    dialog.deleteLater()
    return printer if accepted else None


def print_pages(printer: object, pages: Sequence[bytes]) -> None:
    """Print pages, PNG each, as large as the paper; raises AppError when the printer cannot be used."""
    from PySide6.QtPrintSupport import QPrinter

    assert isinstance(printer, QPrinter)
    painter = QPainter()
    if not painter.begin(printer):
        raise AppError(
            QCoreApplication.translate("Printing", "The printer cannot be used. Please try another.")
        )
    try:
        for place, png in enumerate(pages):
            if place:
                printer.newPage()
            paper = printer.paperRect(QPrinter.Unit.DevicePixel).toRect()
            painter.drawImage(paper, QImage.fromData(png))
    finally:
        painter.end()
