"""Every report looks as it did when its pages were last looked at.

The pages are kept in `pages/`, as Poppler draws them. After a change that is wanted, `KINELOG_PAGES=renew` makes this
test write them anew: look at them before they are kept.
"""

import os
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from tests.interop.programs import run

pytestmark = pytest.mark.interop
PAGES = Path(__file__).parent / "pages"
RENEW = "KINELOG_PAGES" in os.environ
# A pixel is another one when it differs by more than a third of the way from black to white. The audit trail's digits
# are 0.003 % of a page, another version's number and hashes 0.034 %; letters a tenth of a point larger are 1.4 %. What
# lies between is left to other versions of Poppler, which draw the edges of letters a little lighter or darker.
OTHER, MOST_OTHERS = 85, 0.002


def drawn(path: Path, folder: Path) -> dict[str, Path]:
    """The pages of a PDF as small grey pictures, by their names."""
    run("pdftoppm", "-r", "60", "-gray", "-png", str(path), str(folder / path.stem), home=folder)
    return {page.name: page for page in folder.glob(f"{path.stem}-*.png")}


def grey(path: Path) -> QImage:
    return QImage(str(path)).convertToFormat(QImage.Format.Format_Grayscale8)


def lines(image: QImage) -> list[bytes]:
    """The rows of a picture, a byte for each pixel."""
    raw, width = bytes(image.constBits()), image.bytesPerLine()
    return [raw[row * width : row * width + image.width()] for row in range(image.height())]


def others(actual: QImage, kept: QImage) -> float:
    """The share of pixels that are others; all of them when the pages are not of one size."""
    if actual.size() != kept.size():
        return 1.0
    pairs = zip(b"".join(lines(actual)), b"".join(lines(kept)), strict=True)
    return sum(abs(one - other) > OTHER for one, other in pairs) / (kept.width() * kept.height())


def difference(actual: QImage, kept: QImage) -> QImage:
    """White where two pages are the same."""
    rows = zip(lines(actual), lines(kept), strict=False)
    raw = [bytes(255 - abs(a - b) for a, b in zip(*row, strict=False)) for row in rows]
    width = len(raw[0])
    return QImage(b"".join(raw), width, len(raw), width, QImage.Format.Format_Grayscale8).copy()


def flaw(actual: Path, kept: Path) -> str:
    """What is to be said of a page, nothing when it looks as it did; the difference is drawn beside it."""
    pages = grey(actual), grey(kept)
    share = others(*pages)
    if share <= MOST_OTHERS:
        return ""
    beside = actual.with_name(f"difference-{actual.name}")
    difference(*pages).save(str(beside))
    return f"{actual}: {share:.2%} of the pixels differ from {kept}, see {beside}"


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("kind", ["report", "reports", "letter", "day"])
def test_a_report_looks_as_it_did(sample_reports: Path, tmp_path: Path, kind: str, language: str):
    name = f"{kind}-{language}"
    pages = drawn(sample_reports / f"{name}.pdf", tmp_path)
    if RENEW:
        renew(name, pages)
    assert pages.keys() == {page.name for page in PAGES.glob(f"{name}-*.png")}
    found = [flaw(page, PAGES / page.name) for page in pages.values()]
    assert not any(found), "\n".join(filter(None, found))


def renew(name: str, pages: dict[str, Path]) -> None:
    """Keep these pages of a report instead of those that are kept."""
    PAGES.mkdir(exist_ok=True)
    for old in PAGES.glob(f"{name}-*.png"):
        old.unlink()
    for page in pages.values():
        (PAGES / page.name).write_bytes(page.read_bytes())


def test_a_page_on_which_all_stands_a_little_lower_is_noticed(sample_reports: Path, tmp_path: Path):
    (page,) = drawn(sample_reports / "letter-en.pdf", tmp_path).values()
    image = grey(page)
    lower = tmp_path / "lower.png"
    image.copy(0, -1, image.width(), image.height()).save(str(lower))
    assert "difference-lower.png" in flaw(lower, page)
    assert not grey(tmp_path / "difference-lower.png").isNull()
    assert not flaw(page, page)
