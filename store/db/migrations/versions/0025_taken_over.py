"""Which table a step of an issue was taken over from: nobody's act, and dated as the table says."""

from alembic import op

from store.db.migrations.columns import text

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.add_column("issue_step", text("taken_over"))
