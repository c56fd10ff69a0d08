"""Compares two responsibility tables: projects added and removed, and changed assignments (R05, R09, R17). The ledger
can take the place of either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from store.db.connection import Connection
from store.importing.rows import PersonMention, TableRow, UnitMention
from store.importing.table import ResponsibilityTable
from store.queries.projects import assignments_of_listed_projects
from store.values.text import normalize_name


class TableChange(NamedTuple):
    """One difference. ``what`` is ``came``, ``went`` or ``changed``; ``role`` is the role whose holders changed."""

    project: str
    what: str
    role: str | None = None
    before: str | None = None
    after: str | None = None


def compare_tables(before: Iterable[TableRow], after: Iterable[TableRow]) -> list[TableChange]:
    """The differences of the rows ``after``: projects in their order, then removed ones. A role without a holder on one
    side counts as vacant there."""
    old, new = _by_name(before), _by_name(after)
    changes = [change for name, row in new.items() for change in _project_changes(old.get(name), row)]
    return [*changes, *(TableChange(row.name, "went") for name, row in old.items() if name not in new)]


def rows_from_table(table: ResponsibilityTable) -> list[TableRow]:
    """The projects of a table, section after section."""
    return [row for section in table.sections for row in section.rows]


def rows_from_ledger(connection: Connection, today: str) -> list[TableRow]:
    """The listed projects in the ledger, with those who serve them on a day."""
    rows: dict[str, TableRow] = {}
    for name, role, person, unit in assignments_of_listed_projects(connection, today):
        row = rows.setdefault(name, TableRow(None, None, name))
        if person:
            rows[name] = replace(row, people=(*row.people, PersonMention(role, person)))
        elif unit:
            rows[name] = replace(row, units=(*row.units, UnitMention(role, unit)))
    return list(rows.values())


def _by_name(rows: Iterable[TableRow]) -> Mapping[str, TableRow]:
    return {normalize_name(row.name): row for row in rows}


def _project_changes(before: TableRow | None, after: TableRow) -> Iterator[TableChange]:
    if before is None:
        yield TableChange(after.name, "came")
        return
    old, new = _holders(before), _holders(after)
    for role in dict.fromkeys((*old, *new)):
        if {normalize_name(name) for name in old.get(role, ())} != {normalize_name(name) for name in new.get(role, ())}:
            yield TableChange(after.name, "changed", role, _joined(old.get(role)), _joined(new.get(role)))


def _holders(row: TableRow) -> dict[str, list[str]]:
    holders: dict[str, list[str]] = {}
    mentions: tuple[PersonMention | UnitMention, ...] = (*row.people, *row.units)
    for mention in mentions:
        holders.setdefault(mention.role, []).append(mention.name)
    return holders


def _joined(names: list[str] | None) -> str | None:
    return "、".join(names) if names else None
