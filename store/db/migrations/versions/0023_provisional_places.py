"""What is provisional of a project and of an issue is found at once: lists mark these."""

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_index("ix_provisional_bucket", "provisional", ["bucket"])
    op.create_index("ix_provisional_project_id", "provisional", ["project_id"])
