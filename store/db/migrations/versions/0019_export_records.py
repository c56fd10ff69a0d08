"""What was written to files that leave the program, until the central's audit has it."""

from alembic import op

from store.db.migrations.columns import number, text

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "export_record",
        text("id", primary_key=True, nullable=False),
        number("at"),
        text("person_id", nullable=False),
        text("what", nullable=False),
        text("file_kind", nullable=False),
        number("rows"),
    )
