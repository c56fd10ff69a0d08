"""Issues: recording an issue, and every act of its life (domain.md, Life of an issue; R24, R36, R48, R49).

An act is one issue step. It is refused here when the state on this device does not allow it; acts of two devices that
did not know of each other are resolved by ``store/domain/issue_lifecycle.py`` (out of turn).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from store.commands.co_handling import (
    check_leading,
    check_opinions,
    co_handling_ids,
    disputing_department,
    speaking_department,
)
from store.commands.exceptions import (
    ActNotAllowed,
    AlreadyAssigned,
    FieldMissing,
    LeadingDepartmentFixed,
    MeetingTooLow,
    NameUnknown,
    SelfApproval,
    SelfMerge,
    StaleApproval,
)
from store.commands.extensions import check_extension, extension_defaults
from store.commands.numbers import new_number
from store.commands.people import Newcomers, WriteResult, corrected_now, write_drafts
from store.commands.required_files import check_files, requiring_files
from store.commands.resolve import resolve
from store.db.connection import Connection
from store.domain.issue_lifecycle import TOP_LEVEL, TRANSITIONS, allowed_acts
from store.domain.limits import read_limits
from store.domain.status_lights import light_thresholds
from store.domain.time_rules import read_time_rules
from store.exceptions import UndoForbidden
from store.ledger.hlc import ms_from_hlc
from store.ledger.line import is_id, new_id
from store.queries.approvals import VersionRef, who_signed
from store.queries.issues import IssueDetail, IssueRow, issue, latest_settlement
from store.queries.stand_ins import own_side
from store.values.text import is_blank
from store.values.times import district_time, format_moment, parse_day, parse_time
from store.writer.local_writes import Draft, Ledger


@dataclass(frozen=True, slots=True)
class Verb:
    """An act by its name on the command line: the step's act, its required fields, its optional fields."""

    act: str
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()


VERBS: Mapping[str, Verb] = {
    "assign": Verb("assigned", ("department", "owner"), ("due", "with", "text")),
    "accept": Verb("accepted", (), ("text",)),
    "dispute": Verb("disputed", ("reason",), ("department",)),
    "progress": Verb("progress", ("text",)),
    "wait": Verb("waiting", ("reason", "until"), ("waiting_for",)),
    "extend": Verb("extended", ("due", "reason")),
    "ask-extension": Verb("extension_asked", ("due", "reason")),
    "refuse-extension": Verb("extension_refused", ("reason",)),
    "opinion": Verb("opinion", ("text",), ("department",)),
    "escalate": Verb("escalated", ("reason",), ("level",)),
    "pass-on": Verb("passed_on", ("reason",)),
    "resolve": Verb("resolved", ("text",), ("meeting",)),
    "settle": Verb("settled", ("measure", "evidence"), ("text", "reason")),
    "confirm": Verb("confirmed", (), ("text", "reason")),
    "reject": Verb("rejected", ("reason",)),
    "approve": Verb("approved", (), ("text", "reason")),
    "return": Verb("returned", ("reason",)),
    "reopen": Verb("reopened", ("cause", "reason")),
    "cancel": Verb("cancelled", ("reason",), ("merged_into",)),
    "remind": Verb("reminded", ("text",)),
    "supervise": Verb("supervised", ("text",)),
    "tell": Verb("told", ("text",)),
}
"""Every act of contract.md. All take ``at``, the time when it happened, and ``meeting``, which decided it, as well.
``with`` are the departments that co-handle; an empty text is none. An assignment needs a due date where no time rule
gives one."""
VERB_BY_ACT: Mapping[str, str] = {verb.act: name for name, verb in VERBS.items()}
ActFields = Mapping[str, str | int | None]
"""The fields of an act by name, as typed."""
_RESPONSIBLE_FIELDS = ("department", "owner", "due")


