"""Guards: what no laptop and no slip of an administrator may do to a centre, whatever is granted.

They look at whole statements by transition tables; a trigger for each row would take as long as the writing itself.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

RECORDS = ("people", "protocols", "sessions", "task_results", "metrics", "conflicts")
APPEND_ONLY = ("ledger", "history")
# A head that was raised in this very transaction: no ledger row counts it yet, and nobody has pulled it.
OPEN = (
    "s.head > 0 AND NOT EXISTS "
    "(SELECT FROM public.ledger l WHERE l.centre_id = s.centre_id AND l.seq = s.head)"
)
FUNCTIONS = {
    "kinelog_new_rows": f"""
        IF EXISTS (
            SELECT FROM new_rows n LEFT JOIN public.stream s ON s.centre_id = n.centre_id AND {OPEN}
            WHERE n.rev <> 1 OR n.srv_seq IS DISTINCT FROM s.head
        ) THEN
            RAISE EXCEPTION 'A new row of % has rev 1 and the number of the push that writes it.', TG_TABLE_NAME;
        END IF;
        RETURN NULL;
    """,
    "kinelog_edited_rows": f"""
        IF (SELECT count(*) FROM new_rows) <> (
            SELECT count(*) FROM new_rows n
            JOIN old_rows o ON o.centre_id = n.centre_id AND o.id = n.id
            JOIN public.stream s ON s.centre_id = n.centre_id AND {OPEN}
            WHERE n.rev = o.rev + 1 AND n.srv_seq = s.head
        ) THEN
            RAISE EXCEPTION
                'An edited row of % keeps its id, its rev rises by 1, and it has the number of the push.',
                TG_TABLE_NAME;
        END IF;
        INSERT INTO public.history (centre_id, tbl, id, rev, image, at)
        SELECT o.centre_id, TG_TABLE_NAME, o.id, o.rev, to_jsonb(o), clock_timestamp() FROM old_rows o;
        RETURN NULL;
    """,
    "kinelog_stream": """
        IF (SELECT count(*) FROM new_rows) <> (
            SELECT count(*) FROM new_rows n JOIN old_rows o ON o.centre_id = n.centre_id
            WHERE n.head = o.head + 1 AND n.chain <> o.chain
            AND (n.central_uuid, n.schema_version, n.min_client_schema, n.purge_floor)
                = (o.central_uuid, o.schema_version, o.min_client_schema, o.purge_floor)
        ) THEN
            RAISE EXCEPTION 'The head rises by 1 with a new chain, and nothing else changes.';
        END IF;
        RETURN NULL;
    """,
    "kinelog_ledger": """
        IF EXISTS (
            SELECT FROM new_rows n LEFT JOIN public.stream s ON s.centre_id = n.centre_id AND s.head > 0
            WHERE n.seq IS DISTINCT FROM s.head OR n.chain IS DISTINCT FROM s.chain
        ) THEN
            RAISE EXCEPTION 'A row of the ledger has the number and the chain of the head.';
        END IF;
        RETURN NULL;
    """,
    "kinelog_counted": """
        IF NOT EXISTS (
            SELECT FROM public.ledger l
            WHERE l.centre_id = NEW.centre_id AND l.seq = NEW.head AND l.chain = NEW.chain
        ) THEN
            RAISE EXCEPTION 'A head that was raised has its row in the ledger.';
        END IF;
        RETURN NULL;
    """,
    "kinelog_never": """
        RAISE EXCEPTION '% is not done to % of a centre.', TG_OP, TG_TABLE_NAME;
    """,
}


def upgrade() -> None:
    for name, body in FUNCTIONS.items():
        # Nested loops are what a plan for few rows would be, and it would be kept for many.
        op.execute(
            f"CREATE FUNCTION public.{name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
            f"SET search_path = pg_catalog, pg_temp SET enable_nestloop = off AS $$ BEGIN {body} END $$"
        )
        op.execute(f"REVOKE ALL ON FUNCTION public.{name}() FROM PUBLIC")
    for table in RECORDS:
        _watch(table, "kinelog_new_rows", "AFTER INSERT", "REFERENCING NEW TABLE AS new_rows")
        both = "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows"
        _watch(table, "kinelog_edited_rows", "AFTER UPDATE", both)
        _watch(table, "kinelog_never", "BEFORE DELETE OR TRUNCATE")
    both = "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows"
    _watch("stream", "kinelog_stream", "AFTER UPDATE", both)
    _watch("stream", "kinelog_never", "BEFORE DELETE OR TRUNCATE")
    _watch("ledger", "kinelog_ledger", "AFTER INSERT", "REFERENCING NEW TABLE AS new_rows")
    for table in APPEND_ONLY:
        _watch(table, "kinelog_never", "BEFORE UPDATE OR DELETE OR TRUNCATE")
    # At the end of the transaction: the row of the ledger is the last one that a push writes.
    op.execute(
        "CREATE CONSTRAINT TRIGGER kinelog_counted AFTER UPDATE ON public.stream "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.kinelog_counted()"
    )


def _watch(table: str, function: str, when: str, transition: str = "") -> None:
    op.execute(
        f"CREATE TRIGGER {function} {when} ON public.{table} {transition} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION public.{function}()"
    )


def downgrade() -> None:
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION public.{name}() CASCADE")
