"""Two years' tables side by side: who changed (R05, R09, R17)."""

from __future__ import annotations

import pytest

from store.commands import projects
from store.importing.compare import TableChange, compare_tables, rows_from_ledger
from store.importing.rows import PersonMention, TableRow, UnitMention
from tests.store.queries.sample import Sample


def row(name: str, *, leader: str = "", butler: str = "", unit: str = "") -> TableRow:
    """A project as a table lists it."""
    people = tuple(PersonMention(role, who) for role, who in (("lead_leader", leader), ("butler", butler)) if who)
    return TableRow(None, None, name, people, (UnitMention("lead_unit", unit),) if unit else ())


@pytest.mark.proves("R05", "R17")
def test_who_changed_between_two_tables() -> None:
    """Projects that came and went, and each role whose holder is another; spaces and widths do not matter."""
    last = [row("供水", leader="甲", butler="乙", unit="住建局"), row("旧路", leader="甲")]
    this = [row("供 水", leader="甲", butler="丙"), row("新桥", leader="丁")]
    assert compare_tables(last, this) == [
        TableChange("供 水", "changed", "butler", "乙", "丙"),
        TableChange("供 水", "changed", "lead_unit", "住建局", None),
        TableChange("新桥", "came"),
        TableChange("旧路", "went"),
    ]


@pytest.mark.proves("R09")
def test_a_table_against_the_ledger(district: Sample) -> None:
    """The ledger stands in for this year's table: who serves today, without projects taken off the list."""
    last = [row("供水改造工程", leader="甲建国", butler="己", unit="住建局"), row("供热改造")]
    projects.adjust(district.ledger, district.heat, "removed", reason="停建")
    found = compare_tables(last, rows_from_ledger(district.connection, district.on.today))
    assert found == [
        TableChange("供水改造工程", "changed", "butler", "己", "乙卫东"),
        TableChange("供水改造工程", "changed", "enterprise_contact", None, "丙志远"),
        TableChange("供热改造", "went"),
    ]
