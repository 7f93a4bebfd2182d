"""Finding sessions by words, on both databases alike."""

from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop import crud
from desktop.database import Database
from desktop.listing import session_entries
from desktop.schemas import NewSession, NewTaskResult
from desktop.search import fold

NAMES = [
    "Zoë Łukasik",
    "José Núñez",
    "Straße Weiß",
    "شَهْد عبد الله",
    "李小龍",
    "O'Brien 100%",
    "under_score",
    'Ann "Bo" Lee',
    "John Doe",
]


async def add(database: Database, actor: UUID, name: str, **fields: object) -> UUID:
    async with database.write(actor=actor) as db:
        new = NewSession.model_validate({"child_name": name, "child_age": 8, **fields})
        return (await crud.create_session(db, new)).id


async def found(database: Database, search: str) -> list[str]:
    """Return the names found, through the list of the window and through crud, which must agree."""
    async with database.read() as db:
        sessions = await crud.list_sessions(db, search=search)
    entries = await session_entries(database, search)
    assert entries.ids == [session.id for session in sessions]
    return sorted(session.child_name for session in sessions)


@pytest.fixture
async def many(database: Database, actor: UUID) -> Database:
    for name in NAMES:
        await add(database, actor, name)
    return database


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("zoe", ["Zoë Łukasik"]),
        ("zoË", ["Zoë Łukasik"]),
        ("ZOE\u0308", ["Zoë Łukasik"]),
        ("nunez jose", ["José Núñez"]),
        ("STRASSE", ["Straße Weiß"]),
        ("weiss", ["Straße Weiß"]),
        ("شهد", ["شَهْد عبد الله"]),
        ("الله", ["شَهْد عبد الله"]),
        ("李", ["李小龍"]),
        ("小龍", ["李小龍"]),
        ("李小龍", ["李小龍"]),
        ("%", ["O'Brien 100%"]),
        ("100%", ["O'Brien 100%"]),
        ("o'b", ["O'Brien 100%"]),
        ("_", ["under_score"]),
        ("r_s", ["under_score"]),
        ('"', ['Ann "Bo" Lee']),
        ('"bo"', ['Ann "Bo" Lee']),
        ('"bo" ann', ['Ann "Bo" Lee']),
        ("i", ["O'Brien 100%", "Straße Weiß", "Zoë Łukasik"]),  # no code has an i or an o
        ("oe", ["John Doe", "Zoë Łukasik"]),
        ("doe john", ["John Doe"]),
        ("oh oe", ["John Doe"]),
        ("john ann", []),
        ("johndoe", []),
        ("jane", []),
        ("*", []),
        ("doe OR ann", []),
        ("NEAR(john doe)", []),
        ("john*", []),
        ("-doe", []),
        ("\\", []),
        ("'; DROP TABLE sessions; --", []),
    ],
)
async def test_words_find_names_whatever_their_case_accents_and_order(
    many: Database, search: str, names: list[str]
):
    assert await found(many, search) == names


@pytest.mark.parametrize("search", ["", "  ", "\t\n", "\u0301"])
async def test_no_word_finds_all(many: Database, search: str):
    assert await found(many, search) == sorted(NAMES)


@pytest.mark.parametrize(
    "search", ["joh\0n", "\0", "jo\u200dhn", "\u202ejohn", "jo\u00adhn", "john\ud800", "\ud800"]
)
async def test_what_no_keyboard_types_is_overlooked(many: Database, search: str):
    assert "John Doe" in await found(many, search)


@given(search=st.text(st.characters(exclude_categories=()), max_size=12))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_is_typed_breaks_the_search(search: str):
    """The folded words can always be written, and folding twice is folding once."""
    folded = fold(search)
    assert folded == fold(folded)
    assert "\0" not in folded
    folded.encode()


@pytest.mark.parametrize(
    "search",
    [
        '"', '""', 'a"b', "(((", "^a", "{a}", "a:b", "a AND", "%%%", "___", "ab\\%c", "'", "--", "%", "_", "NEAR(",
        "NEAR(a b, 2)", "*", "abc*", "-abc", "OR", "a OR b", "NOT", "words:abc", "+abc", '"abc', "\\", "?", ":words",
        "'; DROP TABLE sessions; --", "' OR 1=1 --", "<b>abc</b>",
    ],
)  # fmt: skip
async def test_signs_of_query_languages_are_letters_like_others(database: Database, actor: UUID, search: str):
    await add(database, actor, f"x{search}y")
    await add(database, actor, "plain")
    assert await found(database, search) == [f"x{search}y"]


async def test_a_session_is_found_by_all_its_texts(database: Database, actor: UUID):
    session_id = await add(database, actor, "John Doe", child_identifier="K-1204", notes="Shy at first")
    await add(database, actor, "Other")
    async with database.write(actor=actor) as db:
        session = await crud.get_session(db, session_id)
        await crud.create_task_result(db, session_id, NewTaskResult(task_name="walk", notes="Fell twice"))
    for search in (
        "k-1204",
        "shy",
        "first fell",
        "twice john",
        session.child_code,
        session.child_code[:4].lower(),
    ):
        assert await found(database, search) == ["John Doe"], search


async def test_what_was_changed_is_found_by_its_new_words_only(database: Database, actor: UUID):
    session_id = await add(database, actor, "Jon Dow", notes="shy")
    other = NewSession(child_name="Other", child_age=8)
    async with database.write(actor=actor) as db:
        await crud.create_session(db, other)
        task = await crud.create_task_result(db, session_id, NewTaskResult(task_name="walk", notes="fell"))
    async with database.write(actor=actor) as db:
        await crud.update_session(db, session_id, {"child_name": "John Doe", "notes": "tired"})
        await crud.update_task_result(db, task.id, {"notes": "stumbled"})
    for search in ("john doe", "tired", "stumbled"):
        assert await found(database, search) == ["John Doe"]
    for search in ("dow", "shy", "fell"):
        assert await found(database, search) == []


async def test_what_is_deleted_is_not_found_until_it_is_restored(database: Database, actor: UUID):
    session_id = await add(database, actor, "John Doe")
    async with database.write(actor=actor) as db:
        task = await crud.create_task_result(db, session_id, NewTaskResult(task_name="walk", notes="fell"))
    async with database.write(actor=actor) as db:
        await crud.delete_task_result(db, task.id)
    assert await found(database, "fell") == []
    async with database.write(actor=actor) as db:
        await crud.restore_task_result(db, task.id)
        await crud.delete_session(db, session_id)
    assert await found(database, "fell") == await found(database, "john") == []
    async with database.write(actor=actor) as db:
        await crud.restore_session(db, session_id)
    assert await found(database, "fell") == await found(database, "john") == ["John Doe"]


async def test_a_rolled_back_name_is_not_found(database: Database, actor: UUID):
    session_id = await add(database, actor, "John Doe")

    async def fail() -> None:
        async with database.write(actor=actor) as db:
            await crud.update_session(db, session_id, {"child_name": "Never"})
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        await fail()
    assert await found(database, "never") == []
    assert await found(database, "john") == ["John Doe"]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Zoë", "zoe"),
        ("ÅNGSTRÖM", "angstrom"),
        ("  two   words\n", "two words"),
        ("ﬁne", "fine"),
        ("İstanbul", "istanbul"),
        ("أحمد", "احمد"),
        ("ＦＵＬＬ", "full"),
        ("Ⅷ", "viii"),
        ("Ω", "ω"),
    ],
)
def test_folding_leaves_what_the_ear_hears(text: str, folded: str):
    assert fold(text) == folded
