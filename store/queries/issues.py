"""Issues: the ledger of difficulties, problems and requests, and one issue with all its steps (R24, R48, R49)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

import orjson

from store.db.connection import Connection
from store.domain.issue_deadlines import Act, IssueTimeline, timeline
from store.domain.issue_lifecycle import FINISHED_STATES, STATES, TOP_LEVEL, IssueState, State
from store.domain.responsible_party import (
    ESCALATABLE_STATES,
    ResponsibleParty,
    proposed_escalation_level,
    responsible_party,
)
from store.domain.status_lights import Light, LightThresholds, effective_due
from store.ledger.hlc import ms_from_hlc
from store.queries.co_handling import (
    CO_HANDLERS_SQL,
    IS_OWED_SQL,
    OF_DEPARTMENTS_SQL,
    OWED_BY_SQL,
    CoHandling,
    co_handlings,
)
from store.queries.light_sql import LIGHT_SQL, URGENCY_SQL, light_parameters, urgency
from store.queries.name_sql import kept_id_sql, same_ids_sql, shown_name_sql, written_by_sql
from store.queries.own_work import IssueNeed
from store.queries.paging import KeysetIndex, Listing, Row, RowKey, page_sql, sorted_by
from store.queries.project_filters import SERVES_TODAY_SQL, SERVING_ORDER_SQL
from store.queries.provisional_sql import PROVISIONAL_OF_ISSUE_SQL
from store.values.records import field_values
from store.values.times import district_time, format_moment
from store.writer.project_figures import DUE_SQL

IssueOrder = Literal["newest", "light", "number", "title", "project", "state", "department", "owner", "due"]
"""``light``: the reddest first, then by due date; what has no light last. The others are columns, ascending."""
_STATE_RANKS = " ".join(f"WHEN '{state}' THEN '{rank:02}'" for rank, state in enumerate(STATES))
ISSUE_SORTS: Mapping[str, str] = {
    "number": "(SELECT x.number FROM issue x WHERE x.id = s.id)",
    "title": "(SELECT x.title FROM issue x WHERE x.id = s.id)",
    "project": "(SELECT x.name FROM project x WHERE x.id = s.project_id)",
    "state": f"CASE s.state {_STATE_RANKS} END",
    "department": "(SELECT x.name FROM unit x WHERE x.id = s.department_id)",
    "owner": "(SELECT x.name FROM person x WHERE x.id = s.owner_id)",
    "due": "s.due",
}
"""What an order by a column sorts by, of an issue's state ``s``; states in the order of an issue's life."""


@dataclass(frozen=True, slots=True)
class IssueFilter:
    """Which issues to list; None: no condition. ``project``, ``department`` and ``owner`` are ids; a ``department``
    leads or co-handles; ``owed``: a co-handling department, with ``department`` that one, has not spoken; ``text`` is
    part of number, title or text; ``since`` and ``until`` are the first and last day on which it was raised;
    ``supervised``: a supervision finding was noted; ``reporter`` (an id) recorded or escalated it; ``unfinished``: not
    closed or cancelled; ``proposed``: the overdue rule would escalate it; ``need``: it needs a person for one reason;
    ``reverse``: in the opposite order."""

    project: str | None = None
    department: str | None = None
    owner: str | None = None
    state: State | None = None
    light: Light | None = None
    text: str | None = None
    reporter: str | None = None
    unfinished: bool = False
    proposed: bool = False
    owed: bool = False
    need: IssueNeed | None = None
    category: str | None = None
    since: str | None = None
    until: str | None = None
    supervised: bool = False
    order: IssueOrder = "newest"
    reverse: bool = False


EVERY_ISSUE = IssueFilter()
NEWEST_FIRST = "ORDER BY s.id DESC"


@dataclass(frozen=True, slots=True)
class IssueRow:
    """A row of the issue ledger. ``department``, ``owner`` and ``project`` are names; ``because`` says why an approval
    did not close it; ``out_of_turn`` are the ids of the steps that changed nothing because their act was not allowed
    when it met the issue; ``proposed`` is the level to which the overdue rule would escalate it; ``co_handlers`` are
    the departments beside the leading ``department``; ``due_rule`` the time rule that gave the due date (an id), where
    nobody has set one; ``extension`` an open request for a later one (a step); ``provisional``: how many provisional
    versions are here of it and its steps (``store/queries/provisional.py``)."""

    id: str
    number: str
    title: str
    kind: str
    category: str | None
    state: State
    level: int
    light: Light | None
    project_id: str | None
    project: str | None
    department_id: str | None
    department: str | None
    owner_id: str | None
    owner: str | None
    due: str | None
    waiting_until: str | None
    close_number: str | None
    because: str | None
    due_rule: str | None
    extension: str | None
    out_of_turn: tuple[str, ...]
    must_act: ResponsibleParty | None
    proposed: int | None
    co_handlers: tuple[CoHandling, ...] = ()
    provisional: int = 0

    def to_json(self) -> dict[str, Any]:
        """The row as ``guanjia issue list --json`` prints it."""
        values = field_values(self)
        del values["co_handlers"]
        return {**values, "with": [asdict(each) for each in self.co_handlers]}


@dataclass(frozen=True, slots=True)
class Step:
    """One act on an issue. ``at`` is the moment it happened, or was written where nothing else is said, and
    empty where a table that it was taken over from does not say; ``author`` a
    name, or the table from which the step was taken over; ``others`` the departments that an assignment adds to the
    leading one; ``stamp`` and ``device`` say which version this is."""

    id: str
    act: str
    at: str
    author_id: str
    author: str | None
    text: str | None
    reason: str | None
    department: str | None
    owner: str | None
    due: str | None
    until: str | None
    waiting_for: str | None
    level: int | None
    meeting_id: str | None
    measure: str | None
    evidence: str | None
    cause: str | None
    merged_into: str | None
    others: str | None
    stamp: int
    device: str
    out_of_turn: bool


@dataclass(frozen=True, slots=True)
class IssueDetail:
    """One issue: its row of the ledger, its own fields, its version, and its steps, oldest first. ``first_contact`` is
    who took it up first and answers for it to the enterprise; ``acting`` the name of who must act now."""

    row: IssueRow
    about: str | None
    urgency: str | None
    source: str | None
    source_id: str | None
    raised_at: str | None
    text: str | None
    author_id: str
    author: str | None
    stamp: int
    device: str
    first_contact: str | None
    acting: str | None
    steps: tuple[Step, ...]

    def to_json(self) -> dict[str, Any]:
        """The issue as ``guanjia issue show --json`` prints it: one flat object."""
        whole = asdict(self)
        return {**self.row.to_json(), **{name: value for name, value in whole.items() if name != "row"}}


def latest_settlement(detail: IssueDetail) -> Step | None:
    """The step that settled the issue last; None where none did."""
    settled = (step for step in reversed(detail.steps) if step.act == "settled" and not step.out_of_turn)
    return next(settled, None)


def listing(thresholds: LightThresholds, issue_filter: IssueFilter = EVERY_ISSUE) -> Listing:
    """The issue ledger in its order; lights are those of the thresholds' day."""
    by_light = issue_filter.order == "light"
    conditions = [condition for name, condition in _CONDITIONS.items() if getattr(issue_filter, name)]
    values = {
        name: getattr(issue_filter, name)
        for name in _CONDITIONS
        if getattr(issue_filter, name) not in (None, False, True)
    }
    if issue_filter.owed and issue_filter.department:
        conditions.append(OWED_BY_SQL.format(units=kept_id_sql(":department")))
    if "text" in values:
        values["text"] = "%" + _escape_like(values["text"]) + "%"
    if issue_filter.light or by_light:
        values |= light_parameters(thresholds)
    if issue_filter.proposed:
        values["escalate"] = thresholds.escalate_due
    if issue_filter.need:
        condition, more = issue_filter.need.condition(thresholds)
        conditions, values = [*conditions, condition], {**more, **values}
    table = "issue_state s JOIN issue i ON i.id = s.id" if issue_filter.text else "issue_state s"
    order = (*URGENCY_SQL, "s.id") if by_light else ("s.id",)
    source = f"{table} WHERE {' AND '.join(conditions or ['TRUE'])}"
    if issue_filter.order in ISSUE_SORTS:
        listed = Listing(source, ("s.id",), values=values)
        return sorted_by(listed, ISSUE_SORTS[issue_filter.order], descending=issue_filter.reverse)
    return Listing(source, order, descending=not issue_filter.reverse, values=values)


