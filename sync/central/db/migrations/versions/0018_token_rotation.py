"""The successor of a device's token, the one before, and when the present one was first used in its place."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("device", sa.Column("next_hash", WORD, nullable=True))
    op.add_column("device", sa.Column("former_hash", WORD, nullable=True))
    op.add_column("device", sa.Column("rotated_at", sa.BigInteger(), nullable=True))
