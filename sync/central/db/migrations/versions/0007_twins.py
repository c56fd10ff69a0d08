"""The chain of each device's pushes, and which copy of it became a device of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    for name in ("chain", "twin"):
        op.add_column("device", sa.Column(name, WORD, nullable=True))
