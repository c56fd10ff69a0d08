"""Bytes of attachments may lie in an outside store: since when, and triggers that let their parts go from here then."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

OF_WHOLE = (
    "EXISTS (SELECT 1 FROM blob b WHERE b.district = OLD.district AND b.bucket = OLD.bucket "
    "AND b.sha256 = OLD.sha256 AND b.whole_at IS NOT NULL)"
)
REFUSAL = "of whole bytes is refused: they are kept as they are"
ERASING = "EXISTS (SELECT 1 FROM erased_line e WHERE e.district = OLD.district)"
SAME = "NEW.district = OLD.district AND NEW.bucket = OLD.bucket AND NEW.sha256 = OLD.sha256"
ERASED = f"(NEW.erased_at IS NOT NULL AND NEW.whole_at IS NULL AND {SAME} AND {ERASING})"
MOVED = (
    f"(NEW.erased_at IS NULL AND NEW.whole_at IS NOT DISTINCT FROM OLD.whole_at AND NEW.size = OLD.size "
    f"AND NEW.received = OLD.received AND {SAME})"
)
IS_STORED = f"{OF_WHOLE[:-1]} AND b.stored_at IS NOT NULL)"


def upgrade() -> None:
    for name in ("sent_at", "stored_at"):
        op.add_column("blob", sa.Column(name, sa.BigInteger(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"""
CREATE OR REPLACE FUNCTION guanjia_keep_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF {OF_WHOLE} THEN
IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'blob' THEN
IF {ERASED} OR {MOVED} THEN RETURN NEW; END IF; END IF;
IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'blob_part' THEN IF {IS_STORED} THEN RETURN OLD; END IF; END IF;
RAISE EXCEPTION '% {REFUSAL}', TG_OP; END IF;
RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END; END $$
""")
        return
    for trigger in ("blob_no_update", "blob_part_no_delete"):
        op.execute(f"DROP TRIGGER {trigger}")
    op.execute(
        f"CREATE TRIGGER blob_no_update BEFORE UPDATE ON blob WHEN {OF_WHOLE} AND NOT {ERASED} AND NOT {MOVED} "
        f"BEGIN SELECT RAISE(ABORT, 'UPDATE {REFUSAL}'); END"
    )
    op.execute(
        f"CREATE TRIGGER blob_part_no_delete BEFORE DELETE ON blob_part WHEN {OF_WHOLE} AND NOT {IS_STORED} "
        f"BEGIN SELECT RAISE(ABORT, 'DELETE {REFUSAL}'); END"
    )
