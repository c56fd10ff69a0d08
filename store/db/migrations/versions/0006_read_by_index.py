"""What every screen reads is read from an index: issues narrowed to a state, a project or a department come in the
ledger's order without being sorted, and refused lines are counted without looking through all that wait."""

from alembic import op
from sqlalchemy import text

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for name in ("state", "project_id", "department_id"):
        index = f"issue_state_{name.removesuffix('_id')}"
        op.drop_index(index, "issue_state")
        op.create_index(index, "issue_state", [name, "id"])
    op.create_index("outbox_rejected", "outbox", ["n"], sqlite_where=text("state = 'rejected'"))
