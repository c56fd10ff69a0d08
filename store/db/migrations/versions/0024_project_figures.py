"""Of each project what lists and a day are sorted by: open issues, what their lights follow from, the latest contact.
And an index that has all that says which issues are overdue."""

import sqlalchemy as sa
from alembic import op

from store.db.migrations.columns import number, small, text

revision = "0024"
down_revision = "0023"

_HAS_LIGHT = "state IN ('open', 'assigned', 'in_progress', 'waiting', 'escalated')"
_DUE = "CASE WHEN s.state = 'waiting' AND s.waiting_until > s.due THEN s.waiting_until ELSE s.due END"


def upgrade() -> None:
    columns = ["due", "id", "state", "waiting_until"]
    op.create_index("issue_state_due", "issue_state", columns, sqlite_where=sa.text(_HAS_LIGHT))
    op.create_table(
        "project_figures", text("project_id", primary_key=True, nullable=False), small("open_issues"), text("due"),
        text("waiting_until"), number("progress_at", nullable=True), text("last_contact"), sqlite_with_rowid=False,
    )  # fmt: skip
    op.execute(
        sa.text(
            "INSERT INTO project_figures (project_id, open_issues, due, waiting_until, progress_at, last_contact) "
            f"SELECT g.id, count(s.id), min({_DUE}) FILTER (WHERE s.{_HAS_LIGHT}), "
            "min(s.waiting_until) FILTER (WHERE s.state = 'waiting'), "
            f"min(s.progress_at) FILTER (WHERE s.{_HAS_LIGHT}), (SELECT v.at FROM visit v WHERE v.project_id = g.id "
            "AND v.deleted = 0 ORDER BY v.at DESC LIMIT 1) AS contact FROM (SELECT project_id AS id FROM visit "
            "WHERE project_id IS NOT NULL UNION SELECT project_id FROM issue_state WHERE project_id IS NOT NULL) g "
            "LEFT JOIN issue_state s ON s.project_id = g.id AND s.state NOT IN ('closed', 'cancelled') "
            "GROUP BY g.id HAVING count(s.id) > 0 OR contact IS NOT NULL"
        )
    )
