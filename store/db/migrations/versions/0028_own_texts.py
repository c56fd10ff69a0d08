"""What a person keeps for themselves: phrases for text fields, and saved views of lists."""

from alembic import op

from store.db.migrations.columns import envelope, json, text

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table("phrase", *envelope(), text("text", nullable=False), text("person_id"))
    op.create_table(
        "saved_view",
        *envelope(),
        text("person_id", nullable=False),
        text("place", nullable=False),
        text("name", nullable=False),
        json("choices"),
        text("sort"),
    )
