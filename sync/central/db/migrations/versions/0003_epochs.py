"""Epochs: each time that a central was set back to an earlier state, a new one begins. Districts of before have had
one."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "epoch",
        sa.Column("district", WORD, nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("id", WORD, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("copied_at", sa.BigInteger(), nullable=False),
        sa.Column("cause", WORD, nullable=False),
        sa.Column("proof", WORD, nullable=True),
        sa.PrimaryKeyConstraint("district", "n"),
    )
    districts = op.get_bind().execute(sa.text("SELECT code, created_at FROM district")).all()
    insert = sa.text(
        "INSERT INTO epoch (district, n, id, seq, begun_at, copied_at, cause) "
        "VALUES (:district, 1, :id, 0, :at, :at, 'created')"
    )
    for code, created_at in districts:
        op.get_bind().execute(insert, {"district": code, "id": f"1-{secrets.token_hex(8)}", "at": created_at})
