"""Rules of the district: how many attached files an act on an issue needs."""

from alembic import op

from store.db.migrations.columns import envelope, small, text

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_table(
        "file_rule",
        *envelope(),
        text("act", nullable=False),
        small("files"),
        text("category"),
        text("valid_from", nullable=False),
        text("valid_until"),
        text("note"),
    )
