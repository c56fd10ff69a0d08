"""The address book is read in its order from an index."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_index("person_name", "person", ["name", "id"])
