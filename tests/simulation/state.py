"""All rows that a played district has stored, as lines of text: two plays of one seed give the same ones."""

from __future__ import annotations

from collections.abc import Iterator

from tests.simulation.world import World

TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search%' ORDER BY name"
"""Without the search index, where the order of a line's words means nothing."""
HIDDEN = {"meta cursor": 1, "meta place": 1, "kept_roster": 1}
"""Columns by table and key: what is encrypted with a random nonce, whose bytes nobody compares, and the number that the
file system gave to the store's file."""


def stored_rows(world: World) -> Iterator[str]:
    """Every row of every store and of the central, in the order of the tables; without what is encrypted with a random
    nonce, and the numbers of files."""
    for laptop in world.laptops:
        connection = laptop.ledger.database.connection()
        for (table,) in connection.execute(TABLES).fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                yield f"{laptop.name} {table} {_stable(table, tuple(row))}"
    for (table,) in world.central.rows("sqlite_master WHERE type = 'table' ORDER BY name", "name"):
        for row in world.central.rows(f'"{table}"', "*"):
            yield f"central {table} {row}"


def _stable(table: str, row: tuple[object, ...]) -> tuple[object, ...]:
    hidden = HIDDEN.get(f"{table} {row[0]}", HIDDEN.get(table))
    return tuple(value for n, value in enumerate(row) if n != hidden)
