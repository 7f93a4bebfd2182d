"""A report has what PDF/A-2a asks of a file that is kept, as far as pypdf sees it: no validator has looked at it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from tests.interop.recorded import REPORTS

pytestmark = pytest.mark.interop
ACTIVE = {
    "/JavaScript",
    "/JS",
    "/OpenAction",
    "/AA",
    "/Launch",
    "/EmbeddedFiles",
    "/AcroForm",
    "/XFA",
    "/URI",
}


@pytest.fixture(params=REPORTS)
def archived(request: pytest.FixtureRequest, sample_reports: Path) -> PdfReader:
    """Each kind of report in each language."""
    return PdfReader(sample_reports / request.param)


def catalog(reader: PdfReader) -> Any:
    return reader.trailer["/Root"]


def objects(reader: PdfReader) -> Iterator[Any]:
    """Every object that the file leads to, each once."""
    seen: set[int] = set()
    waiting: list[Any] = [reader.trailer]
    while waiting:
        found = waiting.pop()
        if isinstance(found, IndirectObject):
            if found.idnum in seen:
                continue
            seen.add(found.idnum)
            found = found.get_object()
        yield found
        if isinstance(found, DictionaryObject):
            waiting += [found.raw_get(key) for key in found]
        elif isinstance(found, ArrayObject):
            waiting += list(found)


def dictionaries(reader: PdfReader) -> list[DictionaryObject]:
    return [found for found in objects(reader) if isinstance(found, DictionaryObject)]


def test_it_claims_what_it_is(archived: PdfReader):
    metadata = catalog(archived)["/Metadata"]
    assert "/Filter" not in metadata
    assert b"<pdfaid:part>2</pdfaid:part>" in metadata.get_data()
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in metadata.get_data()
    assert archived.metadata is not None
    assert f"{archived.metadata.title}</rdf:li>".encode() in metadata.get_data()


def test_its_colours_are_those_of_a_profile_inside(archived: PdfReader):
    (intent,) = catalog(archived)["/OutputIntents"]
    assert intent.get_object()["/S"] == "/GTS_PDFA1"
    assert intent.get_object()["/DestOutputProfile"].get_data()[36:40] == b"acsp"


def test_all_of_its_fonts_are_inside_with_their_letters(archived: PdfReader):
    fonts = [found for found in dictionaries(archived) if found.get("/Type") == "/Font"]
    whole = [font for font in fonts if font["/Subtype"] == "/Type0"]
    parts = [font for font in fonts if font["/Subtype"] != "/Type0"]
    assert whole
    assert all("/ToUnicode" in font for font in whole)
    assert all({"/FontFile2", "/FontFile3"} & font["/FontDescriptor"].keys() for font in parts)


def test_it_tells_its_structure_and_language(archived: PdfReader):
    root = catalog(archived)
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/Lang"] in {"en", "ar"}
    assert root["/StructTreeRoot"]["/K"]
    kinds = {found["/S"] for found in dictionaries(archived) if found.get("/Type") == "/StructElem"}
    assert kinds & {"/H1", "/Title"}
    assert kinds & {"/Table", "/L"}


def test_it_is_open_and_does_nothing_by_itself(archived: PdfReader):
    assert not archived.is_encrypted
    assert len(archived.trailer["/ID"]) == 2
    assert [found for found in dictionaries(archived) if ACTIVE & found.keys()] == []
