"""What was said of a visit's participants beside their names: 等5人."""

from alembic import op

from store.db.migrations.columns import text

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("visit", text("participants_note"))
