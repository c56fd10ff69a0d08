"""Erased people: which lines are about them, and triggers that let the texts of their versions be emptied, only that.

SQLite keeps parts of changed rows in its file until that is written anew, which the upgrade does afterwards.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DETAIL = "'{\"erased\"\\:true}'"
ABOUT = {"version": "e.district = OLD.district AND e.id = OLD.id", "audit": "e.district = OLD.district"}
EMPTIED = {"audit": "detail", "version": "wire"}
KEPT = {
    "audit": ("district", "seq", "at", "account", "device", "action", "link"),
    "version": (
        "district", "seq", "id", "bucket", "stamp", "device", "digest", "account", "received_at", "sender",
        "from_stamp", "reason", "replaced_at",
    ),
}  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "erased_line", sa.Column("district", WORD, nullable=False), sa.Column("id", WORD, nullable=False),
        sa.PrimaryKeyConstraint("district", "id"),
    )  # fmt: skip
    if op.get_bind().dialect.name == "postgresql":
        guard_postgresql()
    else:
        guard_sqlite()


def guard_sqlite() -> None:
    wire = (
        "CASE WHEN json_valid(OLD.wire) THEN json_set(OLD.wire, '$.body', json('{\"erased\"\\:true}')) "
        'ELSE \'{"body":{"erased"\\:true}}\' END'
    )
    for table, column in EMPTIED.items():
        op.execute(f"DROP TRIGGER {table}_no_update")
        same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in KEPT[table])
        erased = wire if table == "version" else DETAIL
        about = f"EXISTS (SELECT 1 FROM erased_line e WHERE {ABOUT[table]})"
        op.execute(
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
            f"WHEN NOT (NEW.{column} = {erased} AND {same} AND {about}) "
            f"BEGIN SELECT RAISE(ABORT, 'UPDATE of {table} is refused: the ledger is append-only'); END"
        )


def guard_postgresql() -> None:
    op.execute("""
CREATE OR REPLACE FUNCTION guanjia_erased(wire text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN RETURN jsonb_set(wire::jsonb, '{body}', '{"erased": true}')::text;
EXCEPTION WHEN others THEN RETURN '{"body": {"erased": true}}'; END $$
""")
    for table, column in EMPTIED.items():
        erased = "guanjia_erased(OLD.wire)" if table == "version" else DETAIL
        op.execute(f"""
CREATE OR REPLACE FUNCTION guanjia_erase_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF to_jsonb(NEW) - '{column}' = to_jsonb(OLD) - '{column}' AND NEW.{column} = {erased}
AND EXISTS (SELECT FROM erased_line e WHERE {ABOUT[table]}) THEN RETURN NEW; END IF;
RAISE EXCEPTION '% of % is refused: the ledger is append-only', TG_OP, TG_TABLE_NAME; END $$
""")
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION guanjia_append_only()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_erase_only BEFORE UPDATE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION guanjia_erase_{table}()"
        )
    op.execute("""
CREATE OR REPLACE FUNCTION guanjia_erase(place text, lines text[], events bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN UPDATE version SET wire = guanjia_erased(wire) WHERE district = place AND id = ANY(lines)
AND wire <> guanjia_erased(wire);
UPDATE audit SET detail = '{"erased"\\:true}' WHERE district = place AND seq = ANY(events); END $$
""")
    op.execute("REVOKE ALL ON FUNCTION guanjia_erase FROM PUBLIC")
