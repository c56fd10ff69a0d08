"""What was written to files that leave the program, as far as the central's audit does not have it yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from store.db.connection import Connection


class ExportRecord(NamedTuple):
    """One file, or dump: when (``at``, ms since 1970, by the district's clock), who (a person line's id), ``what`` (the
    report's name, ``dump``, ``backup``, ``ledger-key``), as which kind of file, and how many ``rows`` it has.
    Never what is in it, nor its name."""

    id: str
    at: int
    person_id: str
    what: str
    file_kind: str
    rows: int


def waiting_exports(connection: Connection, person_id: str, limit: int) -> Iterator[ExportRecord]:
    """Which exports of this person are to be told to the central, the oldest first?"""
    columns = ", ".join(ExportRecord._fields)
    rows = connection.execute(
        f"SELECT {columns} FROM export_record WHERE person_id = ? ORDER BY at, id LIMIT ?", (person_id, limit)
    )
    return map(ExportRecord._make, rows)
