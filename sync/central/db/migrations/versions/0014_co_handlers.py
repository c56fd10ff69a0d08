"""The departments that co-handle an issue, beside the one that its bucket has: each of them sees it."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def word(name: str) -> sa.Column[str]:
    return sa.Column(name, WORD, nullable=False)


def upgrade() -> None:
    op.create_table(
        "co_handler", word("district"), word("bucket"), word("department"),
        sa.PrimaryKeyConstraint("district", "bucket", "department"),
    )  # fmt: skip
    op.create_index("co_handler_department", "co_handler", ["district", "department"])
