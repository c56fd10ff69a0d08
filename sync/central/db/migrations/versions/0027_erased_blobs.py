"""Bytes of attachments may be erased: since when they are, and triggers that let whole ones be so."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

OF_WHOLE = (
    "EXISTS (SELECT 1 FROM blob b WHERE b.district = OLD.district AND b.bucket = OLD.bucket "
    "AND b.sha256 = OLD.sha256 AND b.whole_at IS NOT NULL)"
)
REFUSAL = "of whole bytes is refused: they are kept as they are"
ERASING = "EXISTS (SELECT 1 FROM erased_line e WHERE e.district = OLD.district)"
SAME = "NEW.district = OLD.district AND NEW.bucket = OLD.bucket AND NEW.sha256 = OLD.sha256"


def upgrade() -> None:
    op.add_column("blob", sa.Column("erased_at", sa.BigInteger(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"""
CREATE OR REPLACE FUNCTION guanjia_keep_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF {OF_WHOLE} THEN
IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'blob' THEN
IF to_jsonb(NEW)->>'erased_at' IS NOT NULL AND to_jsonb(NEW)->>'whole_at' IS NULL AND {SAME} AND {ERASING}
THEN RETURN NEW; END IF; END IF;
RAISE EXCEPTION '% {REFUSAL}', TG_OP; END IF;
RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END; END $$
""")
        return
    op.execute("DROP TRIGGER blob_no_update")
    op.execute(
        f"CREATE TRIGGER blob_no_update BEFORE UPDATE ON blob WHEN {OF_WHOLE} "
        f"AND NOT (NEW.erased_at IS NOT NULL AND NEW.whole_at IS NULL AND {SAME} AND {ERASING}) "
        f"BEGIN SELECT RAISE(ABORT, 'UPDATE {REFUSAL}'); END"
    )