def record(
    ledger: Ledger,
    *,
    project: str,
    title: str,
    kind: str = "problem",
    department: str | None = None,
    owner: str | None = None,
    due: str | None = None,
    raised_at: str | None = None,
    **fields: str | None,
) -> WriteResult:
    """Record an issue, which is then open. Department, owner and due date are the butler's proposal. ``fields`` may be
    ``category``, ``urgency``, ``about``, ``source``, ``source_id`` and ``text``. Raises `BadTime`, `BadLine` and what
    `resolve` raises."""
    ledger.require_role("issue")
    newcomers = Newcomers(ledger.database.connection())
    where = resolve(newcomers.connection, "project", project).id
    proposed = {"department": department, "owner": owner, "due": due, "raised_at": raised_at}
    drafts = issue_drafts(ledger, newcomers, where, {"title": title, "kind": kind, **proposed, **fields})
    return write_drafts(ledger, newcomers, drafts, str(drafts[0].id))


def issue_drafts(
    ledger: Ledger, newcomers: Newcomers, project_id: str, fields: Mapping[str, str | None]
) -> list[Draft]:
    """The lines that `record` writes besides newcomers, the issue's first, for commands that write more in the same
    transaction. Raises `BadTime`, `NameAmbiguous` and `NameUnknown`."""
    now = corrected_now(ledger)
    issue_id, number = new_number(newcomers.connection, "issue", now.date(), ledger.wall_clock())
    due, raised_at = fields.get("due"), fields.get("raised_at")
    own = {name: value for name, value in fields.items() if name not in ("department", "owner")}
    body = {
        "kind": "problem",
        **own,
        "number": number,
        "due": parse_day(due, now, "future") if due else None,
        "raised_at": parse_time(raised_at, now, "past") if raised_at else format_moment(now),
        **_responsible_ids(newcomers, fields),
    }
    step = {"issue_id": issue_id, "act": "recorded", "at": format_moment(now)}
    return [Draft("issue", _without_empty(body), project_id, issue_id), Draft("issue_step", step, project_id)]


def edit(ledger: Ledger, reference: str, **changes: str | None) -> WriteResult:
    """Change a recorded issue; None leaves a field as it is, an empty text removes it. Department, owner and due date
    can be edited only while the issue is open. Raises `AlreadyAssigned`, `BadTime`, `BadLine` and what `resolve`
    raises."""
    now, detail = corrected_now(ledger), _issue(ledger, reference)
    changed = {name: value for name, value in changes.items() if value is not None}
    fixed = [name for name in _RESPONSIBLE_FIELDS if name in changed]
    if fixed and detail.row.state != "open":
        raise AlreadyAssigned(number=detail.row.number, state=detail.row.state, fields=", ".join(fixed))
    newcomers = Newcomers(ledger.database.connection())
    body: dict[str, str | None] = {
        name: value or None for name, value in changed.items() if name not in ("department", "owner")
    }
    body |= {f"{name}_id": None for name in ("department", "owner") if changed.get(name) == ""}
    body |= _responsible_ids(newcomers, changed)
    if due := body.get("due"):
        body["due"] = parse_day(due, now, "future")
    if raised_at := body.get("raised_at"):
        body["raised_at"] = parse_time(raised_at, now, "past")
    ledger.edit_with(newcomers.drafts, "issue", detail.row.id, body)
    return WriteResult(detail.row.id, tuple(newcomers.added))


def act(
    ledger: Ledger, reference: str, verb: str, *, read: Iterable[VersionRef] | None = None, **fields: str | int | None
) -> WriteResult:
    """Do one act on an issue. ``fields`` are those of the act (`VERBS`), ``at``, and the ``meeting`` that decided it;
    ``read`` are the versions that were read before an approval. Raises `ActNotAllowed`, `FieldMissing`, `SelfApproval`,
    `StaleApproval`, `OpinionsOwed`, `FilesRequired`, `UnitNotOfIssue`, `LeadingDepartmentFixed`, `MeetingTooLow`,
    `BadTime`, `BadLine` and what `check_extension` and `resolve` raise; returns the issue's id."""
    newcomers, detail = Newcomers(ledger.database.connection()), _issue(ledger, reference)
    step = _step_draft(ledger, newcomers, detail, verb, fields, read, None)
    with requiring_files(ledger, detail, verb, step):
        return write_drafts(ledger, newcomers, [step], detail.row.id)


