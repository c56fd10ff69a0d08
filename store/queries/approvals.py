"""Issues that wait for the bureau's approval, and their texts when they were last returned (R48).

Nobody approves their own work, so issues that the reader's side recorded or settled are left out
(``stand_ins.own_side``), as the central would refuse the approval (``sync/central/accounts/permissions.py``). An
approval names the versions that were read, so the rows hold them.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from store.db.connection import Connection
from store.domain.file_rules import lacks_files_sql, required_files
from store.domain.status_lights import LightThresholds
from store.ledger.line import Body
from store.queries.attachments import count_attachments
from store.queries.co_handling import OWED_NAMES_SQL
from store.queries.issues import IssueDetail, Step, issue
from store.queries.lines import Version, version_history
from store.queries.name_sql import person_name_sql
from store.queries.paging import Row
from store.writer.project_figures import IN_TURN_SQL

MAX_APPROVALS = 300
"""At most so many are listed; the next appear when these are approved."""
REVIEW_ACTS = ("returned", "rejected", "approved")
"""Acts after which an issue is settled again; an approval among them closed nothing, since what it named had
changed."""


class VersionRef(NamedTuple):
    """One version of a line that was read."""

    id: str
    stamp: int
    device: str


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """An issue that waits for approval. ``measure`` is what its settlement says was done, ``settled_at`` a moment;
    ``returned`` how often it was returned; ``owed`` names the departments that have not spoken; ``lacks_files``:
    the settlement has fewer files than the district requires; ``read`` are the current versions of the issue and of its
    settlement."""

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
    owed: str | None
    lacks_files: bool
    read: tuple[VersionRef, VersionRef]


@dataclass(frozen=True, slots=True)
class ApprovalDetail:
    """One issue that waits for approval: its settlement, the texts of both by field, the texts when it was last
    returned (None where it is settled for the first time), the step that returned it, and every step since;
    ``needed_files``: how many files the district requires of the settlement, ``files`` how many it has."""

    detail: IssueDetail
    settlement: Step
    current_texts: dict[str, str]
    previous_texts: dict[str, str] | None
    last_review: Step | None
    steps_since: tuple[Step, ...]
    read: tuple[VersionRef, VersionRef]
    needed_files: int
    files: int


def approvals(
    connection: Connection, thresholds: LightThresholds, side: Collection[str], limit: int = MAX_APPROVALS
) -> list[ApprovalRow]:
    """What waits for approval by somebody whose own work is that of these people (ids)? What was settled first comes
    first."""
    states = ("pending_approval",) if thresholds.confirmation_required else ("settled", "pending_approval")
    values = {"side": json.dumps(list(side)), "limit": limit}
    rows = [row for state in states for row in connection.execute(_WAITING, {**values, "state": state})]
    rows.sort(key=lambda row: (row[-2], row[-1]))
    return [_row(row) for row in rows[:limit]]


def approval(connection: Connection, issue_id: str, thresholds: LightThresholds) -> ApprovalDetail | None:
    """What is to be approved here, and how did it differ when it was last returned? None where nothing is."""
    detail = issue(connection, issue_id, thresholds)
    done = [step for step in detail.steps if not step.out_of_turn] if detail else []
    settled = [at for at, step in enumerate(done) if step.act == "settled"]
    if detail is None or not settled or detail.row.state not in ("settled", "pending_approval"):
        return None
    now = done[settled[-1]]
    back = next((at for at in range(len(done) - 1, -1, -1) if done[at].act in REVIEW_ACTS), None)
    before = [at for at in settled if back is not None and at < back]
    read = (VersionRef(detail.row.id, detail.stamp, detail.device), VersionRef(now.id, now.stamp, now.device))
    texts = _settlement_texts(_current_body(connection, issue_id), _current_body(connection, now.id))
    files = (
        required_files(connection, "settled", detail.row.category, now.at[:10]),
        count_attachments(connection, [now.id]).get(now.id, 0),
    )
    if back is None or not before:
        return ApprovalDetail(detail, now, texts, None, None, tuple(done), read, *files)
    stamp = done[back].stamp
    previous = _settlement_texts(
        _body_as_of(connection, issue_id, stamp), _body_as_of(connection, done[before[-1]].id, stamp)
    )
    return ApprovalDetail(detail, now, texts, previous, done[back], tuple(done[back + 1 :]), read, *files)


def who_signed(connection: Connection, issue_id: str) -> set[str]:
    """Who recorded this issue, has its current version, or settled it at any time, and in whose place?"""
    rows = connection.execute(f"SELECT id FROM ({_SIGNED}) WHERE id IS NOT NULL", {"issue": issue_id})
    return {row[0] for row in rows}


def _settlement_texts(issue_body: Body, settlement: Body) -> dict[str, str]:
    """The texts of a settlement and of the issue that it settles, by field."""
    texts = {"title": issue_body.get("title"), "what": issue_body.get("text")}
    texts |= {field: settlement.get(field) for field in ("measure", "evidence", "text")}
    return {field: str(text) for field, text in texts.items() if text}


def _current_body(connection: Connection, line_id: str) -> Body:
    return next((version.body for version in version_history(connection, line_id) if version.current), {})


def _body_as_of(connection: Connection, line_id: str, stamp: int) -> Body:
    """The body of a line as of a stamp: that of its latest version by then."""
    versions: Sequence[Version] = version_history(connection, line_id)
    at = bisect_right(versions, stamp, key=lambda version: version.stamp)
    return versions[max(at - 1, 0)].body if versions else {}


def _row(row: Row) -> ApprovalRow:
    *columns, lacks_files, issue_stamp, issue_device, step_stamp, step_id, step_device, _order, _id = row
    read = (VersionRef(columns[0], issue_stamp, issue_device), VersionRef(step_id, step_stamp, step_device))
    values = (*columns, bool(lacks_files), read)
    return ApprovalRow(*values)


def _signed_sql(issue: str) -> str:
    """A SELECT of the ids of all who recorded or settled the issue whose id is ``issue``, and in whose place."""
    first = (
        f"SELECT author_id, json_extract(body, '$.acting_for_id') AS acting_for_id FROM history WHERE id = {issue} "
        "AND reason <> 'rejected' ORDER BY stamp, device_id LIMIT 1"
    )
    current = f"SELECT author_id, acting_for_id FROM issue WHERE id = {issue}"
    settled = f"SELECT author_id, acting_for_id FROM issue_step WHERE issue_id = {issue} AND act = 'settled'"
    return " UNION ALL ".join(
        f"SELECT {column} AS id FROM ({lines})"
        for lines in (current, settled, first)
        for column in ("author_id", "acting_for_id")
    )


_SIGNED = _signed_sql(":issue")
_COUNTS = f"t.deleted = 0 AND {IN_TURN_SQL}"
_SETTLEMENT = (
    f"(SELECT t.id FROM issue_step t WHERE t.issue_id = s.id AND t.act = 'settled' AND {_COUNTS} "
    "ORDER BY t.stamp DESC, t.device_id DESC, t.id DESC LIMIT 1)"
)
_WAITING = (
    f"SELECT s.id, i.number, i.title, s.project_id, p.name, u.name, {person_name_sql('x.author_id')}, x.at, x.measure, "
    f"(SELECT count(*) FROM issue_step t WHERE t.issue_id = s.id AND t.act = 'returned' AND "
    f"{_COUNTS}), s.because, {OWED_NAMES_SQL}, "
    f"{lacks_files_sql('substr(x.at, 1, 10)', 'x')}, "
    "i.stamp, i.device_id, x.stamp, x.id, x.device_id, x.stamp, x.id "
    "FROM issue_state s CROSS JOIN issue i ON i.id = s.id "
    f"CROSS JOIN issue_step x ON x.id = {_SETTLEMENT} "
    "LEFT JOIN project p ON p.id = s.project_id LEFT JOIN unit u ON u.id = s.department_id "
    f"WHERE s.state = :state AND NOT EXISTS (SELECT 1 FROM ({_signed_sql('s.id')}) w "
    "WHERE w.id IN (SELECT value FROM json_each(:side))) ORDER BY s.rowid LIMIT :limit"
)
"""The issues in one state, in the order of the index, so that nothing is sorted."""
