"""Invitations for one person, several accounts of one name, and which device took the place of which."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
ACCOUNT_COLUMNS = "district, id, person, name, created_at"


def upgrade() -> None:
    for table, name, kind in (
        ("invite", "account", WORD), ("invite", "person", WORD), ("device", "parent", WORD),
        ("device", "used_at", sa.BigInteger()),
    ):  # fmt: skip
        op.add_column(table, sa.Column(name, kind, nullable=True))
    op.execute("UPDATE device SET used_at = created_at")
    allow_equal_names()


def allow_equal_names() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("account_district_name_key", "account")
        return
    op.rename_table("account", "account_before")
    op.create_table(
        "account",
        *(sa.Column(name, WORD, nullable=False) for name in ("district", "id", "person", "name")),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("district", "id"),
        sa.UniqueConstraint("district", "person"),
    )
    op.execute(f"INSERT INTO account ({ACCOUNT_COLUMNS}) SELECT {ACCOUNT_COLUMNS} FROM account_before")
    op.drop_table("account_before")
