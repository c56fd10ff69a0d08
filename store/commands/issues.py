"""The issue ledger: recording an issue, and every act of its life (domain.md, Life of an issue; R24, R36, R48, R49).

An act is one issue step. It is refused here when the state that this device sees does not allow it, because a person
acts on what they see; two devices that acted apart are dealt with by ``store/domain/issue_lifecycle.py`` (out of turn).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from store.commands.exceptions import (
    ActNotAllowed,
    AlreadyAssigned,
    FieldMissing,
    NameUnknown,
    SelfApproval,
    SelfMerge,
    StaleApproval,
)
from store.commands.numbers import new_number
from store.commands.people import Newcomers, WriteResult, corrected_now, write_drafts
from store.commands.resolve import resolve
from store.db.meta import read_device_state
from store.domain.issue_lifecycle import TOP_LEVEL, allowed_acts
from store.domain.limits import read_limits
from store.domain.status_lights import light_thresholds
from store.ledger.line import is_id, new_id
from store.queries.approvals import VersionRef
from store.queries.issues import IssueDetail, issue
from store.values.times import format_moment, parse_day, parse_time
from store.writer.local_writes import Draft, Ledger


@dataclass(frozen=True, slots=True)
class Verb:
    """What the command line calls an act: the step's act, what must be given with it, what may be."""

    act: str
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()


VERBS: Mapping[str, Verb] = {
    "assign": Verb("assigned", ("department", "owner", "due"), ("text",)),
    "accept": Verb("accepted", (), ("text",)),
    "dispute": Verb("disputed", ("reason",)),
    "progress": Verb("progress", ("text",)),
    "wait": Verb("waiting", ("reason", "until")),
    "extend": Verb("extended", ("due", "reason")),
    "escalate": Verb("escalated", ("reason",), ("level",)),
    "resolve": Verb("resolved", ("text",), ("meeting",)),
    "settle": Verb("settled", ("measure", "evidence"), ("text",)),
    "confirm": Verb("confirmed", (), ("text",)),
    "reject": Verb("rejected", ("reason",)),
    "approve": Verb("approved", (), ("text",)),
    "return": Verb("returned", ("reason",)),
    "reopen": Verb("reopened", ("cause", "reason")),
    "cancel": Verb("cancelled", ("reason",), ("merged_into",)),
    "remind": Verb("reminded", ("text",)),
    "supervise": Verb("supervised", ("text",)),
    "tell": Verb("told", ("text",)),
}
"""Every act of contract.md. All take ``at``, the time it happened, as well."""
VERB_BY_ACT: Mapping[str, str] = {verb.act: name for name, verb in VERBS.items()}
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
    """Record an issue; it is then open. Department, owner and due date are what the butler proposes. ``fields`` may
    hold ``category``, ``about``, ``source``, ``source_id`` and ``text``. Raises `BadTime`, `BadLine` and what
    `resolve` raises."""
    newcomers = Newcomers(ledger.database.connection())
    where = resolve(newcomers.connection, "project", project).id
    proposed = {"department": department, "owner": owner, "due": due, "raised_at": raised_at}
    drafts = issue_drafts(ledger, newcomers, where, {"title": title, "kind": kind, **proposed, **fields})
    return write_drafts(ledger, newcomers, drafts, str(drafts[0].id))


def issue_drafts(
    ledger: Ledger, newcomers: Newcomers, project_id: str, fields: Mapping[str, str | None]
) -> list[Draft]:
    """What `record` writes of what is ``given``, besides newcomers, the issue's line first: for who writes more in the
    same transaction. ``where`` is the project's id. Raises `BadTime`, `NameAmbiguous` and `NameUnknown`."""
    now = corrected_now(ledger)
    issue_id, number = new_number(newcomers.connection, "issue", now.date(), ledger.wall_clock())
    due, raised_at = fields.get("due"), fields.get("raised_at")
    own = {name: value for name, value in fields.items() if name not in ("department", "owner")}
    body = {
        "kind": "problem",
        **own,
        "number": number,
        "due": parse_day(due, now) if due else None,
        "raised_at": parse_time(raised_at, now) if raised_at else format_moment(now),
        **_responsible_ids(newcomers, fields),
    }
    step = {"issue_id": issue_id, "act": "recorded", "at": format_moment(now)}
    return [Draft("issue", _without_empty(body), project_id, issue_id), Draft("issue_step", step, project_id)]


def edit(ledger: Ledger, reference: str, **changes: str | None) -> WriteResult:
    """Change what was recorded; what is None stays, an empty text removes a field. Department, owner and due date may
    be edited while the issue is open. Raises `AlreadyAssigned`, `BadTime`, `BadLine` and what `resolve` raises."""
    now, found = corrected_now(ledger), _issue(ledger, reference)
    changed = {name: value for name, value in changes.items() if value is not None}
    fixed = [name for name in _RESPONSIBLE_FIELDS if name in changed]
    if fixed and found.row.state != "open":
        raise AlreadyAssigned(number=found.row.number, state=found.row.state, fields=", ".join(fixed))
    newcomers = Newcomers(ledger.database.connection())
    body: dict[str, Any] = {
        name: value or None for name, value in changed.items() if name not in ("department", "owner")
    }
    body |= {f"{name}_id": None for name in ("department", "owner") if changed.get(name) == ""}
    body |= _responsible_ids(newcomers, changed)
    if body.get("due"):
        body["due"] = parse_day(body["due"], now)
    if body.get("raised_at"):
        body["raised_at"] = parse_time(body["raised_at"], now)
    written = write_drafts(ledger, newcomers, [], found.row.id)
    ledger.edit("issue", found.row.id, **body)
    return written


