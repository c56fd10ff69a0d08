"""Who stands in for whom, and in whose place a line was written."""

import sqlalchemy as sa
from alembic import op

from store.db.migrations.columns import text

revision = "0018"
down_revision = "0017"

_WRITTEN_FOR_OTHERS = (
    "visit", "issue", "issue_step", "meeting", "procedure", "follow_up", "policy_delivery", "progress_report",
)  # fmt: skip


def upgrade() -> None:
    op.add_column("assignment", text("for_id"))
    op.create_index("assignment_stand_in", "assignment", ["to_date"], sqlite_where=sa.text("role = 'stand_in'"))
    for table in _WRITTEN_FOR_OTHERS:
        op.add_column(table, text("acting_for_id"))
