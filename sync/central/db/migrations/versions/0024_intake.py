"""The log of what the central took in: an entry for each write that accepts versions, and its tail of each district."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("district", sa.Column("intake", WORD, nullable=True))
    op.create_table(
        "intake",
        sa.Column("district", WORD, primary_key=True),
        sa.Column("n", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("numbers", WORD, nullable=False),
        sa.Column("leaves", WORD, nullable=False),
        sa.Column("nodes", WORD, nullable=False),
    )
    op.create_index("intake_seq", "intake", ["district", "last_seq"])
