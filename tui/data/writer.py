"""The desk's pen: what officers write, through ``store.commands`` only, and the drafts of forms.

Loads the models (half a second), so it is taken up in a thread when a form opens and not before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from store.commands import conflicts, issues, meetings, procedures, projects, visits
from store.commands.dispatch import add_line, edit_line
from store.commands.limits import set_limit
from store.db.database import Database
from store.domain.registers import Register
from store.exceptions import GuanjiaError
from store.queries.approvals import VersionRef
from store.queries.conflicts import Conflict
from store.queries.name_lookup import find_by_name
from store.writer.sync_writes import SyncLedger
from tui.data.undo import UndoHistory, describe_write, undoable

FormValues = Mapping[str, Any]


class IssueActResult(NamedTuple):
    """What became of one issue among several: its number and title, and why nothing was done, if so."""

    number: str
    title: str
    error: GuanjiaError | None = None


class Writer:
    """Writes into one opened home."""

    def __init__(self, database: Database, now_ms: Callable[[], int]) -> None:
        self.ledger = SyncLedger(database, wall_clock=now_ms)
        self.undo_history = UndoHistory(self.ledger)

    @undoable
    def log_visit(self, values: FormValues) -> str:
        """A visit as its form holds it; gives the line's id."""
        return visits.log(self.ledger, **_without_blanks(values)).id

    @undoable
    def edit_visit(self, visit_id: str, changes: FormValues) -> str:
        """The changed fields of a visit."""
        return visits.edit(self.ledger, visit_id, **changes).id

    @undoable
    def record_issue(self, values: FormValues) -> str:
        """An issue as its form holds it; gives the line's id."""
        return issues.record(self.ledger, **_without_blanks(values)).id

    @undoable
    def edit_issue(self, issue_id: str, changes: FormValues) -> str:
        """The changed fields of an issue."""
        return issues.edit(self.ledger, issue_id, **changes).id

    @undoable
    def act(self, issue_id: str, verb: str, values: FormValues) -> str:
        """One act on an issue; gives the issue's id."""
        return issues.act(self.ledger, issue_id, verb, **_without_blanks(values)).id

    def act_on_issues(self, issue_ids: Sequence[str], verb: str, values: FormValues) -> list[IssueActResult]:
        """The same act on several issues, each by itself; gives what became of each."""
        return [self._issue_act_result(issue_id, lambda one: self.act(one, verb, values)) for issue_id in issue_ids]

    @undoable
    def approve(self, issue_id: str, read: Iterable[VersionRef]) -> str:
        """The bureau's approval of exactly the versions that were ``read``; gives the issue's id."""
        return issues.act(self.ledger, issue_id, "approve", read=read).id

    def approve_issues(self, read: Mapping[str, Iterable[VersionRef]]) -> list[IssueActResult]:
        """Several approvals, each of what was read of its issue; gives what became of each."""
        return [self._issue_act_result(issue_id, lambda one: self.approve(one, read[one])) for issue_id in read]

    def _issue_act_result(self, issue_id: str, do: Callable[[str], object]) -> IssueActResult:
        named = find_by_name(self.ledger.database.connection(), "issue", issue_id)
        number, title = (named[0].number or "", named[0].name) if named else ("", issue_id)
        try:
            do(issue_id)
        except GuanjiaError as error:
            return IssueActResult(number, title, error)
        return IssueActResult(number, title)

    @undoable
    def add_project(self, values: FormValues) -> str:
        """A project as its form holds it; gives the line's id."""
        return projects.add(self.ledger, **_without_blanks(values)).id

    @undoable
    def edit_project(self, project_id: str, changes: FormValues) -> str:
        """The changed fields of a project."""
        return projects.edit(self.ledger, project_id, **changes).id

    @undoable
    def add_line(self, register: Register, values: FormValues) -> str:
        """A book's line as its form holds it, its ``project`` among the values; gives the line's id."""
        return add_line(self.ledger, register, **_without_blanks(values)).id

    @undoable
    def edit_line(self, register: Register, line_id: str, changes: FormValues) -> str:
        """The changed fields of a book's line."""
        return edit_line(self.ledger, register, line_id, **changes).id

    @undoable
    def decide(
        self, session: str, issue: tuple[str, str], verb: str, values: FormValues, head: FormValues | None = None
    ) -> str:
        """What a meeting decided on an issue of a project; gives the issue's id."""
        return meetings.decide(
            self.ledger, session, issue, verb, _without_blanks(values), _without_blanks(head) if head else None
        )

    def write_minutes(
        self, session: str, issues_by_project: Mapping[str, Sequence[str]], texts: Mapping[str, str], head: FormValues
    ) -> list[str]:
        """A meeting's line in each project that it is ``about``, as far as it has gone; gives the lines' ids."""
        return meetings.record_minutes(self.ledger, session, issues_by_project, texts, **_without_blanks(head))

    @undoable
    def propose_procedures(self, project_id: str) -> int:
        """The standard procedures of the project's category onto its list; gives how many were new."""
        return len(procedures.propose(self.ledger, project_id))

    @undoable
    def set_limit(self, name: str, value: str) -> str:
        """One limit for the whole district; gives its name."""
        set_limit(self.ledger, name, value)
        return name

    @undoable
    def restore(self, line_id: str, stamp: int, device: str) -> None:
        """Make a version current again, as a new one."""
        self.ledger.restore(line_id, stamp, device)

    def undo(self) -> tuple[str, str]:
        """Take back the last write; gives the kind of line that it was about, and its name."""
        return describe_write(self.undo_history.undo())

    def redo(self) -> tuple[str, str]:
        """Write again what was taken back last."""
        return describe_write(self.undo_history.redo())

    @undoable
    def restore_conflicts(self, chosen: Sequence[Conflict]) -> int:
        """Let lines say again what lost versions of them said; gives how many lines."""
        return len(conflicts.restore_conflicts(self.ledger, chosen))

    def dismiss_conflicts(self, chosen: Sequence[Conflict]) -> int:
        """Put lost versions away; gives how many."""
        return conflicts.dismiss_conflicts(self.ledger, chosen)

    def retry_rejected(self, *line_ids: str) -> None:
        """Send refused lines again."""
        self.ledger.retry_rejected(line_ids)

    def drop_rejected(self, *line_ids: str) -> None:
        """Give up refused lines; what they said stays in their history."""
        for line_id in line_ids:
            self.ledger.discard_rejected(line_id)

    def save_draft(self, key: str, body: FormValues) -> None:
        """Keep what a form holds."""
        self.ledger.save_draft(key, body)

    def load_draft(self, key: str) -> dict[str, Any] | None:
        """What a form held when it was last open."""
        return self.ledger.load_draft(key)

    def drop_draft(self, key: str) -> None:
        """Forget what a form held."""
        self.ledger.drop_draft(key)


def _without_blanks(values: FormValues) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", ())}
