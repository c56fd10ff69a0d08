"""What people said that columns are, remembered by heading for the district: the next table with the same headings is
read by itself.

> It is a line of the district, not a setting of a device: offices pass one form around, and who answers for one answers
> for all. What is said with a table comes before what is remembered, and the latest that was said is remembered.
"""

from __future__ import annotations

from collections.abc import Mapping

from store.db.device_facts import read_device_facts
from store.importing.cell_source import CellSource
from store.importing.existing_lines import load_kind
from store.importing.headings import normalize_heading
from store.ledger.line import derived_id
from store.writer.exceptions import BeyondRole
from store.writer.local_writes import Draft, Ledger

KIND = "column_meaning"
RESPONSIBILITY = "responsibility"
"""The responsibility table among the ledgers whose columns are remembered; the others by their register's name."""
_HEADINGS_WITHIN = 30
"""Headings stand in the first so many rows of a sheet or table."""
_LONGEST = 60
"""What is longer is no heading."""


def remembered_columns(ledger: Ledger, of: str, source: CellSource) -> dict[str, str]:
    """What was said before of headings that stand in this file: the fields of this ledger by heading."""
    with ledger.database.read() as connection:
        lines = load_kind(connection, KIND)
    known = {
        str(line.body["heading"]): str(line.body["field"])
        for line in lines
        if not line.deleted and line.body["ledger"] == of
    }
    return {heading: known[heading] for heading in _headings_in(source) if heading in known} if known else {}


def _headings_in(source: CellSource) -> list[str]:
    seen: dict[int, int] = {}
    headings: dict[str, None] = {}
    for row in source.rows:
        seen[row.block] = seen.get(row.block, 0) + 1
        if seen[row.block] <= _HEADINGS_WITHIN:
            headings |= dict.fromkeys(normalize_heading(cell.text) for cell in row.cells if cell.text)
    return list(headings)


def remember_columns(ledger: Ledger, of: str, said: Mapping[str, str]) -> list[Draft]:
    """The lines that remember what was said, where it is new; nothing for columns that were called by their number, or
    where the person's roles do not let them write for the district."""
    try:
        ledger.require_role(KIND)
    except BeyondRole:
        return []
    with ledger.database.read() as connection:
        district = read_device_facts(connection).district
        here = {line.id: line.body for line in load_kind(connection, KIND) if not line.deleted}
    drafts = (
        Draft(KIND, {"ledger": of, "heading": heading, "field": field}, id=derived_id(district, KIND, of, heading))
        for heading, field in said.items()
        if not heading.isdecimal() and len(heading) <= _LONGEST
    )
    return [draft for draft in drafts if here.get(str(draft.id)) != draft.body]