def issue_key(row: IssueRow, order: IssueOrder = "newest") -> RowKey:
    """A row's key in the order by age or by light; in others `store.queries.paging.key_reader` reads it."""
    if order == "newest":
        return (row.id,)
    due = effective_due(row.state, row.due, row.waiting_until)
    return (*urgency(row.light, row.state, due), row.id)


def issues(
    connection: Connection,
    thresholds: LightThresholds,
    issue_filter: IssueFilter = EVERY_ISSUE,
    *,
    limit: int = -1,
    index: KeysetIndex | None = None,
    position: int = 0,
) -> list[IssueRow]:
    """Which issues are there, in which state and light, and who must do what by when? ``limit`` -1 gives all."""
    selection = listing(thresholds, issue_filter)
    page, values = page_sql(selection, "s.*", limit, index, position)
    query = _LIST.format(page=page, order=selection.order_by)
    return [_row(thresholds, row) for row in connection.execute(query, {**values, **light_parameters(thresholds)})]


def issues_by_id(connection: Connection, thresholds: LightThresholds, issue_ids: Sequence[str]) -> list[IssueRow]:
    """What are the states of these issues? Newest first; those that are not here are left out."""
    page = "SELECT s.* FROM issue_state s WHERE s.id IN (SELECT value FROM json_each(:ids))"
    values = {"ids": orjson.dumps(list(issue_ids)).decode(), **light_parameters(thresholds)}
    return [_row(thresholds, row) for row in connection.execute(_LIST.format(page=page, order=NEWEST_FIRST), values)]


