"""What the issue's screen reads: the issue, its clocks, who is proposed when they run out, and whose desk this is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from store.db.connection import Connection
from store.db.meta import read_meta
from store.domain.issue_deadlines import Clock, clocks
from store.domain.issue_lifecycle import TOP_LEVEL
from store.domain.limits import limits
from store.domain.responsible_party import Duty, must_act
from store.domain.status_lights import Marks
from store.queries import issues, names
from store.queries.issues import IssueDetail, IssueRow, course_of

if TYPE_CHECKING:
    from tui.data.reader import Desk


@dataclass(frozen=True, slots=True)
class Next:
    """To whom an issue goes when its limit has run out: the level above, whose duty that is, and their name."""

    level: int
    duty: Duty
    name: str | None
    overdue: int


@dataclass(frozen=True, slots=True)
class Story:
    """An issue as its screen tells it. ``me`` is who reads, ``meetings`` the titles of those that its steps name."""

    detail: IssueDetail
    me: str | None
    roles: tuple[str, ...]
    clocks: tuple[Clock, ...]
    next: Next | None
    meetings: Mapping[str, str]

    @property
    def own(self) -> bool:
        """Whether the reader recorded or settled the issue, and so may not approve it."""
        return is_own(self.detail, self.me)


def is_own(detail: IssueDetail, me: str | None) -> bool:
    """Whether this person recorded the issue or settled it last."""
    settled = [step for step in detail.steps if step.act == "settled" and not step.out_of_turn]
    return me is not None and me in (detail.author_id, settled[-1].author_id if settled else None)


def story(desk: Desk, issue_id: str) -> Story | None:
    """One issue as its screen tells it; None when it is not here."""
    on = desk.today()
    with desk.database.read() as connection:
        detail = issues.issue(connection, issue_id, on)
        if detail is None:
            return None
        known = limits(connection)
        running = clocks(course_of(detail), date.fromisoformat(on.today), known)
        me = read_meta(connection).get("person")
        above = _next(connection, detail.row, on, known.overdue)
        return Story(detail, me, desk.roles(), running, above, _meetings(connection, detail))


def _next(connection: Connection, row: IssueRow, on: Marks, overdue: int) -> Next | None:
    if row.level >= TOP_LEVEL:
        return None
    duty = must_act("escalated", row.level + 1)
    if duty is None:
        return None
    return Next(row.level + 1, duty, issues.acting(connection, replace(row, must_act=duty), on), overdue)


def _meetings(connection: Connection, detail: IssueDetail) -> dict[str, str]:
    named = {step.meeting_id for step in detail.steps if step.meeting_id}
    return {one.id: one.name for line_id in named for one in names.meant(connection, "meeting", line_id)}


def rows_of(desk: Desk, issue_ids: tuple[str, ...]) -> list[IssueRow]:
    """Rows of the ledger for these issues, those that are here."""
    with desk.database.read() as connection:
        return issues.some(connection, desk.today(), issue_ids)
