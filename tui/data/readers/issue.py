"""What the issue's screen reads: the issue, its clocks, who is proposed when they run out, and whose desk this is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from store.db.connection import Connection
from store.db.meta import read_device_state
from store.domain.issue_deadlines import Deadline, running_deadlines
from store.domain.issue_lifecycle import TOP_LEVEL
from store.domain.limits import read_limits
from store.domain.responsible_party import ResponsibleParty, responsible_party
from store.domain.status_lights import LightThresholds
from store.queries import issues, name_lookup
from store.queries.issues import IssueDetail, IssueRow, timeline_of

if TYPE_CHECKING:
    from tui.data.reader import Reader


@dataclass(frozen=True, slots=True)
class NextEscalation:
    """To whom an issue goes when its limit has run out: the level above, whose duty that is, and their name."""

    level: int
    duty: ResponsibleParty
    name: str | None
    overdue: int


@dataclass(frozen=True, slots=True)
class IssueView:
    """An issue as its screen tells it. ``me`` is who reads, ``meetings`` the titles of those that its steps name."""

    detail: IssueDetail
    reader_id: str | None
    roles: tuple[str, ...]
    clocks: tuple[Deadline, ...]
    next: NextEscalation | None
    meetings: Mapping[str, str]

    @property
    def is_readers_own(self) -> bool:
        """Whether the reader recorded or settled the issue, and so may not approve it."""
        return recorded_or_settled_by(self.detail, self.reader_id)


def recorded_or_settled_by(detail: IssueDetail, me: str | None) -> bool:
    """Whether this person recorded the issue or settled it last."""
    settled = [step for step in detail.steps if step.act == "settled" and not step.out_of_turn]
    return me is not None and me in (detail.author_id, settled[-1].author_id if settled else None)


def issue_view(reader: Reader, issue_id: str) -> IssueView | None:
    """One issue as its screen tells it; None when it is not here."""
    on = reader.thresholds()
    with reader.database.read() as connection:
        detail = issues.issue(connection, issue_id, on)
        if detail is None:
            return None
        known = read_limits(connection)
        running = running_deadlines(timeline_of(detail), date.fromisoformat(on.today), known)
        me = read_device_state(connection).get("person")
        above = _next_escalation(connection, detail.row, on, known.overdue)
        return IssueView(detail, me, reader.roles(), running, above, _meetings(connection, detail))


def _next_escalation(
    connection: Connection, row: IssueRow, thresholds: LightThresholds, overdue: int
) -> NextEscalation | None:
    if row.level >= TOP_LEVEL:
        return None
    duty = responsible_party("escalated", row.level + 1)
    if duty is None:
        return None
    return NextEscalation(
        row.level + 1, duty, issues.responsible_name(connection, replace(row, must_act=duty), thresholds), overdue
    )


def _meetings(connection: Connection, detail: IssueDetail) -> dict[str, str]:
    named = {step.meeting_id for step in detail.steps if step.meeting_id}
    return {one.id: one.name for line_id in named for one in name_lookup.find_by_name(connection, "meeting", line_id)}


def issue_rows(reader: Reader, issue_ids: tuple[str, ...]) -> list[IssueRow]:
    """Rows of the ledger for these issues, those that are here."""
    with reader.database.read() as connection:
        return issues.issues_by_id(connection, reader.thresholds(), issue_ids)
