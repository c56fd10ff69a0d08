"""What the issue's screen reads: the issue, its deadlines, and who must act when they have passed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from store import queries
from store.domain.issue_deadlines import Deadline, running_deadlines
from store.domain.issue_lifecycle import TOP_LEVEL
from store.domain.limits import read_limits
from store.domain.responsible_party import ResponsibleParty, responsible_party
from tui.data.readers.device import read_person_id, read_roles

if TYPE_CHECKING:
    from store.db.connection import Connection
    from store.domain.light_proof import LightProof
    from store.domain.status_lights import LightThresholds
    from store.queries.issues import IssueDetail, IssueRow


@dataclass(frozen=True, slots=True)
class NextEscalation:
    """Where an issue goes when its limit has passed: the level above, who must act there, and their name."""

    level: int
    duty: ResponsibleParty
    name: str | None
    overdue: int


@dataclass(frozen=True, slots=True)
class IssueView:
    """An issue as its screen shows it. ``reader_id``, ``roles`` and ``departments`` are those of the person at this
    device; ``meetings`` are the titles of the meetings that its steps name, by id; ``unsent_act`` is the latest act,
    where this device alone has it, so that it can be taken back."""

    detail: IssueDetail
    reader_id: str | None
    roles: tuple[str, ...]
    clocks: tuple[Deadline, ...]
    next: NextEscalation | None
    meetings: Mapping[str, str]
    departments: tuple[str, ...] = ()
    unsent_act: str | None = None

    @property
    def is_readers_own(self) -> bool:
        """Whether the reader recorded or settled the issue, and so may not approve it."""
        return recorded_or_settled_by(self.detail, self.reader_id)


class NamedProof(NamedTuple):
    """The proof of an issue's light, and the names of the people and departments in it by id."""

    proof: LightProof
    names: dict[str, str | None]


def named_proof(connection: Connection, issue_id: str, thresholds: LightThresholds) -> NamedProof | None:
    """Why an issue has its light at the moment of these thresholds; None when it is not here."""
    today = date.fromisoformat(thresholds.today)
    proof = queries.light_proof.light_proof(connection, issue_id, today, now=thresholds.moment)
    if proof is None:
        return None
    people, units = queries.lines.author_names(connection, proof.people), queries.lines.unit_names
    return NamedProof(proof, {**people, **units(connection, proof.departments)})


def recorded_or_settled_by(detail: IssueDetail, me: str | None) -> bool:
    """Whether this person recorded the issue or settled it last."""
    settled = [step for step in detail.steps if step.act == "settled" and not step.out_of_turn]
    return me is not None and me in (detail.author_id, settled[-1].author_id if settled else None)


def issue_view(connection: Connection, issue_id: str, thresholds: LightThresholds) -> IssueView | None:
    """One issue as its screen shows it; None when it is not here."""
    detail = queries.issues.issue(connection, issue_id, thresholds)
    if detail is None:
        return None
    limits = read_limits(connection)
    clocks = queries.clocks.clocks_of_rules(connection, issue_id)
    deadlines = running_deadlines(queries.issues.timeline_of(detail), thresholds.moment, limits, clocks)
    escalation = _next_escalation(connection, detail.row, thresholds, limits.overdue)
    meetings = _meetings(connection, detail)
    reader = (read_person_id(connection), read_roles(connection))
    departments = queries.own_work.own_departments(connection, thresholds.today)
    return IssueView(detail, *reader, deadlines, escalation, meetings, departments, _unsent_act(connection, detail))


def _next_escalation(
    connection: Connection, row: IssueRow, thresholds: LightThresholds, overdue: int
) -> NextEscalation | None:
    if row.level >= TOP_LEVEL:
        return None
    duty = responsible_party("escalated", row.level + 1)
    if duty is None:
        return None
    name = queries.issues.responsible_name(connection, replace(row, must_act=duty), thresholds)
    return NextEscalation(row.level + 1, duty, name, overdue)


def _unsent_act(connection: Connection, detail: IssueDetail) -> str | None:
    step = detail.steps[-1] if detail.steps else None
    if step is None or step.act == "recorded":
        return None
    return step.act if queries.outbox.is_here_alone(connection, step.id) else None


def _meetings(connection: Connection, detail: IssueDetail) -> dict[str, str]:
    ids = {step.meeting_id for step in detail.steps if step.meeting_id}
    matches = [match for line_id in ids for match in queries.name_lookup.find_by_name(connection, "meeting", line_id)]
    return {match.id: match.name for match in matches}
