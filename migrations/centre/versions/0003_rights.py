"""Who may do what: laptops are members of `kinelog_device`, and each sees the rows of its own centre alone.

Whose session it is, is asked of PostgreSQL and never of a setting, which a client could choose. What a laptop may do in
the database as a whole is no part of its schema: see `desktop.centre.admin`.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

RECORDS = ("people", "protocols", "sessions", "task_results", "metrics", "conflicts")
READ = (*RECORDS, "stream", "replica", "ledger")
HIDDEN = ("device", "history")
MINE = (
    "centre_id = (SELECT public.kinelog_centre())"  # a subquery runs once a statement, a bare call once a row
)
MY_REPLICA = f"{MINE} AND role_name = session_user AND NOT revoked"
MY_PUSH = (
    f"{MINE} AND EXISTS (SELECT FROM public.replica r WHERE r.centre_id = ledger.centre_id "
    "AND r.replica_id = ledger.replica_id AND r.role_name = session_user AND NOT r.revoked)"
)


def upgrade() -> None:
    _create_role()
    op.execute(
        "CREATE FUNCTION public.kinelog_centre() RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER "
        "SET search_path = pg_catalog, pg_temp AS "
        "$$ SELECT centre_id FROM public.device WHERE role_name = session_user AND NOT revoked $$"
    )
    op.execute("REVOKE ALL ON FUNCTION public.kinelog_centre() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION public.kinelog_centre() TO kinelog_device")
    op.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    op.execute("GRANT USAGE ON SCHEMA public TO kinelog_device")
    for table in (*READ, *HIDDEN):
        op.execute(f"ALTER TABLE public.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE public.{table} FORCE ROW LEVEL SECURITY")
    for table in READ:
        op.execute(f"GRANT SELECT ON public.{table} TO kinelog_device")
        _allow(table, "SELECT", using=MINE)
    for table in RECORDS:
        _grant_columns(table)
        _allow(table, "INSERT", check=MINE)
        _allow(table, "UPDATE", using=MINE, check=MINE)
    _let_push()


def _create_role() -> None:
    """Make the group of all laptops, which the server may have from another centre."""
    op.execute(
        "DO $$ BEGIN CREATE ROLE kinelog_device NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )


def _grant_columns(table: str) -> None:
    """Let laptops write new rows, and every column of them again but what tells whose and which they are."""
    op.execute(
        f"""
        DO $$ DECLARE every text; recorded text; BEGIN
            SELECT string_agg(format('%I', attname), ', '),
                string_agg(format('%I', attname), ', ') FILTER (WHERE attname NOT IN ('centre_id', 'id'))
                INTO every, recorded FROM pg_attribute
                WHERE attrelid = 'public.{table}'::regclass AND attnum > 0 AND NOT attisdropped;
            EXECUTE format(
                'GRANT INSERT (%s), UPDATE (%s) ON public.{table} TO kinelog_device', every, recorded
            );
        END $$
        """
    )


def _let_push() -> None:
    op.execute("GRANT UPDATE (head, chain) ON public.stream TO kinelog_device")
    _allow("stream", "UPDATE", using=MINE, check=MINE)
    op.execute(
        "GRANT INSERT (centre_id, replica_id, role_name, last_batch, chain, last_seen), "
        "UPDATE (last_batch, chain, last_result, acked_seq, last_seen) ON public.replica TO kinelog_device"
    )
    _allow("replica", "INSERT", check=MY_REPLICA)
    _allow("replica", "UPDATE", using=MY_REPLICA, check=MY_REPLICA)
    op.execute("GRANT INSERT ON public.ledger TO kinelog_device")
    _allow("ledger", "INSERT", check=MY_PUSH)


def _allow(table: str, what: str, *, using: str = "", check: str = "") -> None:
    rule = (f" USING ({using})" if using else "") + (f" WITH CHECK ({check})" if check else "")
    op.execute(f"CREATE POLICY kinelog_{what.lower()} ON public.{table} FOR {what} TO kinelog_device{rule}")


def downgrade() -> None:
    for table in (*READ, *HIDDEN):
        for what in ("select", "insert", "update"):
            op.execute(f"DROP POLICY IF EXISTS kinelog_{what} ON public.{table}")
        op.execute(f"ALTER TABLE public.{table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE public.{table} DISABLE ROW LEVEL SECURITY")
        op.execute(f"REVOKE ALL ON public.{table} FROM kinelog_device")
    op.execute("REVOKE ALL ON SCHEMA public FROM kinelog_device")
    op.execute("DROP FUNCTION public.kinelog_centre()")