def step_draft(
    ledger: Ledger,
    newcomers: Newcomers,
    reference: str,
    verb: str,
    fields: ActFields,
    *,
    chaired_at: int | None = None,
) -> tuple[str, Draft]:
    """The issue's id, and the step that `act` writes, for commands that write more in the same transaction;
    ``chaired_at`` is the level of a meeting that is among those lines. Raises what `act` raises."""
    detail = _issue(ledger, reference)
    step = _step_draft(ledger, newcomers, detail, verb, fields, None, chaired_at)
    check_files(newcomers.connection, detail, verb, step)
    return detail.row.id, step


def _step_draft(
    ledger: Ledger,
    newcomers: Newcomers,
    detail: IssueDetail,
    verb: str,
    fields: ActFields,
    read: Iterable[VersionRef] | None,
    chaired_at: int | None,
) -> Draft:
    connection, row = newcomers.connection, detail.row
    if verb == "escalate" and row.state == "escalated":
        verb, fields = "pass-on", {name: value for name, value in fields.items() if name != "level"}
    rule = VERBS[verb]
    offered = {name: value for name, value in fields.items() if not is_blank(value)}
    if unknown := offered.keys() - {*rule.needs, *rule.takes, "at", "meeting"}:
        raise TypeError(f"{verb} takes no {', '.join(sorted(unknown))}")
    spoken = _disputed_part(connection, row, offered) if verb == "dispute" else {}
    chaired_at = chaired_at or _level_of_meeting(newcomers, offered)
    ledger.require_role("issue_step", act="opinion" if spoken else rule.act, level=chaired_at or row.level)
    check_leading(connection, row, verb)
    _check_allowed(row, "opinion" if spoken else rule.act, verb, at_meeting="meeting" in offered)
    if verb == "opinion":
        spoken = {"department_id": speaking_department(connection, row, _text(offered.pop("department", None)))}
    if verb == "escalate" and row.proposed:
        offered = {"reason": f"逾期未办结，期限 {row.due}", "level": row.proposed, **offered}
    known = {**_assignment_defaults(detail), **offered} if verb == "assign" else offered
    known = {**extension_defaults(detail, verb), **known}
    if missing := [name for name in _needs(ledger, detail, verb, offered) if name not in known]:
        raise FieldMissing(verb=verb, fields=", ".join(missing))
    if verb == "assign" and row.state not in TRANSITIONS["assigned"].sources:
        known = _kept_assignment(ledger, row, known, offered)
    body = _step_body(ledger, newcomers, detail, known) | spoken
    if verb == "assign" and (others := fields.get("with")) is not None:
        body["with_ids"] = co_handling_ids(newcomers, str(others), _text(body.get("department_id", row.department_id)))
    implied = _implied_fields(ledger, detail, verb, body, read, chaired_at)
    implied |= check_extension(ledger, detail, verb, body, corrected_now(ledger))
    body |= {"issue_id": row.id, "act": rule.act, **implied}
    return Draft("issue_step", body, row.project_id, new_id(ledger.wall_clock()))


def _check_allowed(row: IssueRow, act: str, verb: str, *, at_meeting: bool) -> None:
    possible = allowed_acts(row.state, at_meeting=at_meeting, same_department=True)
    if act not in possible or (verb == "pass-on" and row.level != TOP_LEVEL - 1):
        usual = [name for name in allowed_acts(row.state) if name != "opinion" or row.co_handlers]
        verbs = ", ".join(VERB_BY_ACT[name] for name in usual)
        raise ActNotAllowed(number=row.number, state=row.state, verb=verb, allowed=verbs)


