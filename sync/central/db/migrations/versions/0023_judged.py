"""Up to which stamp the central has judged all that a device wrote, as the device says: for those that it met."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "judged",
        sa.Column("district", WORD, primary_key=True),
        sa.Column("device", WORD, primary_key=True),
        sa.Column("until", sa.BigInteger(), nullable=False),
    )
