"""Healing: versions that a device brought back, claims without a receipt, and who has come back in an epoch."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def word(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, WORD, nullable=nullable)


def number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "regained",
        word("district"),
        number("seq"),
        word("id"),
        word("proof"),
        sa.PrimaryKeyConstraint("district", "seq"),
    )
    op.create_index("regained_line", "regained", ["district", "id"])
    op.create_table(
        "claim", word("district"), number("seq"), word("id"), number("digest"), word("wire"), word("account"),
        word("device"), number("at"), word("decision", nullable=True), sa.PrimaryKeyConstraint("district", "seq"),
    )  # fmt: skip
    op.create_index("claim_line", "claim", ["district", "id"])
    op.create_table(
        "healing_device", word("district"), word("device"), number("epoch"), number("back_at"), number("regained"),
        number("claimed"), number("refused"), number("healed_at", nullable=True), number("equal_at", nullable=True),
        sa.PrimaryKeyConstraint("district", "device"),
    )  # fmt: skip
    op.create_index("audit_action", "audit", ["district", "action", "seq"])
