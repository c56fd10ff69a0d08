"""What a device last said of itself: the version of its program, its unsent and refused lines, its clock."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("device", sa.Column("program", WORD, nullable=True))
    op.add_column("device", sa.Column("unsent", sa.BigInteger(), nullable=True))
    op.add_column("device", sa.Column("refused", sa.BigInteger(), nullable=True))
    op.add_column("device", sa.Column("offset_ms", sa.BigInteger(), nullable=True))
