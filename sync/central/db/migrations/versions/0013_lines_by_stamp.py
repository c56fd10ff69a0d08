"""Lines by stamp, so that those from the future are counted without reading all."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_index("line_stamp", "line", ["district", "stamp"])
