"""What columns of tables are, as people said it, by heading."""

from alembic import op

from store.db.migrations.columns import envelope, text

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.create_table(
        "column_meaning",
        *envelope(),
        text("ledger", nullable=False),
        text("heading", nullable=False),
        text("field", nullable=False),
    )
