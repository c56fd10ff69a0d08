"""The last rounds, so that a person sees how they went. They stay on the device."""

from alembic import op
from sqlalchemy import Column, Integer

from store.db.migrations.columns import flag, number, small, text

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    counts = [small(name) for name in ("pushed", "pulled", "superseded", "rejected")]
    op.create_table(
        "round",
        Column("n", Integer(), primary_key=True, nullable=False),
        number("began"),
        number("at"),
        small("times"),
        text("ran_by", nullable=False),
        text("outcome", nullable=False),
        text("detail"),
        flag("verified"),
        *counts,
        number("up"),
        number("down"),
        number("ms"),
    )