def _disputed_part(connection: Connection, row: IssueRow, offered: dict[str, str | int | None]) -> dict[str, str]:
    """The part of a co-handling department that is disputed; empty where the leading one disputes the issue."""
    unit = disputing_department(connection, row, _text(offered.pop("department", None)))
    return {"department_id": unit} if unit else {}


def _kept_assignment(
    ledger: Ledger, row: IssueRow, known: ActFields, offered: ActFields
) -> dict[str, str | int | None]:
    """The fields of an assignment that only changes who co-handles: department and due date must be as they are, and
    are not written, so that it stays one whatever that department is merged into. Raises `LeadingDepartmentFixed`."""
    now = corrected_now(ledger)
    leading = Newcomers(ledger.database.connection()).unit(str(known["department"]))
    due = parse_day(str(known["due"]), now, "future") if "due" in known else row.due
    if leading != row.department_id or due != row.due:
        raise LeadingDepartmentFixed(number=row.number, department=row.department)
    return {name: value for name, value in offered.items() if name not in ("department", "due")}


def _needs(ledger: Ledger, detail: IssueDetail, verb: str, fields: ActFields) -> tuple[str, ...]:
    """The fields that an act needs on this issue: an assignment also a due date, where no time rule gives one."""
    needs = VERBS[verb].needs
    if verb != "assign":
        return needs
    now = corrected_now(ledger)
    at = parse_time(str(fields["at"]), now, "past") if "at" in fields else format_moment(now)
    return needs if is_due_ruled(ledger.database.connection(), detail, at) else (*needs, "due")


def is_due_ruled(connection: Connection, detail: IssueDetail, at: str) -> bool:
    """Whether a time rule gives this issue a due date once it is assigned, then, where nobody sets one."""
    body = {"urgency": detail.urgency, "category": detail.row.category}
    recorded = detail.raised_at or _written(detail.stamp)
    acts = [(step.act, step.at or _written(step.stamp)) for step in detail.steps if not step.out_of_turn]
    to_come = [*acts, ("assigned", at), ("accepted", at)]
    return any(rule.begins(body, recorded, to_come) for rule in read_time_rules(connection))


def _written(stamp: int) -> str:
    return format_moment(district_time(ms_from_hlc(stamp)))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _issue(ledger: Ledger, reference: str) -> IssueDetail:
    connection = ledger.database.connection()
    thresholds = light_thresholds(corrected_now(ledger), read_limits(connection))
    detail = issue(connection, resolve(connection, "issue", reference).id, thresholds)
    if detail is None:
        raise NameUnknown(text=reference)
    return detail


def _assignment_defaults(detail: IssueDetail) -> dict[str, str]:
    """The fields that an assignment may omit because the issue has them already. A due date that a time rule gives goes
    on following the rule."""
    row = detail.row
    known = {"department": row.department_id, "owner": row.owner_id, "due": None if row.due_rule else row.due}
    return {name: value for name, value in known.items() if value}


def _step_body(ledger: Ledger, newcomers: Newcomers, detail: IssueDetail, fields: ActFields) -> dict[str, object]:
    """The fields of an act as the step stores them."""
    now = corrected_now(ledger)
    body: dict[str, object] = {
        name: value
        for name, value in fields.items()
        if name not in ("department", "owner", "with", "meeting", "merged_into")
    }
    body |= {name: parse_day(str(fields[name]), now, "future") for name in ("due", "until") if name in fields}
    body |= _responsible_ids(newcomers, fields)
    body["at"] = parse_time(str(fields["at"]), now, "past") if "at" in fields else format_moment(now)
    if "meeting" in fields:
        body["meeting_id"] = _meeting_id(newcomers, str(fields["meeting"]).strip())
    if "merged_into" in fields:
        body["merged_into"] = resolve(newcomers.connection, "issue", str(fields["merged_into"])).id
        if body["merged_into"] == detail.row.id:
            raise SelfMerge(number=detail.row.number)
    return body


