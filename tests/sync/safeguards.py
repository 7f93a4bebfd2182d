"""The safeguards of the sync, each with what is left when somebody takes it out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path


@dataclass(frozen=True)
class Safeguard:
    """What `module` says, and what it says without the safeguard; `seeds` are runs that notice."""

    name: str
    module: str
    says: str
    without: str
    seeds: tuple[int, ...] = ()


@contextmanager
def removed(safeguard: Safeguard) -> Iterator[None]:
    """Run the block without the safeguard."""
    module = import_module(safeguard.module)
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    assert source.count(safeguard.says) == 1, f"{safeguard.name}: the program no longer says this once"
    before = dict(vars(module))
    _run(source.replace(safeguard.says, safeguard.without), module)
    try:
        yield
    finally:
        vars(module).update(before)


def _run(source: str, module: object) -> None:
    # Defined anew in the same module, so that everybody who asks it for a name gets the changed one.
    exec(compile(source, str(module.__file__), "exec"), vars(module))  # type: ignore[attr-defined]


INCOMING, OUTGOING, ENGINE = "desktop.sync.incoming", "desktop.sync.outgoing", "desktop.sync.engine"
FAMILIES = "desktop.sync.families"
CENTRE = "tests.sync.model_centre"
SAFEGUARDS = (
    Safeguard(
        "a clash is kept as a conflict",
        INCOMING,
        "            add_conflict(connection, name, row_id, clash)\n            applied",
        "            applied",
    ),
    Safeguard(
        "a delete that is taken back is kept as a conflict",
        FAMILIES,
        "False, False, True, hlc, origin)\n    add_conflict(connection, name, row_id, clash)",
        "False, False, True, hlc, origin)",
    ),
    Safeguard(
        "a version is only written over the one that it was made from",
        CENTRE,
        'if (0 if there is None else there[place(name, "rev")]) != base_rev:',
        "if base_rev < 0:",
    ),
    Safeguard(
        "an acknowledgement leaves what was edited meanwhile",
        OUTGOING,
        "f\"DELETE FROM sync_outbox WHERE tbl = '{name}' AND sending = change_no\")",
        "f\"DELETE FROM sync_outbox WHERE tbl = '{name}' AND sending IS NOT NULL\")",
    ),
    Safeguard(
        "what is in flight is sent again as it was",
        OUTGOING,
        "f\"UNION ALL SELECT {listed}, t.hlc{along} {waiting.format(f'sent_{name}')} != o.change_no ORDER BY 1\"",
        'f"UNION ALL SELECT {listed}, o.hlc{along} {waiting.format(name)} != o.change_no ORDER BY 1"',
    ),
    Safeguard(
        "what was accepted and edited again has the accepted version in common",
        OUTGOING,
        "f\"SELECT {', '.join(moved.get(column, column) for column in columns)} FROM sent_{name}\",",
        "f\"SELECT {', '.join(moved.get(column, column) for column in columns)} FROM sent_{name} WHERE ?1 < 0\",",
    ),
    Safeguard(
        "a restored centre is noticed",
        ENGINE,
        "if standing.tip is None or await self._knows([standing.tip]) is not None:",
        "if standing is not None:",
    ),
    Safeguard(
        "parents come along with a page",
        CENTRE,
        'if above[0] not in listed and above[place(parent, "srv_seq")] > to:',
        "if above == ():",
    ),
    Safeguard(
        "an acknowledged push is part of the history",
        OUTGOING,
        "    remember(connection, [(answer.seq, answer.chain)])\n",
        "",
    ),
    Safeguard(
        "the head that a page was read at is part of the history",
        INCOMING,
        "remember(connection, [*page.links, (page.head, page.head_chain)])",
        "remember(connection, [*page.links])",
    ),
    Safeguard(
        "nothing is written under what is deleted",
        CENTRE,
        'if row[place(name, "deleted")] and row[place(name, "srv_seq")] != self.head:',
        "if row == ():",
    ),
    Safeguard(
        "a batch says which one it follows",
        CENTRE,
        "if (replica.last_batch, replica.chain) != (batch.number - 1, batch.chain_before):",
        "if batch.number < 0:",
    ),
    Safeguard("an identity is proved", ENGINE, "        if known not in mine:", "        if known is None:"),
    Safeguard(
        "a delete has seen all",
        CENTRE,
        "if batch.holds_delete and self.head != batch.cursor:",
        "if batch.number < 0:",
    ),
    Safeguard(
        "a conflict goes with its record",
        CENTRE,
        "if along and row_id not in accepted[tbl]:",
        "if along is None:",
    ),
    Safeguard(
        "what a child needs above it lives again",
        FAMILIES,
        "wanted = {row[0] for query in below for row in connection.execute(query)}",
        "wanted = set[bytes]()",
    ),
    Safeguard(
        "a delete that is not sent yet gives way to what comes in",
        FAMILIES,
        "if _has_unsent_deletes(connection, name):",
        "if name is None:",
    ),
    Safeguard(
        "rows of the centre are no edits",
        INCOMING,
        '    connection.execute("UPDATE sync_state SET applying = 1")\n',
        '    connection.execute("UPDATE sync_state SET applying = 0")\n',
    ),
    Safeguard(
        "a lost answer is found again",
        ENGINE,
        "        elif batch is not None and known == (batch.number, batch.chain) and hello.last_answer is not None:",
        "        elif batch is None and hello.last_answer is None and batch is not None:",
    ),
)
