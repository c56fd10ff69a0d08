"""Repairs of what was stamped while the clock was ahead: whether one is due, and those that were made."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("district", sa.Column("repair_due", sa.BigInteger(), nullable=True))
    op.add_column("district", sa.Column("clock_repairs", WORD, nullable=True))