def _implied_fields(
    ledger: Ledger,
    detail: IssueDetail,
    verb: str,
    body: Mapping[str, object],
    read_versions: Iterable[VersionRef] | None,
    chaired_at: int | None,
) -> dict[str, object]:
    """The fields of an act that nobody types."""
    row, connection = detail.row, ledger.database.connection()
    if verb == "escalate":
        return {"level": body.get("level", min(row.level + 1, TOP_LEVEL))}
    if verb == "resolve":
        return {"level": _level_of_decision(row, chaired_at)}
    if verb == "settle":
        check_opinions(connection, row, body.get("reason"))
    return {"versions": _approved_versions(ledger, detail, read_versions)} if verb == "approve" else {}


def _meeting_id(newcomers: Newcomers, typed: str) -> str:
    return typed if is_id(typed) else resolve(newcomers.connection, "meeting", typed).id


def _level_of_meeting(newcomers: Newcomers, fields: ActFields) -> int | None:
    """The level of the meeting that is named; None where none is, or it is not here."""
    if "meeting" not in fields:
        return None
    meeting = _meeting_id(newcomers, str(fields["meeting"]).strip())
    stored = newcomers.connection.execute("SELECT level FROM meeting WHERE id = ?", (meeting,)).fetchone()
    return int(stored[0]) if stored else None


def _level_of_decision(row: IssueRow, chaired_at: int | None) -> int:
    """The level at which an issue is resolved: that of the meeting, or where none is named the issue's. Raises
    `MeetingTooLow`."""
    level = chaired_at or row.level
    if row.state == "escalated" and level < row.level:
        raise MeetingTooLow(number=row.number, level=row.level, meeting=level)
    return level


def _approved_versions(
    ledger: Ledger, detail: IssueDetail, read_versions: Iterable[VersionRef] | None
) -> list[dict[str, object]]:
    """The versions that an approval names. Raises `SelfApproval` and `StaleApproval`."""
    settlement = latest_settlement(detail)
    if settlement is None:
        raise StaleApproval(number=detail.row.number)
    connection, today = ledger.database.connection(), corrected_now(ledger).date().isoformat()
    side = own_side(connection, today, ledger.named_principal)
    if not who_signed(connection, detail.row.id).isdisjoint(side):
        raise SelfApproval(number=detail.row.number)
    read = [
        VersionRef(detail.row.id, detail.stamp, detail.device),
        VersionRef(settlement.id, settlement.stamp, settlement.device),
    ]
    if read_versions is not None and set(read_versions) != set(read):
        raise StaleApproval(number=detail.row.number)
    return [version._asdict() for version in read]


def _responsible_ids(newcomers: Newcomers, fields: ActFields) -> dict[str, str]:
    """The ids of the department and the owner; an owner named for the first time belongs to that department."""
    ids: dict[str, str] = {}
    if fields.get("department"):
        ids["department_id"] = newcomers.unit(str(fields["department"]))
    if fields.get("owner"):
        ids["owner_id"] = newcomers.person(str(fields["owner"]), ids.get("department_id"))
    return ids


def _without_empty(body: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in body.items() if not is_blank(value)}


def take_back(ledger: Ledger, reference: str) -> WriteResult:
    """Take back the latest act on an issue, while it is on this device alone; it can be restored from the bin. Raises
    `ActSent`, and what `resolve` raises; returns the issue's id."""
    detail = _issue(ledger, reference)
    step = detail.steps[-1] if detail.steps else None
    if step is None or step.act == "recorded":
        raise UndoForbidden()
    ledger.withdraw("issue_step", step.id)
    return WriteResult(detail.row.id)
