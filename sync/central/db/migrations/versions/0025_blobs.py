"""The bytes of attachments, in parts: by bucket and content."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "blob",
        sa.Column("district", WORD, primary_key=True),
        sa.Column("bucket", WORD, primary_key=True),
        sa.Column("sha256", WORD, primary_key=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("whole_at", sa.BigInteger(), nullable=True),
    )
    op.create_table(
        "blob_part",
        sa.Column("district", WORD, primary_key=True),
        sa.Column("bucket", WORD, primary_key=True),
        sa.Column("sha256", WORD, primary_key=True),
        sa.Column("place", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
    )
