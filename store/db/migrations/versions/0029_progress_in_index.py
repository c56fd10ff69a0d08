"""The time of an issue's latest progress in the index by due date: which issues are quiet is read from it alone."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

_HAS_LIGHT = "state IN ('open', 'assigned', 'in_progress', 'waiting', 'escalated')"


def upgrade() -> None:
    op.drop_index("issue_state_due", "issue_state")
    columns = ["due", "id", "state", "waiting_until", "progress_at"]
    op.create_index("issue_state_due", "issue_state", columns, sqlite_where=sa.text(_HAS_LIGHT))
