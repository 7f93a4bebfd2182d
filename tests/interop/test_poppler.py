"""Poppler reads in reports what was recorded, finds them tagged and whole, and no name where none belongs."""

import re
import unicodedata
from pathlib import Path

import pytest

from tests.interop.programs import run
from tests.interop.recorded import NAMES, REPORTS, SCREENED

pytestmark = pytest.mark.interop
PAGES = {"report": 1, "reports": len(NAMES), "letter": len(NAMES), "day": 1}
CHILDREN = [unicodedata.normalize("NFC", name) for name in NAMES.values()]
# Words of dotted letters, which some fonts make of two glyphs. None has lam and alef beside each other: they are one
# glyph, whose two letters Poppler and PDFium read in the wrong order, whatever the file says.
ARABIC = {
    "reports-ar.pdf": ("تقييم حركي", "رفع اليد", "أقصى زاوية", "الفحص الحركي"),
    "letter-ar.pdf": ("بكلمات بسيطة", "مع أطيب التحيات", "زيارة واحدة"),
    "day-ar.pdf": ("جلسات اليوم", "الفحص الحركي", "مهام"),
}
on_every_page = pytest.mark.parametrize("place", range(len(CHILDREN)), ids=NAMES)


def text_of(path: Path, page: int | None = None) -> str:
    """A file's or a page's text with single spaces, without the marks of direction and of places to break at."""
    pages = ["-f", str(page), "-l", str(page)] if page else []
    said = unicodedata.normalize("NFKC", run("pdftotext", *pages, str(path), "-", home=path.parent))
    return " ".join("".join(letter for letter in said if unicodedata.category(letter) != "Cf").split())


def close(text: str) -> str:
    """A text without its spaces: lines are broken within long names."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def properties(path: Path) -> dict[str, str]:
    """What `pdfinfo` says of a file."""
    lines = run("pdfinfo", str(path), home=path.parent).splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def fonts(path: Path) -> list[dict[str, str]]:
    """The fonts of a file: whether they are embedded, and whether their glyphs say which letters they are."""
    lines = run("pdffonts", str(path), home=path.parent).splitlines()[2:]
    return [dict(zip(("embedded", "subset", "unicode"), line.split()[-5:-2], strict=True)) for line in lines]


@on_every_page
def test_a_report_says_what_was_recorded(reports: Path, place: int):
    said = text_of(reports / "reports-en.pdf", place + 1)
    assert close(CHILDREN[place]) in close(said)
    for wanted in (
        "First visit", "14 Mar 2026", "14 Jul 2019", "6;8 years", "130.5 cm", "Dr. Amira Haddad",
        "Riverside clinic", "Slept well.", "3 of 3 tasks", "Raise hand · Left", "Success", "00:15.5", "165.25°",
        "0.95", "Walk", "Partial", "0.875 m/s", "Modified administration: held by one hand", "Jump", "Refused",
        f"Page {place + 1} of {len(NAMES)}",
    ):  # fmt: skip
        assert wanted in said, wanted
    assert re.search(r"Content: [0-9a-f]{64}\b", said)


@on_every_page
def test_a_letter_says_how_it_went(reports: Path, place: int):
    said = text_of(reports / "letter-en.pdf", place + 1)
    assert close(f"Dear family of {CHILDREN[place]},") in close(said)
    for wanted in (
        "Raise hand – went well",
        "Walk – went partly well, with some help",
        "Jump – was not wanted this time",
    ):
        assert wanted in said, wanted
    assert "165.25" not in said


def test_a_day_s_list_names_every_child(reports: Path):
    said = text_of(reports / "day-en.pdf")
    assert "Sessions of the day, 14 Mar 2026" in said
    for name in CHILDREN:
        assert name[:14] in said, name
    assert said.count("3 of 3 tasks") == said.count("09:26") == len(NAMES)


@pytest.mark.parametrize("name", ["reports-ar.pdf", "letter-ar.pdf"])
@on_every_page
def test_names_of_every_script_stand_in_arabic_as_they_are(reports: Path, name: str, place: int):
    said = close(text_of(reports / name, place + 1))
    for word in re.findall(r"\w{1,30}", CHILDREN[place]):
        assert word in said, word


@on_every_page
def test_figures_run_from_left_to_right_in_arabic(reports: Path, place: int):
    said = text_of(reports / "reports-ar.pdf", place + 1)
    for wanted in ("6;8", "130.5 cm", "00:15.5", "165.25°", "0.875 m/s", "0.95", "0–200°"):
        assert wanted in said, wanted


@pytest.mark.parametrize("name", ARABIC)
def test_arabic_words_are_read_in_their_order(reports: Path, name: str):
    said = text_of(reports / name, 1)
    for wanted in ("مارس", "ليلى بنت حداد", *ARABIC[name]):
        assert wanted in said, wanted


@pytest.mark.parametrize("name", REPORTS)
def test_nothing_of_the_machine_gets_into_a_report(reports: Path, name: str):
    assert "root:" not in text_of(reports / name)


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_tagged_has_its_pages_and_runs_nothing(reports: Path, name: str):
    told = properties(reports / name)
    assert told["Pages"] == str(PAGES[name.partition("-")[0]])
    assert (told["Tagged"], told["Suspects"]) == ("yes", "no")
    assert (told["JavaScript"], told["Encrypted"], told["Form"]) == ("no", "no", "none")
    assert told["Page size"].endswith("(A4)")


@pytest.mark.parametrize("name", REPORTS)
def test_the_title_has_codes_and_no_name(reports: Path, name: str):
    title = properties(reports / name)["Title"]
    assert SCREENED[0].child_code in title
    for child in CHILDREN:
        assert not [word for word in child.split() if word in title]


@pytest.mark.parametrize("name", REPORTS)
def test_every_font_is_embedded_and_says_its_letters(reports: Path, name: str):
    found = fonts(reports / name)
    assert len(found) > 1
    assert [font for font in found if (font["embedded"], font["unicode"]) != ("yes", "yes")] == []
