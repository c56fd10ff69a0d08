"""Which drafts of forms have become lines. Drafts, rounds and searches move to a file of the device's own; the tables
``carried_draft`` and ``carried_round`` hold what a backup carries (`store.writer.carried_state`). The old names are
gone, so that a process of an older version fails rather than writes drafts that nobody reads."""

from alembic import op

from store.db.migrations.columns import number, text

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table("saved_draft", text("id", primary_key=True, nullable=False), number("at"))
    op.create_table(
        "carried_draft",
        text("id", primary_key=True, nullable=False),
        text("key", nullable=False),
        text("body", nullable=False),
        number("at"),
    )
    op.execute(
        "INSERT INTO carried_draft (id, key, body, at) SELECT lower(hex(randomblob(8))), key, body, at FROM draft"
    )
    op.drop_table("draft")
    op.rename_table("round", "carried_round")
