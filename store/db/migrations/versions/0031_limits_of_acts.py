"""Time rules for every act, requests for an extension, and until when acts of an issue must be done."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"

_HAS_LIGHT = "state IN ('open', 'assigned', 'in_progress', 'waiting', 'escalated')"


def upgrade() -> None:
    for name in ("act", "extended_by"):
        op.add_column("time_rule", sa.Column(name, sa.String()))
    op.add_column("issue_step", sa.Column("request_id", sa.String()))
    for table in ("issue_state", "project_figures"):
        for name in ("limit_at", "progress_until"):
            op.add_column(table, sa.Column(name, sa.String()))
    op.add_column("issue_state", sa.Column("extension", sa.String()))
    op.drop_index("issue_state_due", "issue_state")
    columns = ["due", "id", "state", "waiting_until", "progress_at", "limit_at", "progress_until"]
    op.create_index("issue_state_due", "issue_state", columns, sqlite_where=sa.text(_HAS_LIGHT))
