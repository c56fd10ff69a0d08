"""The index of the district's time rules, which say who may extend a due date: an extension is judged by them alone."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    is_rule = sa.text("kind = 'time_rule'")
    op.create_index("line_time_rule", "line", ["district"], sqlite_where=is_rule, postgresql_where=is_rule)
