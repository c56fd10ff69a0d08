"""The day up to which the dates of assignments have been applied to roles, and an index of the lines that grant."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_GRANTING = sa.text("kind IN ('assignment', 'merge')")


def upgrade() -> None:
    day = sa.Column("grants_day", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True)
    op.add_column("district", day)
    op.create_index("line_grants", "line", ["district", "id"], sqlite_where=_GRANTING, postgresql_where=_GRANTING)
