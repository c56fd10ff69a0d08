"""Which lines have fields that are not valid, whoever let them in (`store.writer.quarantine`)."""

from alembic import op

from store.db.migrations.columns import number, text

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "quarantine",
        text("id", primary_key=True, nullable=False),
        text("kind", nullable=False),
        text("fields", nullable=False),
        number("at"),
    )
