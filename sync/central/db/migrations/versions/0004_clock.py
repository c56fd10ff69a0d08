"""Bounds of the clock: the latest time at which anything was written, and what devices say of a doubtful clock."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_LATEST = "SELECT max(received_at) FROM line WHERE line.district = district.code"


def upgrade() -> None:
    op.add_column("district", sa.Column("clock_mark", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("district", sa.Column("clock_doubt_ms", sa.BigInteger(), nullable=True))
    op.execute(f"UPDATE district SET clock_mark = coalesce(({_LATEST}), created_at)")
    op.create_table(
        "clock_report",
        sa.Column("district", WORD, nullable=False),
        sa.Column("device", WORD, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("off_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("district", "device"),
    )
