"""Make the bundled static cuts from the variable fonts of PyPI's fontpkg-inter and fontpkg-noto-sans-arabic.

Run with fontTools installed: `python packaging/mkfonts.py Inter.ttf NotoSansArabic.ttf desktop/fonts`.
The fonts of the reports alone, in desktop/fonts/reports, are those of Vazirmatn 33.003 without Latin, as released.
Static cuts, since Qt ignores a weight set on a variable font; only the characters the window can show.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

REGULAR, BOLD = 400, 700
STYLES = {REGULAR: "Regular", 500: "Medium", 600: "SemiBold", BOLD: "Bold"}
RENAMED = (1, 2, 3, 4, 6, 16, 17, 21, 22, 25)
ITALIC_FREE = ~(1 << 5 | 1 << 6)
LATIN = (
    (0x0020, 0x0250),
    (0x02B0, 0x02FF),
    (0x0300, 0x0530),
    (0x1E00, 0x1F00),
    (0x2000, 0x20D0),
    (0x2100, 0x2300),
    (0x25A0, 0x2700),
)
LATIN_FEATURES = [
    "kern",
    "liga",
    "calt",
    "ccmp",
    "locl",
    "mark",
    "mkmk",
    "tnum",
    "case",
    "zero",
    "ss01",
    "cv05",
    "cv10",
    "numr",
    "dnom",
    "frac",
    "sups",
    "subs",
]


@dataclass(frozen=True)
class Cut:
    """One static font: its family, where on the variable axes it lies, and what is kept of it."""

    family: str
    version: str
    axes: dict[str, float]
    ranges: tuple[tuple[int, int], ...] = ()
    features: tuple[str, ...] = ("*",)

    @property
    def weight(self) -> int:
        return int(self.axes["wght"])


def cuts() -> list[tuple[str, Cut]]:
    """Every bundled cut with the source it is made from."""
    latin = {"ranges": LATIN, "features": tuple(LATIN_FEATURES)}
    made = [("inter", Cut("Inter", "4.1", {"wght": weight, "opsz": 14}, **latin)) for weight in STYLES]
    made.append(("inter", Cut("Inter Display", "4.1", {"wght": 600, "opsz": 32}, **latin)))
    made += [("arabic", Cut("Noto Sans Arabic", "", {"wght": weight, "wdth": 100})) for weight in STYLES]
    return made


def make(source: Path, cut: Cut, folder: Path) -> Path:
    """Write one cut; the path of its file."""
    font = instancer.instantiateVariableFont(TTFont(source), cut.axes)
    rename(font, cut)
    if cut.ranges:
        keep(font, cut)
    target = folder / f"{cut.family.replace(' ', '')}-{STYLES[cut.weight]}.ttf"
    font.save(target)
    return target


def rename(font: TTFont, cut: Cut) -> None:
    """Name the cut so that all cuts of a family are found under one name."""
    style, names = STYLES[cut.weight], font["name"]
    for record in list(names.names):
        if record.nameID in RENAMED:
            names.removeNames(nameID=record.nameID)
    is_basic = cut.weight in (REGULAR, BOLD)
    for number, text in {
        1: cut.family if is_basic else f"{cut.family} {style}",
        2: "Bold" if cut.weight == BOLD else "Regular",
        3: "-".join(filter(None, (cut.family, style, cut.version))),
        4: f"{cut.family} {style}",
        6: f"{cut.family.replace(' ', '')}-{style}",
        16: cut.family,
        17: style,
    }.items():
        names.setName(text, number, 3, 1, 0x409)
    flag = {BOLD: 1 << 5, REGULAR: 1 << 6}.get(cut.weight, 0)
    font["OS/2"].usWeightClass = cut.weight
    font["OS/2"].fsSelection = (font["OS/2"].fsSelection & ITALIC_FREE) | flag
    font["head"].macStyle = int(cut.weight == BOLD)


def keep(font: TTFont, cut: Cut) -> None:
    """Leave out the characters and features that the window never shows."""
    options = subset.Options(
        layout_features=list(cut.features), name_IDs=["*"], glyph_names=False, hinting=False
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[code for first, after in cut.ranges for code in range(first, after)])
    subsetter.subset(font)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("inter", type=Path)
    parser.add_argument("arabic", type=Path)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    for source, cut in cuts():
        target = make(getattr(given, source), cut, given.folder)
        print(target.name, target.stat().st_size)


if __name__ == "__main__":
    main()