def issue(connection: Connection, issue_id: str, thresholds: LightThresholds) -> IssueDetail | None:
    """What does this issue say, and what was done about it? None when it is not here."""
    page = "SELECT s.* FROM issue_state s WHERE s.id = :id"
    record = connection.execute(
        _LIST.format(page=page, order=NEWEST_FIRST), {"id": issue_id, **light_parameters(thresholds)}
    ).fetchone()
    if record is None:
        return None
    row = _row(thresholds, record)
    own = connection.execute(
        f"SELECT i.about, i.urgency, i.source, i.source_id, i.raised_at, i.text, i.author_id, "
        f"{written_by_sql('i')}, i.stamp, "
        "i.device_id FROM issue i WHERE i.id = ?",
        (issue_id,),
    ).fetchone()
    done = steps_of_issue(connection, issue_id, row.out_of_turn)
    first = next((step.author for step in done if step.act == "recorded"), own[7])
    values = (row, *own, first, responsible_name(connection, row, thresholds), tuple(done))
    return IssueDetail(*values)


def responsible_name(connection: Connection, row: IssueRow, thresholds: LightThresholds) -> str | None:
    """What is the name of the party that must act on this issue? None where it is an office, or nobody is known."""
    if row.must_act in ("owner", "department"):
        return row.owner if row.must_act == "owner" else row.department
    names = connection.execute(
        f"SELECT group_concat(coalesce({shown_name_sql('n')}, u.name), '、' ORDER BY {SERVING_ORDER_SQL}) "
        "FROM assignment a "
        f"LEFT JOIN person n ON n.id = {kept_id_sql('a.person_id')} "
        f"LEFT JOIN unit u ON u.id = {kept_id_sql('a.unit_id')} "
        f"WHERE a.project_id = :project AND a.role = :role AND {SERVES_TODAY_SQL}",
        {"project": row.project_id, "role": row.must_act, "today": thresholds.today},
    ).fetchone()
    return names[0] if names else None


def steps_of_issue(connection: Connection, issue_id: str, out_of_turn: tuple[str, ...]) -> list[Step]:
    """What was done about this issue, in the order of the stamps?"""
    rows = connection.execute(
        "SELECT t.id, t.act, coalesce(t.at, iif(t.taken_over IS NULL, NULL, '')), "
        f"iif(t.taken_over IS NULL, t.author_id, ''), "
        f"iif(t.taken_over IS NULL, {written_by_sql('t')}, '《' || t.taken_over || '》'), t.text, t.reason, "
        f"u.name, {shown_name_sql('o')}, t.due, "
        "t.until, t.waiting_for, t.level, t.meeting_id, t.measure, t.evidence, t.cause, t.merged_into, "
        "(SELECT group_concat(coalesce(w.name, j.value), '、' ORDER BY j.key) FROM json_each(t.with_ids) j "
        f"LEFT JOIN unit w ON w.id = {kept_id_sql('j.value')}), t.stamp, "
        f"t.device_id FROM issue_step t LEFT JOIN person o ON o.id = {kept_id_sql('t.owner_id')} "
        f"LEFT JOIN unit u ON u.id = {kept_id_sql('t.department_id')} "
        "WHERE t.issue_id = ? AND t.deleted = 0 ORDER BY t.stamp, t.device_id, t.id",
        (issue_id,),
    )
    return [_step(row, out_of_turn) for row in rows]


