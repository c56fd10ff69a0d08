"""Which drafts of forms have become lines. Drafts, rounds and searches move to a file of the device's own; their tables
here stay for what a backup carries (`store.writer.carried_state`)."""

from alembic import op

from store.db.migrations.columns import number, text

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table("saved_draft", text("id", primary_key=True, nullable=False), number("at"))
