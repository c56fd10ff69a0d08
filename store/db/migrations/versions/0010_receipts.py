"""The central's receipts of line versions, a row for each transaction that brought some (`store.writer.healing`),
and what the device keeps for a central that is set back."""

import sqlalchemy as sa
from alembic import op

from store.db.migrations.columns import number, text

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "receipt",
        sa.Column("n", sa.Integer(), primary_key=True),
        number("at"),
        sa.Column("digests", sa.LargeBinary(), nullable=False),
        sa.Column("tags", sa.LargeBinary(), nullable=False),
    )
    op.create_table("kept_roster", text("mark", primary_key=True, nullable=False), text("sealed", nullable=False))
