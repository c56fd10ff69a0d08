"""Says of every row of a table what importing it would do: new, the same, changes, and whose service ends by whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from store.domain.merges import KeptIds
from store.importing.import_report import FieldChange, RowVerdict, TableImportWarning
from store.importing.rows import TableRow
from store.ledger.line import Line
from store.writer.local_writes import Draft

IMPORTED_KINDS = ("unit", "person", "contact", "project", "assignment")
_LEFT_OUT = frozenset(("missing_name", "ignored_row", "duplicate_project", "long_name"))
"""Warnings that mean that a row is not taken."""
_FACTS = ("category", "owner", "investment_yuan", "stage")


class ShownIssue(NamedTuple):
    """What lists show of an issue: what its steps and the time rules make of what was recorded."""

    state: str
    department_id: str | None
    owner_id: str | None
    due: str | None


class ExistingLines(NamedTuple):
    """All lines of `IMPORTED_KINDS` in the store, deleted ones too; ``kept`` has those that stand for merged ones,
    ``issues`` what lists show of each issue, where a table may name issues."""

    district: str
    lines: Mapping[str, Sequence[Line]]
    kept: KeptIds = MappingProxyType({})
    district_name: str = ""
    issues: Mapping[str, ShownIssue] = MappingProxyType({})

    def not_deleted(self, kind: str) -> list[Line]:
        """The lines of a kind that are not deleted."""
        return [line for line in self.lines.get(kind, ()) if not line.deleted]

    def named(self, kind: str) -> list[tuple[str, Line]]:
        """The people or units that stand for themselves, by each name that they have or had before a merge."""
        lines = {line.id: line for line in self.not_deleted(kind)}
        shown = ((line, lines.get(self.kept.get(line.id, line.id))) for line in lines.values())
        return [(str(line.body.get("name", "")), kept) for line, kept in shown if kept is not None]


class RoleAssignee(NamedTuple):
    """The holder of a role: the assignment's field and the id in it."""

    field: str
    id: str


class RoleChange(NamedTuple):
    """Who ends and who begins in a role of a project; ``served``: somebody had the role at some time."""

    project: str
    role: str
    ended: Mapping[RoleAssignee, Line]
    begun: Sequence[RoleAssignee]
    served: bool


def holders_of(assignment: Line, kept: KeptIds) -> list[RoleAssignee]:
    """Who holds an assignment: a person, a unit, or both; those who stand for them, where they were merged."""
    ids = ((name, str(assignment.body.get(name) or "")) for name in ("person_id", "unit_id"))
    return [RoleAssignee(name, kept.get(line_id, line_id)) for name, line_id in ids if line_id]


class RowVerdicts:
    """Builds the verdicts from what the store has and the drafts of the import."""

    def __init__(self, existing: ExistingLines, drafts: Sequence[Draft]) -> None:
        self._projects = {line.id: line for line in existing.not_deleted("project")}
        self._drafts = {draft.id: draft for draft in drafts if draft.kind == "project"}
        known = {line.id: line.body for kind in ("person", "unit") for line in existing.lines.get(kind, ())}
        known |= {str(draft.id): draft.body for draft in drafts if draft.kind in ("person", "unit")}
        self._names = {id: str(body.get("name", "")) for id, body in known.items()}

    def of(
        self,
        rows: Sequence[tuple[str, TableRow]],
        changes: Mapping[str, Sequence[RoleChange]],
        warnings: Sequence[TableImportWarning],
    ) -> list[RowVerdict]:
        """The verdicts in the order of the table: a project's, then those whose service of it ends; last what is left
        out."""
        verdicts = [verdict for id, row in rows for verdict in self._project(id, row, changes.get(id, ()))]
        left_out = [warning for warning in warnings if warning.code in _LEFT_OUT]
        return verdicts + [
            RowVerdict(warning.row, "refused", _text_of(warning), warning=warning) for warning in left_out
        ]

    def _project(self, id: str, row: TableRow, changes: Sequence[RoleChange]) -> Iterator[RowVerdict]:
        roles = [change for change in changes if change.ended or change.begun]
        changed = (*self._facts(id), *(self._role(change) for change in roles))
        verdict = "new" if id not in self._projects else "changes" if changed else "same"
        yield RowVerdict(row.row, verdict, row.name, changed)
        for change in roles:
            by = self._joined(change.begun)
            for holder in change.ended:
                yield RowVerdict(
                    row.row, "ends", row.name, (FieldChange(change.role, self._names.get(holder.id, ""), by),)
                )

    def _facts(self, id: str) -> Iterator[FieldChange]:
        draft, before = self._drafts.get(id), self._projects.get(id)
        for field in _FACTS if draft else ():
            was, will = (
                str(body.get(field) or "") for body in (before.body if before else {}, draft.body if draft else {})
            )
            if was != will:
                yield FieldChange(field, was, will)

    def _role(self, change: RoleChange) -> FieldChange:
        return FieldChange(change.role, self._joined(list(change.ended)), self._joined(change.begun))

    def _joined(self, holders: Sequence[RoleAssignee]) -> str:
        return "、".join(self._names.get(holder.id, "") for holder in holders)


def _text_of(warning: TableImportWarning) -> str:
    return str(warning.values.get("text") or warning.values.get("name") or "")
