"""People of whom what is held is erased."""

from alembic import op

from store.db.migrations.columns import envelope, text

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    said = [text(name, nullable=False) for name in ("person_id", "reason", "basis")]
    op.create_table("erasure", *envelope(), *said)
    op.create_index("erasure_person", "erasure", ["person_id"])
