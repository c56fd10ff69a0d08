"""Issues narrowed to a state, a project or a department come in the ledger's order without being sorted."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for name in ("state", "project_id", "department_id"):
        index = f"issue_state_{name.removesuffix('_id')}"
        op.drop_index(index, "issue_state")
        op.create_index(index, "issue_state", [name, "id"])
