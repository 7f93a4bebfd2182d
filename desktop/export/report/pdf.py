"""Reports as PDF: typst lays out a bundled template, with the bundled fonts and nothing from the network.

PDF/A-2a, tagged. System fonts are taken only for letters that the bundled ones lack, such as Chinese. Arabic is set
in Vazirmatn, not in the window's Noto Sans Arabic: that draws a dotted letter as two glyphs, and whoever copies a name
from the page, searches for it or hears it read would get the letter twice.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Literal

import typst

from desktop.errors import AppError

Template = Literal["report", "letter", "day", "progress"]
STANDARD: Literal["a-2a"] = "a-2a"

log = logging.getLogger(__name__)


class Typesetter:
    """Makes PDFs and pictures of pages; one is quicker at its second report than a new one is."""

    def __init__(self, templates: Path, fonts: Path) -> None:
        self._templates = templates
        self._fonts = fonts
        self._bundled = self._compiler(system=False)
        self._with_system: typst.Compiler | None = None

    def pdf(self, template: Template, content: dict[str, Any]) -> bytes:
        """Return a report as PDF/A-2a; raises AppError when it cannot be set."""
        inputs = {"data": json.dumps(content)}
        try:
            return self._set(self._bundled, template, inputs, standard=True)
        except typst.TypstError as error:
            log.info("The bundled fonts lack a letter of a report: %s", _kind(error))
        try:
            return self._set(self._system(), template, inputs, standard=True)
        except typst.TypstError as error:
            log.warning("No font here has a letter of a report: %s", _kind(error))
        try:
            return self._set(self._system(), template, inputs, standard=False)
        except typst.TypstError as error:
            raise AppError("The report could not be set. What was recorded is not touched.") from error

    def pictures(self, template: Template, content: dict[str, Any], *, dpi: float) -> list[bytes]:
        """Return the pages as PNG, as they would be printed; raises AppError when they cannot be set."""
        inputs = {"data": json.dumps(content)}
        try:
            made = self._system().compile(
                self._templates / f"{template}.typ", format="png", ppi=dpi, sys_inputs=inputs
            )
        except typst.TypstError as error:
            raise AppError("The report could not be set. What was recorded is not touched.") from error
        return made if isinstance(made, list) else [made] if made else []

    def _set(
        self, compiler: typst.Compiler, template: Template, inputs: dict[str, str], *, standard: bool
    ) -> bytes:
        made = compiler.compile(
            self._templates / f"{template}.typ",
            format="pdf",
            sys_inputs=inputs,
            pdf_standards=[STANDARD] if standard else [],
        )
        assert isinstance(made, bytes)
        return made

    def _system(self) -> typst.Compiler:
        if self._with_system is None:
            self._with_system = self._compiler(system=True)
        return self._with_system

    def _compiler(self, *, system: bool) -> typst.Compiler:
        fonts = typst.Fonts(
            include_system_fonts=system,
            include_embedded_fonts=False,
            font_paths=[str(self._fonts)],
        )
        return typst.Compiler(root=str(self._templates), font_paths=fonts)


@contextmanager
def typesetter() -> Iterator[Typesetter]:
    """Give a Typesetter for the time of the block."""
    bundled = files("desktop")
    with (
        as_file(bundled.joinpath("export", "report", "templates")) as templates,
        as_file(bundled.joinpath("fonts")) as fonts,
    ):
        yield Typesetter(templates, fonts)


def _kind(error: typst.TypstError) -> str:
    """Return what kind of trouble it is, without a word of the report."""
    return "glyph" if "font" in error.message or "display" in error.message else "other"
