"""What a pull asks the centre: one statement, so that all of it is of one moment, and one way there and back."""

from desktop.sync.tables import NAMES, PARENTS

MOST_COMMITS = 10_000
# $1 is the centre, $2 the cursor, $3 about how many rows; a commit is never split.
_BOUND = f"""
WITH bound AS MATERIALIZED (
    SELECT coalesce(max(seq), $2) AS upto FROM (
        SELECT seq, sum(n_rows) OVER (ORDER BY seq) AS total FROM ledger
        WHERE centre_id = $1 AND seq > $2 ORDER BY seq LIMIT {MOST_COMMITS}
    ) counted WHERE total <= $3 OR seq = $2 + 1
)"""
_UPTO = "(SELECT upto FROM bound)"


def pull_query() -> str:
    """Return the statement: the bound, head and chain, the commits with their chains, and the rows of each table."""
    commits = f"FROM ledger WHERE centre_id = $1 AND seq > $2 AND seq <= {_UPTO} ORDER BY seq"
    tables = ",\n".join(f"ARRAY({_rows(name)}) AS {name}" for name in NAMES)
    return (
        f"{_BOUND} SELECT {_UPTO} AS upto, s.head, s.chain, ARRAY(SELECT seq {commits}) AS seqs, "
        f"ARRAY(SELECT chain {commits}) AS chains,\n{tables}\nFROM stream s WHERE s.centre_id = $1"
    )


def _rows(name: str) -> str:
    """Return the query for a table's rows: those of the commits, and parents of such that have become newer."""
    query = f"SELECT t FROM {name} t WHERE {_within('t')}"
    if name == "task_results":
        query += f" UNION ALL SELECT t FROM task_results t WHERE {_newer_parent('metrics')}"
    if name == "sessions":
        query += (
            f" UNION ALL SELECT t FROM sessions t WHERE ({_newer_parent('task_results')}) "
            "OR (t.centre_id = $1 AND t.srv_seq > (SELECT upto FROM bound) AND t.id IN ("
            "SELECT k.session_id FROM metrics m JOIN task_results k ON k.centre_id = $1 AND k.id = m.task_id "
            f"WHERE {_within('m')} AND k.srv_seq > {_UPTO}))"
        )
    return query


def _newer_parent(child: str) -> str:
    _, column = PARENTS[child]
    below = f"SELECT c.{column} FROM {child} c WHERE {_within('c')}"
    return f"t.centre_id = $1 AND t.srv_seq > {_UPTO} AND t.id IN ({below})"


def _within(alias: str) -> str:
    return f"{alias}.centre_id = $1 AND {alias}.srv_seq > $2 AND {alias}.srv_seq <= {_UPTO}"
