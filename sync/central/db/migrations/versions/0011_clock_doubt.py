"""When several people's devices contradicted a clock that is within its bounds."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("district", sa.Column("clock_doubt_at", sa.BigInteger(), nullable=True))
