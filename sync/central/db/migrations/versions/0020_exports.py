"""Which records of exports the audit has, by the id that their devices gave them."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "export",
        sa.Column("district", WORD, primary_key=True),
        sa.Column("id", WORD, primary_key=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
    )
