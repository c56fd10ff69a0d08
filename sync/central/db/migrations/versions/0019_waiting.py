"""What waits for the bureau's decision, so that it is counted at each hello without reading what was decided."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_WAITS = sa.text("decision IS NULL")


def upgrade() -> None:
    for table in ("proposal", "claim"):
        columns = ["district", "seq"]
        op.create_index(f"{table}_waiting", table, columns, sqlite_where=_WAITS, postgresql_where=_WAITS)
