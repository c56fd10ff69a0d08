"""What colleagues gave in a meeting, apart from the ledger's lines, until the central has judged it."""

import sqlalchemy as sa
from alembic import op

from store.db.migrations.columns import number, text

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "provisional",
        text("id", primary_key=True, nullable=False),
        text("device_id", primary_key=True, nullable=False),
        number("stamp"),
        text("author_id", nullable=False),
        text("project_id"),
        text("bucket", nullable=False),
        sa.Column("wire", sa.LargeBinary(), nullable=False),
        number("at"),
    )
