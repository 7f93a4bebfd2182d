"""Colours, sizes and type of the window: the only place with a hex value."""

from dataclasses import dataclass
from typing import Literal

Role = Literal[
    "key",
    "caption",
    "caption_strong",
    "body",
    "medium",
    "strong",
    "lead",
    "lead_strong",
    "title",
    "heading",
    "hero",
    "num",
    "num_caption",
    "num_medium",
    "value",
    "recovery",
    "timer",
    "stage",
]


@dataclass(frozen=True)
class Tokens:
    """The colours of one theme by what they are for, as #RRGGBB or #AARRGGBB; `line` is a border's width."""

    name: str
    bg: str
    surface: str
    raised: str
    sunken: str
    hover: str
    border: str
    border_strong: str
    text: str
    muted: str
    subtle: str
    accent: str
    accent_fill: str
    accent_hover: str
    accent_pressed: str
    accent_soft: str
    on_accent: str
    ok: str
    ok_soft: str
    warn: str
    warn_soft: str
    bad: str
    bad_soft: str
    band: str
    toast_bg: str
    toast_text: str
    toast_action: str
    brand: str
    brand_text: str
    brand_muted: str
    key_shade: str = "#2E000000"
    key_edge: str = "#5AFFFFFF"
    line: int = 1


LIGHT = Tokens(
    name="light",
    bg="#F5F6F9",
    surface="#FFFFFF",
    raised="#FFFFFF",
    sunken="#ECEEF3",
    hover="#F0F2F6",
    border="#DFE3EB",
    border_strong="#7C8598",
    text="#161B27",
    muted="#4D576B",
    subtle="#5D6780",
    accent="#3A52D1",
    accent_fill="#3A52D1",
    accent_hover="#2F45BA",
    accent_pressed="#273A9F",
    accent_soft="#EBEEFD",
    on_accent="#FFFFFF",
    ok="#17703F",
    ok_soft="#E2F4E9",
    warn="#8A5000",
    warn_soft="#FDF0D9",
    bad="#B42537",
    bad_soft="#FCE8E9",
    band="#D5EBDD",
    toast_bg="#1E2433",
    toast_text="#F4F6FA",
    toast_action="#AFC0FF",
    brand="#2C3F9F",
    brand_text="#FFFFFF",
    brand_muted="#DDE3FF",
)

DARK = Tokens(
    name="dark",
    bg="#12151C",
    surface="#191D26",
    raised="#212632",
    sunken="#0E1117",
    hover="#242A37",
    border="#2D3443",
    border_strong="#78839A",
    text="#ECEFF5",
    muted="#AEB7C7",
    subtle="#929DB1",
    accent="#A3B4FF",
    accent_fill="#4A63E3",
    accent_hover="#4E67E6",
    accent_pressed="#3D54CC",
    accent_soft="#252D50",
    on_accent="#FFFFFF",
    ok="#6BD5A0",
    ok_soft="#17321F",
    warn="#F4BC63",
    warn_soft="#382A12",
    bad="#FF959C",
    bad_soft="#3F1D22",
    band="#1F4430",
    toast_bg="#E9ECF3",
    toast_text="#161B27",
    toast_action="#2F45BA",
    brand="#1B2450",
    brand_text="#FFFFFF",
    brand_muted="#DDE3FF",
)


@dataclass(frozen=True)
class Radius:
    """Corner radii in pixels."""

    key: int = 6
    item: int = 8
    control: int = 10
    status: int = 12
    card: int = 14
    stage: int = 16


@dataclass(frozen=True)
class Height:
    """Heights in pixels at 100 % text size; larger text may need more."""

    control: int = 40
    dialog_primary: int = 44
    table_row: int = 48
    table_row_small: int = 44
    session_row: int = 68
    status: int = 64
    status_stage: int = 84
    start: int = 64
    stop: int = 88
    header: int = 64
    header_small: int = 56
    banner: int = 60
    footer: int = 40


@dataclass(frozen=True)
class TypeStyle:
    """One role of text: pixels at 100 %, weight, the Display cut, digits of one width."""

    px: int
    weight: int
    display: bool = False
    tabular: bool = False


RADIUS = Radius()
HEIGHT = Height()

TYPE: dict[Role, TypeStyle] = {
    "key": TypeStyle(12, 600),
    "caption": TypeStyle(13, 400),
    "caption_strong": TypeStyle(13, 600),
    "body": TypeStyle(15, 400),
    "medium": TypeStyle(15, 500),
    "strong": TypeStyle(15, 600),
    "lead": TypeStyle(17, 400),
    "lead_strong": TypeStyle(17, 600),
    "title": TypeStyle(18, 600),
    "heading": TypeStyle(24, 700),
    "hero": TypeStyle(30, 700),
    "num": TypeStyle(15, 400, tabular=True),
    "num_caption": TypeStyle(13, 400, tabular=True),
    "num_medium": TypeStyle(15, 500, tabular=True),
    "value": TypeStyle(22, 600, tabular=True),
    "recovery": TypeStyle(24, 600, tabular=True),
    "timer": TypeStyle(44, 600, display=True, tabular=True),
    "stage": TypeStyle(168, 600, display=True, tabular=True),
}
