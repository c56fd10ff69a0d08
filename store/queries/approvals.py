"""What waits for the bureau's approval, and what its settlement said when it was last sent back (R48).

Nobody approves their own line, so what the reader recorded or settled is left out. An approval names the versions that
were read: those are part of the answer.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from store.db.connection import Connection
from store.domain.status_lights import LightThresholds
from store.queries.issues import IssueDetail, Step, issue
from store.queries.lines import Version, version_history
from store.queries.name_sql import person_name_sql

MAX_APPROVALS = 300
"""At most so many are listed: who has approved these sees the next."""
REVIEW_ACTS = ("returned", "rejected", "approved")
"""Acts after which a settlement comes again: an approval among them closed nothing, because what it named changed."""


class VersionRef(NamedTuple):
    """One version of a line that was read."""

    id: str
    stamp: int
    device: str


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """An issue that waits for approval. ``measure`` is what its settlement says was done, ``settled_at`` a moment;
    ``returned`` how often it was returned before; ``read`` are the versions of the issue and of its settlement."""

    id: str
    number: str
    title: str
    project_id: str | None
    project: str | None
    department: str | None
    settled_by: str | None
    settled_at: str | None
    measure: str | None
    returned: int
    because: str | None
    read: tuple[VersionRef, VersionRef]


@dataclass(frozen=True, slots=True)
class ApprovalDetail:
    """One of them: the issue, its settlement now, what both said when it was last sent back and by which step, and
    every step since. Texts are by field; those of before are None where it comes for the first time."""

    detail: IssueDetail
    settlement: Step
    current_texts: dict[str, str]
    previous_texts: dict[str, str] | None
    last_review: Step | None
    steps_since: tuple[Step, ...]
    read: tuple[VersionRef, VersionRef]


def approvals(
    connection: Connection, thresholds: LightThresholds, person_id: str | None, limit: int = MAX_APPROVALS
) -> list[ApprovalRow]:
    """What waits for approval by ``me``? What was settled first comes first."""
    states = ("pending_approval",) if thresholds.confirmation_required else ("settled", "pending_approval")
    values = {"me": person_id, "limit": limit}
    found = [row for state in states for row in connection.execute(_WAITING, {**values, "state": state})]
    found.sort(key=lambda row: (row[-2], row[-1]))
    return [_row(row) for row in found[:limit]]


def approval(connection: Connection, issue_id: str, thresholds: LightThresholds) -> ApprovalDetail | None:
    """What is to be approved here, and what was it when it was last sent back? None where nothing is."""
    detail = issue(connection, issue_id, thresholds)
    done = [step for step in detail.steps if not step.out_of_turn] if detail else []
    settled = [place for place, step in enumerate(done) if step.act == "settled"]
    if detail is None or not settled or detail.row.state not in ("settled", "pending_approval"):
        return None
    now = done[settled[-1]]
    back = next((place for place in range(len(done) - 1, -1, -1) if done[place].act in REVIEW_ACTS), None)
    before = [place for place in settled if back is not None and place < back]
    read = (VersionRef(detail.row.id, detail.stamp, detail.device), VersionRef(now.id, now.stamp, now.device))
    says = _settlement_texts(_current_body(connection, issue_id), _current_body(connection, now.id))
    if back is None or not before:
        return ApprovalDetail(detail, now, says, None, None, tuple(done), read)
    stamp = done[back].stamp
    said = _settlement_texts(
        _body_as_of(connection, issue_id, stamp), _body_as_of(connection, done[before[-1]].id, stamp)
    )
    return ApprovalDetail(detail, now, says, said, done[back], tuple(done[back + 1 :]), read)


def _settlement_texts(issue_body: dict[str, Any], settlement: dict[str, Any]) -> dict[str, str]:
    """What a settlement says, and what the issue says that it settles, by field."""
    named = {"title": issue_body.get("title"), "what": issue_body.get("text")}
    named |= {field: settlement.get(field) for field in ("measure", "evidence", "text")}
    return {field: str(text) for field, text in named.items() if text}


def _current_body(connection: Connection, line_id: str) -> dict[str, Any]:
    return next((one.body for one in version_history(connection, line_id) if one.current), {})


def _body_as_of(connection: Connection, line_id: str, stamp: int) -> dict[str, Any]:
    """What a line said when something with this stamp was written: its latest version by then."""
    versions: Sequence[Version] = version_history(connection, line_id)
    place = bisect_right(versions, stamp, key=lambda one: one.stamp)
    return versions[max(place - 1, 0)].body if versions else {}


def _row(row: tuple[Any, ...]) -> ApprovalRow:
    *told, issue_stamp, issue_device, step_stamp, step_id, step_device, _order, _id = row
    read = (VersionRef(told[0], issue_stamp, issue_device), VersionRef(step_id, step_stamp, step_device))
    values = (*told, read)
    return ApprovalRow(*values)


_IN_TURN_SQL = "t.deleted = 0 AND t.id NOT IN (SELECT value FROM json_each(coalesce(s.out_of_turn, '[]')))"
_SETTLEMENT = (
    f"(SELECT t.id FROM issue_step t WHERE t.issue_id = s.id AND t.act = 'settled' AND {_IN_TURN_SQL} "
    "ORDER BY t.stamp DESC, t.device_id DESC, t.id DESC LIMIT 1)"
)
_WAITING = (
    f"SELECT s.id, i.number, i.title, s.project_id, p.name, u.name, {person_name_sql('x.author_id')}, x.at, x.measure, "
    f"(SELECT count(*) FROM issue_step t WHERE t.issue_id = s.id AND t.act = 'returned' AND "
    f"{_IN_TURN_SQL}), s.because, "
    "i.stamp, i.device_id, x.stamp, x.id, x.device_id, x.stamp, x.id "
    "FROM issue_state s CROSS JOIN issue i ON i.id = s.id "
    f"CROSS JOIN issue_step x ON x.id = {_SETTLEMENT} "
    "LEFT JOIN project p ON p.id = s.project_id LEFT JOIN unit u ON u.id = s.department_id "
    "WHERE s.state = :state AND i.author_id IS NOT :me AND x.author_id IS NOT :me ORDER BY s.rowid LIMIT :limit"
)
"""One state's, those first that have stood unchanged for longest: the order of the index, so nothing is sorted."""
