"""On which of their devices a person is reminded."""

from alembic import op

from store.db.migrations.columns import envelope, text

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.create_table("reminder_device", *envelope(), text("person_id", nullable=False), text("at", nullable=False))
