"""Attachments: files of lines. Their bytes are not in the ledger's file."""

from alembic import op

from store.db.migrations.columns import envelope, number, small, text

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "attachment",
        *envelope(),
        text("of_kind", nullable=False),
        text("of_id", nullable=False),
        text("issue_id"),
        text("name", nullable=False),
        text("media_type", nullable=False),
        number("size"),
        text("sha256", nullable=False),
        text("copy_type"),
        number("copy_size", nullable=True),
        text("copy_sha256"),
        small("width", nullable=True),
        small("height", nullable=True),
        text("taken_at"),
        text("place"),
        text("words"),
    )
    op.create_index("attachment_of", "attachment", ["of_id"])
    op.create_index("attachment_issue", "attachment", ["issue_id"])
    op.create_index("attachment_project", "attachment", ["project_id"])
