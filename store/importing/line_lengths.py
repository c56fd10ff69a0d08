"""Leaves out of a table, and tells with its place, what is longer than the ledger's lines: a name, a post, a phone.

> A cell that is too long costs its own text, or where it is the project's name its row; the other rows are taken.

Next: ``plan.py``, which compares what is left with the store.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from store.importing.import_report import TableImportWarning
from store.importing.rows import PersonMention, TableRow, UnitMention
from store.importing.table import ResponsibilityTable
from store.ledger.models.base import ONE_LINE, PHONE_LINE

_SHOWN = 20
"""How many characters of a long text are shown, enough to find it by."""
_KEPT = frozenset(("odd_name", "odd_phone", "odd_unit"))
"""Warnings that say that an odd text was kept, which is not so where it is too long."""


def within_lines(table: ResponsibilityTable) -> ResponsibilityTable:
    """The table with nothing in it that is longer than a line of the ledger; its warnings say what was left out."""
    bounds = _Bounds({part: column.heading for column in table.columns for part in str(column.field).split("&")})
    sections = tuple(
        replace(section, rows=tuple(bounds.fitting(row) for row in section.rows if bounds.is_named(row)))
        for section in table.sections
    )
    told = {(warning.row, warning.column) for warning in bounds.warnings}
    kept = [each for each in table.warnings if each.code not in _KEPT or (each.row, each.column) not in told]
    return replace(table, sections=sections, warnings=(*kept, *bounds.warnings))


@dataclass(slots=True)
class _Bounds:
    """``headings``: those of the columns, by field."""

    headings: dict[str, str]
    warnings: list[TableImportWarning] = field(default_factory=list)

    def is_named(self, row: TableRow) -> bool:
        """Whether the row's project can have its name."""
        return self._fits(row, "name", row.name, code="long_name")

    def fitting(self, row: TableRow) -> TableRow:
        """The row without what is too long."""
        people = tuple(
            self._shortened(row, person)
            for person in row.people
            if self._fits(row, person.role, person.name, column=person.column)
        )
        units = tuple(unit for unit in row.units if self._is_unit(row, unit))
        owner = row.owner if row.owner is None or self._fits(row, "owner", row.owner) else None
        return replace(row, people=people, units=units, owner=owner)

    def _is_unit(self, row: TableRow, unit: UnitMention) -> bool:
        return self._fits(row, unit.role, unit.name)

    def _shortened(self, row: TableRow, person: PersonMention) -> PersonMention:
        """The person without a phone, a post or an employer that is too long."""
        title, employer = (
            text if self._fits(row, person.role, text, column=person.column) else ""
            for text in (person.title, person.employer)
        )
        has_phone = self._fits(row, person.role, person.phone, column=person.column, most=PHONE_LINE.most)
        return replace(person, title=title, employer=employer, phone=person.phone if has_phone else "")

    def _fits(
        self,
        row: TableRow,
        field: str,
        text: str,
        *,
        column: str | None = None,
        most: int = ONE_LINE.most,
        code: str = "too_long",
    ) -> bool:
        """Whether a text fits; tells where it does not."""
        if len(text) > most:
            values = {"text": text[:_SHOWN], "length": len(text), "most": most}
            self.warnings.append(TableImportWarning(row.row, column or self.headings.get(field), code, values))
        return len(text) <= most
