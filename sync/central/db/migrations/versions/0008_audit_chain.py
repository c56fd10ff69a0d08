"""The chain of the audit: a link for each event, and the newest one of each district, over the entries of before."""

import hashlib

import orjson
import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
ENTRIES = sa.text(
    "SELECT district, seq, at, account, device, action, detail FROM audit WHERE district = :code ORDER BY seq"
)


def upgrade() -> None:
    op.add_column("audit", sa.Column("link", WORD, nullable=True))
    op.add_column("district", sa.Column("audit_link", WORD, nullable=True))
    connection = op.get_bind()
    for code in connection.execute(sa.text("SELECT code FROM district ORDER BY code")).scalars().all():
        link = ""
        for row in connection.execute(ENTRIES, {"code": code}, execution_options={"yield_per": 500}):
            link = hashlib.sha256(orjson.dumps([link, *row])).hexdigest()
        newest = sa.text("UPDATE district SET audit_link = :link WHERE code = :code")
        connection.execute(newest, {"link": link, "code": code})
