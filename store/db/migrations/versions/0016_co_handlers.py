"""The departments that co-handle an issue: named by an assignment, and as computed from its steps for lists. A dispute
turns an issue back to who leads it, so the index of such steps has it too."""

import sqlalchemy as sa
from alembic import op

from store.db.migrations.columns import flag, json, small, text

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("issue_step", json("with_ids"))
    op.create_table(
        "co_handler", text("issue_id", primary_key=True, nullable=False),
        text("department_id", primary_key=True, nullable=False), small("place"), text("step_id"), flag("disputed"),
        flag("owed"),
    )  # fmt: skip
    op.create_index("co_handler_department", "co_handler", ["department_id", "issue_id"])
    op.drop_index("issue_step_turned_back", "issue_step")
    turned_back = sa.text("act IN ('returned', 'rejected', 'reopened', 'disputed') AND deleted = 0")
    op.create_index("issue_step_turned_back", "issue_step", ["issue_id"], sqlite_where=turned_back)
