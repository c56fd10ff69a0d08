"""Triggers that refuse to change or delete bytes of attachments that are whole and checked."""

from alembic import op

revision = "0026"
down_revision = "0025"

OF_WHOLE = (
    "EXISTS (SELECT 1 FROM blob b WHERE b.district = OLD.district AND b.bucket = OLD.bucket "
    "AND b.sha256 = OLD.sha256 AND b.whole_at IS NOT NULL)"
)
REFUSAL = "of whole bytes is refused: they are kept as they are"
FUNCTION = f"""
CREATE OR REPLACE FUNCTION guanjia_keep_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF {OF_WHOLE} THEN RAISE EXCEPTION '% {REFUSAL}', TG_OP; END IF;
RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END; END $$
"""


def upgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if is_postgresql:
        op.execute(FUNCTION)
    for table in ("blob", "blob_part"):
        if is_postgresql:
            op.execute(
                f"CREATE TRIGGER {table}_keep_whole BEFORE DELETE OR UPDATE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION guanjia_keep_whole()"
            )
            continue
        for act in ("DELETE", "UPDATE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} WHEN {OF_WHOLE} "
                f"BEGIN SELECT RAISE(ABORT, '{act} {REFUSAL}'); END"
            )
