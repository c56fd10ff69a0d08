"""Finds what was taken back or given up among all versions (`store.queries.bin`)."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    binned = sa.text("reason IN ('taken_back', 'rejected')")
    op.create_index("history_binned", "history", ["id"], sqlite_where=binned)
