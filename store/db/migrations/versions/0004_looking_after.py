"""What a person has put away of what lost, and the indexes by which the day's work is found."""

import sqlalchemy as sa
from alembic import op

from store.db.migrations.columns import number, text

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "dismissed",
        text("id", primary_key=True, nullable=False),
        number("stamp", primary_key=True),
        text("device_id", primary_key=True, nullable=False),
        number("at"),
    )
    op.create_index("history_lost", "history", ["id"], sqlite_where=sa.text("reason = 'superseded'"))
    op.create_index("issue_state_owner", "issue_state", ["owner_id"])
    op.create_index(
        "issue_step_turned_back", "issue_step", ["issue_id"],
        sqlite_where=sa.text("act IN ('returned', 'rejected', 'reopened') AND deleted = 0"),
    )  # fmt: skip