def act(
    ledger: Ledger, reference: str, verb: str, *, read: Iterable[VersionRef] | None = None, **fields: str | int | None
) -> WriteResult:
    """Do one act on an issue. ``given`` holds what the act needs and takes (`VERBS`), ``at``, and the ``meeting`` that
    decided it; ``read`` are the versions that were read before an approval. Raises `ActNotAllowed`, `FieldMissing`,
    `SelfApproval`, `StaleApproval`, `BadTime`, `BadLine` and what `resolve` raises; gives the issue's id."""
    newcomers = Newcomers(ledger.database.connection())
    found, step = step_draft(ledger, newcomers, reference, verb, read=read, **fields)
    return write_drafts(ledger, newcomers, [step], found)


def step_draft(
    ledger: Ledger,
    newcomers: Newcomers,
    reference: str,
    verb: str,
    *,
    read: Iterable[VersionRef] | None = None,
    **fields: str | int | None,
) -> tuple[str, Draft]:
    """The issue's id, and the step that `act` writes, for who writes more in the same transaction. Raises what `act`
    raises."""
    found, does = _issue(ledger, reference), VERBS[verb]
    offered: dict[str, Any] = {name: value for name, value in fields.items() if value not in (None, "")}
    if unknown := offered.keys() - {*does.needs, *does.takes, "at", "meeting"}:
        raise TypeError(f"{verb} takes no {', '.join(sorted(unknown))}")
    if does.act not in (possible := allowed_acts(found.row.state)):
        verbs = ", ".join(VERB_BY_ACT[name] for name in possible)
        raise ActNotAllowed(number=found.row.number, state=found.row.state, verb=verb, allowed=verbs)
    if verb == "assign":
        offered = {**_assignment_defaults(found), **offered}
    if verb == "escalate" and found.row.proposed:
        offered = {"reason": f"逾期未办结，期限 {found.row.due}", "level": found.row.proposed, **offered}
    if missing := [name for name in does.needs if name not in offered]:
        raise FieldMissing(verb=verb, fields=", ".join(missing))
    body = _step_body(ledger, newcomers, found, offered) | _implied_fields(ledger, found, verb, read)
    step = {"issue_id": found.row.id, "act": does.act, **body}
    if verb == "escalate":
        step.setdefault("level", min(found.row.level + 1, TOP_LEVEL))
    return found.row.id, Draft("issue_step", step, found.row.project_id, new_id(ledger.wall_clock()))


def _issue(ledger: Ledger, reference: str) -> IssueDetail:
    connection = ledger.database.connection()
    on = light_thresholds(corrected_now(ledger).date(), read_limits(connection))
    found = issue(connection, resolve(connection, "issue", reference).id, on)
    if found is None:
        raise NameUnknown(text=reference)
    return found


def _assignment_defaults(detail: IssueDetail) -> dict[str, str]:
    """What an assignment may leave out, because the issue has it already."""
    row = detail.row
    known = {"department": row.department_id, "owner": row.owner_id, "due": row.due}
    return {name: value for name, value in known.items() if value}


def _step_body(ledger: Ledger, newcomers: Newcomers, detail: IssueDetail, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What was given with an act, as the step keeps it."""
    now = corrected_now(ledger)
    body = {
        name: value for name, value in fields.items() if name not in ("department", "owner", "meeting", "merged_into")
    }
    body |= {name: parse_day(fields[name], now) for name in ("due", "until") if name in fields}
    body |= _responsible_ids(newcomers, fields)
    body["at"] = parse_time(fields["at"], now) if "at" in fields else format_moment(now)
    if "meeting" in fields:
        named = str(fields["meeting"]).strip()
        body["meeting_id"] = named if is_id(named) else resolve(newcomers.connection, "meeting", named).id
    if "merged_into" in fields:
        body["merged_into"] = resolve(newcomers.connection, "issue", fields["merged_into"]).id
        if body["merged_into"] == detail.row.id:
            raise SelfMerge(number=detail.row.number)
    return body


def _implied_fields(
    ledger: Ledger, detail: IssueDetail, verb: str, read_versions: Iterable[VersionRef] | None
) -> dict[str, Any]:
    """What an act brings without being told."""
    if verb == "resolve":
        return {"level": detail.row.level}
    if verb != "approve":
        return {}
    settlement = next(
        step for step in reversed(detail.steps) if step.act == "settled" and step.id not in detail.row.out_of_turn
    )
    me = read_device_state(ledger.database.connection()).get("person")
    if me in (detail.author_id, settlement.author_id):
        raise SelfApproval(number=detail.row.number)
    read = [
        VersionRef(detail.row.id, detail.stamp, detail.device),
        VersionRef(settlement.id, settlement.stamp, settlement.device),
    ]
    if read_versions is not None and set(read_versions) != set(read):
        raise StaleApproval(number=detail.row.number)
    return {"versions": [one._asdict() for one in read]}


def _responsible_ids(newcomers: Newcomers, fields: Mapping[str, Any]) -> dict[str, str]:
    """The ids of the department and the owner that were named; an owner named for the first time is of that unit."""
    placed: dict[str, str] = {}
    if fields.get("department"):
        placed["department_id"] = newcomers.unit(fields["department"])
    if fields.get("owner"):
        placed["owner_id"] = newcomers.person(fields["owner"], placed.get("department_id"))
    return placed


def _without_empty(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value not in (None, "")}
