"""The holidays of years that the bureau entered."""

from alembic import op

from store.db.migrations.columns import envelope, json, small

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    off = json("off")
    off.nullable = False
    op.create_table("holiday_year", *envelope(), small("year"), off, json("worked"))
