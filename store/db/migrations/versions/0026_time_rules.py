"""Time rules of the district, the urgency of issues, whom a waiting issue waits for, and which rule gave a due date."""

import sqlalchemy as sa
from alembic import op

from store.db.migrations.columns import envelope, small, text

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "time_rule",
        *envelope(),
        small("days"),
        text("counting", nullable=False),
        text("start", nullable=False),
        text("urgency"),
        text("category"),
        text("pauses", nullable=False),
        text("valid_from", nullable=False),
        text("valid_until"),
        text("note"),
    )
    op.add_column("issue", sa.Column("urgency", sa.String()))
    op.add_column("issue_step", sa.Column("waiting_for", sa.String()))
    op.add_column("issue_state", sa.Column("due_rule", sa.String()))