def _step(row: Row, out_of_turn: tuple[str, ...]) -> Step:
    line_id, act, at, *rest, stamp, device = row
    when = at if at is not None else format_moment(district_time(ms_from_hlc(stamp)))
    values = (line_id, act, when, *rest, stamp, device, line_id in out_of_turn)
    return Step(*values)


def _row(thresholds: LightThresholds, row: Row) -> IssueRow:
    *shown, with_, out_of_turn, provisional = row
    turn = tuple(orjson.loads(out_of_turn)) if out_of_turn else ()
    state, level, due = row[5], row[6], row[14]
    party = responsible_party(state, level, confirmation_required=thresholds.confirmation_required)
    proposed = proposed_escalation_level(thresholds, IssueState(state, level, due=due))
    values = (*shown, turn, party, proposed, co_handlings(with_), provisional)
    return IssueRow(*values)


def _escape_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


RAISED_SQL = "(SELECT coalesce(substr(r.raised_at, 1, 10), '') FROM issue r WHERE r.id = s.id)"
"""The day on which the issue of the state ``s`` was raised."""
_REPORTER = same_ids_sql(":reporter")
_CONDITIONS = {
    "project": "s.project_id = :project",
    "department": OF_DEPARTMENTS_SQL.format(units=kept_id_sql(":department")),
    "owed": IS_OWED_SQL,
    "owner": f"s.owner_id = {kept_id_sql(':owner')}",
    "state": "s.state = :state",
    "light": f"{LIGHT_SQL} = :light",
    "text": "(i.title LIKE :text ESCAPE '\\' OR i.number LIKE :text ESCAPE '\\' OR i.text LIKE :text ESCAPE '\\')",
    "reporter": f"(EXISTS (SELECT 1 FROM issue r WHERE r.id = s.id AND r.author_id IN ({_REPORTER})) "
    "OR EXISTS (SELECT 1 FROM issue_step r WHERE r.issue_id = s.id AND r.act = 'escalated' "
    f"AND r.author_id IN ({_REPORTER}) AND r.deleted = 0))",
    "proposed": f"s.state IN ({', '.join(repr(state) for state in ESCALATABLE_STATES)}) AND s.level < {TOP_LEVEL} "
    f"AND {DUE_SQL} <= :escalate",
    "category": "EXISTS (SELECT 1 FROM issue c WHERE c.id = s.id AND c.category = :category)",
    "since": f"{RAISED_SQL} >= :since",
    "until": f"{RAISED_SQL} <= :until",
    "supervised": "EXISTS (SELECT 1 FROM issue_step v WHERE v.issue_id = s.id AND v.act = 'supervised' "
    "AND v.deleted = 0)",
    "unfinished": f"s.state NOT IN ({', '.join(repr(state) for state in FINISHED_STATES)})",
}
_LIST = (
    "WITH page AS ({page}) SELECT s.id, i.number, i.title, i.kind, i.category, s.state, s.level, "
    f"{LIGHT_SQL}, s.project_id, p.name, s.department_id, u.name, s.owner_id, {shown_name_sql('n')}, s.due, "
    f"s.waiting_until, s.close_number, s.because, s.due_rule, s.extension, {CO_HANDLERS_SQL}, s.out_of_turn, "
    f"{PROVISIONAL_OF_ISSUE_SQL} FROM page s "
    "JOIN issue i ON i.id = s.id LEFT JOIN project p ON p.id = s.project_id "
    "LEFT JOIN unit u ON u.id = s.department_id LEFT JOIN person n ON n.id = s.owner_id {order}"
)


def timeline_of(detail: IssueDetail) -> IssueTimeline:
    """What decides on the deadlines of an issue, from its steps in turn."""
    steps = [step for step in detail.steps if not step.out_of_turn]
    acts = [Act(step.act, step.at[:10], step.due, _day(step.stamp).isoformat()) for step in steps]
    return timeline(detail.row, acts, _day(detail.stamp))


def _day(stamp: int) -> date:
    return district_time(ms_from_hlc(stamp)).date()
