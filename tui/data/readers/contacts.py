"""What the address book reads: an entry with its issues and merged records, and the filter that a person chose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from store import queries

if TYPE_CHECKING:
    from store.db.connection import Connection
    from store.domain.status_lights import LightThresholds
    from store.queries.issues import IssueRow
    from store.queries.people import ContactEntry, ContactFilter, ContactKind
    from store.queries.stand_ins import StandInRow

_ISSUES = 12
_FOUND = 500


class ContactPage(NamedTuple):
    """An entry, the first of its open issues, the records merged into it (id and name), and the stand-ins that a person
    is one of both in, of today and later."""

    entry: ContactEntry
    issues: Sequence[IssueRow]
    merged: Sequence[tuple[str, str]]
    stand_ins: Sequence[StandInRow] = ()

    @property
    def ids(self) -> frozenset[str]:
        """The ids under which lines and accounts may name it."""
        return frozenset((self.entry.id, *(record for record, _name in self.merged)))


def contact_kind(kind: str) -> ContactKind | None:
    """The kind of an entry of the address book; None for any other kind of line."""
    return "person" if kind == "person" else "unit" if kind == "unit" else None


def contact_with_issues(
    connection: Connection, kind: ContactKind, line_id: str, thresholds: LightThresholds
) -> ContactPage | None:
    """A person or unit, the open issues that they own or answer for, and what was merged into them; None when it is not
    here."""
    from store.queries.issues import IssueFilter  # noqa: PLC0415 - not imported before the first paint

    entry = queries.people.contact(connection, kind, line_id, thresholds.today)
    if entry is None:
        return None
    chosen = (
        IssueFilter(owner=entry.id, unfinished=True)
        if kind == "person"
        else IssueFilter(department=entry.id, unfinished=True)
    )
    issues = queries.issues.issues(connection, thresholds, chosen, limit=_ISSUES)
    merged = queries.people.merged_records(connection, kind, entry.id)
    rows = queries.stand_ins.stand_ins(connection, thresholds.today) if kind == "person" else []
    acting = [row for row in rows if entry.id in (row.person_id, row.principal_id)]
    return ContactPage(entry, issues, merged, acting)


def contact_filter(connection: Connection, kind: ContactKind, values: Mapping[str, str | None]) -> ContactFilter:
    """The filter that a person chose, with the lines that the words find."""
    from store.queries.people import ContactFilter  # noqa: PLC0415
    from store.search.session import find  # noqa: PLC0415

    words = values.get("words")
    ids = None if not words else tuple(hit.id for hit in find(connection, words, kind=kind, limit=_FOUND))
    return ContactFilter(
        ids=ids,
        unit=values.get("unit_id") or None,
        role=values.get("role") or None,
        retired=bool(values.get("retired")),
    )
