"""Phones in lines of their own; people and units keep the column for lines of older versions."""

from alembic import op

from store.db.migrations.columns import envelope, text

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "contact", *envelope(), text("person_id"), text("unit_id"), text("phone", nullable=False), text("note")
    )
    op.create_index("contact_person", "contact", ["person_id"])
    op.create_index("contact_unit", "contact", ["unit_id"])
