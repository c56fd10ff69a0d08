"""Which device has used a one-time code, so that it may use it again when the answer was lost or could not be kept."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("invite", sa.Column("device", WORD, nullable=True))
