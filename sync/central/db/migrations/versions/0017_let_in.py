"""When a device whose token had expired was let in again by the bureau."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("device", sa.Column("admitted_at", sa.BigInteger(), nullable=True))
