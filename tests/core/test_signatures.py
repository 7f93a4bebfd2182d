"""Who stands for a session: who signed it here. What a file says of it is told as what a file says."""

from io import BytesIO
from uuid import uuid4

import pytest
from pypdf import PdfReader

from desktop.database import Database
from desktop.edits import EditSession
from desktop.export.canonical import canonical
from desktop.export.report.making import ReportOptions, make_pdf
from desktop.export.signatures import Sign, sign_of, signed_hash
from desktop.export.trees import tree_of
from desktop.schemas import SessionRecord
from desktop.services.importing import run_import
from desktop.services.parsing import parse_document
from desktop.services.recording import load_session
from desktop.services.signing import SignOff
from tests.helpers.records import ASSESSOR, NOW, a_document, a_person, a_session


def signed(session: SessionRecord, **fields: object) -> SessionRecord:
    """Return a session as somebody writes it into a file who would have it signed off."""
    said = {"completed_at": NOW, "signed_off_by": ASSESSOR, "signed_off_at": NOW, **fields}
    session = session.model_copy(update=said)
    return session.model_copy(update={"signed_off_hash": signed_hash(tree_of(session))})


async def taken(database: Database, session: SessionRecord, *, update: bool = False) -> None:
    raw = canonical(a_document(session, people=(a_person(),)))
    await run_import(database, parse_document(raw), actor=uuid4(), update=update)


async def sign(database: Database, session: SessionRecord) -> Sign:
    opened = await load_session(database, session.id)
    return sign_of(tree_of(opened.record), here=opened.signed_here)


async def said_in_the_report(database: Database, session: SessionRecord) -> str:
    made = await make_pdf(database, [session.id], actor=ASSESSOR, options=ReportOptions())
    return " ".join(PdfReader(BytesIO(made)).pages[0].extract_text().split())


@pytest.mark.parametrize("known", [False, True], ids=["a new session", "one that is here unsigned"])
async def test_a_sign_off_that_a_file_brings_is_told_as_the_file_s(sqlite: Database, known: bool):
    session = a_session()
    if known:
        await taken(sqlite, session)
    await taken(sqlite, signed(session, notes="Never seen by her"), update=known)
    assert await sign(sqlite, session) is Sign.ELSEWHERE
    assert "Signed off by Dr. Amira Haddad, 14 Mar 2026, 10:26, as a file says" in await said_in_the_report(
        sqlite, session
    )


async def test_what_was_signed_here_is_signed_and_comes_back_whole(sqlite: Database):
    session = a_session()
    await taken(sqlite, session)
    async with sqlite.write(actor=ASSESSOR) as db:
        await EditSession(session.id, {"completed_at": NOW}).write(db)
    async with sqlite.write(actor=ASSESSOR) as db:
        await SignOff(session.id).write(db)
    assert await sign(sqlite, session) is Sign.VALID
    stored = (await load_session(sqlite, session.id)).record
    await taken(sqlite, stored)
    assert await sign(sqlite, session) is Sign.VALID
    report = await said_in_the_report(sqlite, session)
    assert "Signed off by Dr. Amira Haddad" in report
    assert "as a file says" not in report


async def test_a_sign_off_that_does_not_match_is_told_as_broken(sqlite: Database):
    session = signed(a_session()).model_copy(update={"signed_off_hash": "0" * 64})
    await taken(sqlite, session)
    assert await sign(sqlite, session) is Sign.BROKEN
    report = await said_in_the_report(sqlite, session)
    assert "Changed after it was signed off" in report
    assert "Signed off by" not in report


async def test_what_a_file_changes_in_a_signed_session_takes_the_sign_off_away(sqlite: Database):
    session = a_session()
    await taken(sqlite, signed(session))
    await taken(sqlite, signed(session, notes="Changed by somebody"), update=True)
    assert await sign(sqlite, session) is not Sign.VALID
