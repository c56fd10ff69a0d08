"""Lines that a person's roles do not let them write, kept apart until the bureau decides."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def word(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, WORD, nullable=nullable)


def number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "proposal", word("district"), number("seq"), word("id"), number("digest"), word("wire"), word("account"),
        word("device"), number("at"), word("decision", nullable=True), sa.PrimaryKeyConstraint("district", "seq"),
    )  # fmt: skip
    op.create_index("proposal_line", "proposal", ["district", "id"])
