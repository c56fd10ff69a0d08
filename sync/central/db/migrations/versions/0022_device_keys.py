"""The public keys of a device, by which files from it are verified and files for it are encrypted."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("device", sa.Column("sign_key", WORD, nullable=True))
    op.add_column("device", sa.Column("agree_key", WORD, nullable=True))
