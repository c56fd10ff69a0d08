"""Columns as migrations write them: short words for what every migration repeats."""

from __future__ import annotations

import sqlalchemy as sa


def text(name: str, *, nullable: bool = True, primary_key: bool = False) -> sa.Column[str]:
    """Text; nullable unless said otherwise."""
    return sa.Column(name, sa.String(), nullable=nullable, primary_key=primary_key)


def number(name: str, *, nullable: bool = False, primary_key: bool = False) -> sa.Column[int]:
    """A whole number of 64 bits."""
    return sa.Column(name, sa.BigInteger(), nullable=nullable, primary_key=primary_key)


def small(name: str, *, nullable: bool = False) -> sa.Column[int]:
    """A whole number."""
    return sa.Column(name, sa.Integer(), nullable=nullable)


def flag(name: str) -> sa.Column[bool]:
    """Yes or no."""
    return sa.Column(name, sa.Boolean(), nullable=False)


def json(name: str) -> sa.Column[object]:
    """A list or an object, or nothing."""
    return sa.Column(name, sa.JSON(), nullable=True)


def envelope() -> list[sa.schema.SchemaItem]:
    """What every kind of ledger line has (``store/ledger/models/base.py``)."""
    return [
        text("id", primary_key=True, nullable=False),
        text("district", nullable=False),
        text("project_id"),
        number("stamp"),
        text("device_id", nullable=False),
        text("author_id", nullable=False),
        flag("deleted"),
        number("base"),
        json("extra"),
        number("digest"),
    ]
