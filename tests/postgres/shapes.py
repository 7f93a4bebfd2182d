"""What PostgreSQL knows of a centre's shape and rules, as text that can be compared."""

from desktop.centre.schema import VERSIONS
from tests.postgres.centres import Office

# Everything that PostgreSQL knows of the shape of tables, as text.
SHAPE = """
SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
    || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
    || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND contype <> 't'
UNION ALL
SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
ORDER BY 1
"""
# Its triggers, functions, policies and grants.
RULES = """
SELECT relname || coalesce(relacl::text, '') || relrowsecurity || relforcerowsecurity FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
UNION ALL
SELECT attrelid::regclass || attname || attacl::text FROM pg_attribute
WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace) AND attacl IS NOT NULL
UNION ALL
SELECT tgrelid::regclass || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT tablename || policyname || coalesce(qual, '') || coalesce(with_check, '') FROM pg_policies
UNION ALL
SELECT proname || prosrc || proacl::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL
SELECT nspname || nspacl::text FROM pg_namespace WHERE nspname = 'public'
ORDER BY 1
"""


async def shape(office: Office) -> list[str]:
    """Return the tables of a centre, a line a column, constraint and index."""
    async with office.owner() as owner:
        rows = [row[0] for row in await owner.fetch(SHAPE)]
    return [line for line in rows if VERSIONS not in line]


async def rules(office: Office) -> list[str]:
    """Return what is allowed and watched in a centre, a line each."""
    async with office.owner() as owner:
        return [row[0] for row in await owner.fetch(RULES)]
