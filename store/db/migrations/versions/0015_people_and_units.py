"""Registers of people and units: merges, further phones, contacts of units, who has retired."""

from alembic import op

from store.db.migrations.columns import envelope, text

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    ids = [text(name, nullable=False) for name in ("from_id", "into_id", "first_id", "second_id")]
    op.create_table("merge", *envelope(), text("what", nullable=False), *ids[:2], text("note"))
    op.create_table("distinction", *envelope(), text("what", nullable=False), *ids[2:], text("note"))
    op.create_table("merged_id", text("id", primary_key=True, nullable=False), text("kept_id", nullable=False))
    op.create_index("merged_id_kept", "merged_id", ["kept_id"])
    op.add_column("contact", text("further_of"))
    op.add_column("contact", text("label"))
    op.create_index("contact_further", "contact", ["further_of"])
    op.add_column("unit", text("contact_id"))
    for table in ("person", "unit"):
        op.add_column(table, text("retired_on"))
