"""The issue ledger: recording an issue, and every act of its life (domain.md, Life of an issue; R24, R36, R48, R49).

An act is one issue step. It is refused here when the state that this device sees does not allow it, because a person
acts on what they see; two devices that acted apart are dealt with by ``store/domain/issue_lifecycle.py`` (out of turn).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from store.commands.exceptions import (
    AssignedAlready,
    FieldMissing,
    MergedIntoItself,
    NameUnknown,
    NotNow,
    OwnApproval,
    ReadChanged,
)
from store.commands.naming import resolve
from store.commands.numbers import new_number
from store.commands.people import Newcomers, Written, time_now, write
from store.db.meta import read_meta
from store.domain.issue_lifecycle import TOP_LEVEL, allowed
from store.domain.limits import limits
from store.domain.status_lights import marks
from store.ledger.line import is_id, new_id
from store.queries.approvals import Read
from store.queries.issues import IssueDetail, issue
from store.values.times import moment, parse_day, parse_time
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
VERB_OF: Mapping[str, str] = {verb.act: name for name, verb in VERBS.items()}
_PLACED = ("department", "owner", "due")


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
) -> Written:
    """Record an issue; it is then open. Department, owner and due date are what the butler proposes. ``fields`` may
    hold ``category``, ``about``, ``source``, ``source_id`` and ``text``. Raises `BadTime`, `BadLine` and what
    `resolve` raises."""
    newcomers = Newcomers(ledger.database.connection())
    where = resolve(newcomers.connection, "project", project).id
    proposed = {"department": department, "owner": owner, "due": due, "raised_at": raised_at}
    drafts = recording(ledger, newcomers, where, {"title": title, "kind": kind, **proposed, **fields})
    return write(ledger, newcomers, drafts, str(drafts[0].id))


def recording(ledger: Ledger, newcomers: Newcomers, where: str, given: Mapping[str, str | None]) -> list[Draft]:
    """What `record` writes of what is ``given``, besides newcomers, the issue's line first: for who writes more in the
    same transaction. ``where`` is the project's id. Raises `BadTime`, `NameAmbiguous` and `NameUnknown`."""
    now = time_now(ledger)
    issue_id, number = new_number(newcomers.connection, "issue", now.date(), ledger.wall())
    due, raised_at = given.get("due"), given.get("raised_at")
    own = {name: value for name, value in given.items() if name not in ("department", "owner")}
    body = {
        "kind": "problem",
        **own,
        "number": number,
        "due": parse_day(due, now) if due else None,
        "raised_at": parse_time(raised_at, now) if raised_at else moment(now),
        **_placed(newcomers, given),
    }
    step = {"issue_id": issue_id, "act": "recorded", "at": moment(now)}
    return [Draft("issue", _given(body), where, issue_id), Draft("issue_step", step, where)]


def edit(ledger: Ledger, named: str, **changes: str | None) -> Written:
    """Change what was recorded; what is None stays, an empty text removes a field. Department, owner and due date may
    be edited while the issue is open. Raises `AssignedAlready`, `BadTime`, `BadLine` and what `resolve` raises."""
    now, found = time_now(ledger), _issue(ledger, named)
    changed = {name: value for name, value in changes.items() if value is not None}
    fixed = [name for name in _PLACED if name in changed]
    if fixed and found.row.state != "open":
        raise AssignedAlready(number=found.row.number, state=found.row.state, fields=", ".join(fixed))
    newcomers = Newcomers(ledger.database.connection())
    body: dict[str, Any] = {
        name: value or None for name, value in changed.items() if name not in ("department", "owner")
    }
    body |= {f"{name}_id": None for name in ("department", "owner") if changed.get(name) == ""}
    body |= _placed(newcomers, changed)
    if body.get("due"):
        body["due"] = parse_day(body["due"], now)
    if body.get("raised_at"):
        body["raised_at"] = parse_time(body["raised_at"], now)
    written = write(ledger, newcomers, [], found.row.id)
    ledger.edit("issue", found.row.id, **body)
    return written


def act(
    ledger: Ledger, named: str, verb: str, *, read: Iterable[Read] | None = None, **given: str | int | None
) -> Written:
    """Do one act on an issue. ``given`` holds what the act needs and takes (`VERBS`), ``at``, and the ``meeting`` that
    decided it; ``read`` are the versions that were read before an approval. Raises `NotNow`, `FieldMissing`,
    `OwnApproval`, `ReadChanged`, `BadTime`, `BadLine` and what `resolve` raises; gives the issue's id."""
    newcomers = Newcomers(ledger.database.connection())
    found, step = acting(ledger, newcomers, named, verb, read=read, **given)
    return write(ledger, newcomers, [step], found)


def acting(
    ledger: Ledger,
    newcomers: Newcomers,
    named: str,
    verb: str,
    *,
    read: Iterable[Read] | None = None,
    **given: str | int | None,
) -> tuple[str, Draft]:
    """The issue's id, and the step that `act` writes, for who writes more in the same transaction. Raises what `act`
    raises."""
    found, does = _issue(ledger, named), VERBS[verb]
    offered: dict[str, Any] = {name: value for name, value in given.items() if value not in (None, "")}
    if unknown := offered.keys() - {*does.needs, *does.takes, "at", "meeting"}:
        raise TypeError(f"{verb} takes no {', '.join(sorted(unknown))}")
    if does.act not in (possible := allowed(found.row.state)):
        verbs = ", ".join(VERB_OF[name] for name in possible)
        raise NotNow(number=found.row.number, state=found.row.state, verb=verb, allowed=verbs)
    if verb == "assign":
        offered = {**_proposed(found), **offered}
    if verb == "escalate" and found.row.proposed:
        offered = {"reason": f"逾期未办结，期限 {found.row.due}", "level": found.row.proposed, **offered}
    if missing := [name for name in does.needs if name not in offered]:
        raise FieldMissing(verb=verb, fields=", ".join(missing))
    body = _step(ledger, newcomers, found, offered) | _of_itself(ledger, found, verb, read)
    step = {"issue_id": found.row.id, "act": does.act, **body}
    if verb == "escalate":
        step.setdefault("level", min(found.row.level + 1, TOP_LEVEL))
    return found.row.id, Draft("issue_step", step, found.row.project_id, new_id(ledger.wall()))


def _issue(ledger: Ledger, named: str) -> IssueDetail:
    connection = ledger.database.connection()
    on = marks(time_now(ledger).date(), limits(connection))
    found = issue(connection, resolve(connection, "issue", named).id, on)
    if found is None:
        raise NameUnknown(text=named)
    return found


def _proposed(found: IssueDetail) -> dict[str, str]:
    """What an assignment may leave out, because the issue has it already."""
    row = found.row
    known = {"department": row.department_id, "owner": row.owner_id, "due": row.due}
    return {name: value for name, value in known.items() if value}


def _step(ledger: Ledger, newcomers: Newcomers, found: IssueDetail, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given with an act, as the step keeps it."""
    now = time_now(ledger)
    body = {
        name: value for name, value in given.items() if name not in ("department", "owner", "meeting", "merged_into")
    }
    body |= {name: parse_day(given[name], now) for name in ("due", "until") if name in given}
    body |= _placed(newcomers, given)
    body["at"] = parse_time(given["at"], now) if "at" in given else moment(now)
    if "meeting" in given:
        named = str(given["meeting"]).strip()
        body["meeting_id"] = named if is_id(named) else resolve(newcomers.connection, "meeting", named).id
    if "merged_into" in given:
        body["merged_into"] = resolve(newcomers.connection, "issue", given["merged_into"]).id
        if body["merged_into"] == found.row.id:
            raise MergedIntoItself(number=found.row.number)
    return body


def _of_itself(ledger: Ledger, found: IssueDetail, verb: str, seen: Iterable[Read] | None) -> dict[str, Any]:
    """What an act brings without being told."""
    if verb == "resolve":
        return {"level": found.row.level}
    if verb != "approve":
        return {}
    settlement = next(
        step for step in reversed(found.steps) if step.act == "settled" and step.id not in found.row.out_of_turn
    )
    me = read_meta(ledger.database.connection()).get("person")
    if me in (found.author_id, settlement.author_id):
        raise OwnApproval(number=found.row.number)
    read = [
        Read(found.row.id, found.stamp, found.device),
        Read(settlement.id, settlement.stamp, settlement.device),
    ]
    if seen is not None and set(seen) != set(read):
        raise ReadChanged(number=found.row.number)
    return {"versions": [one._asdict() for one in read]}


def _placed(newcomers: Newcomers, given: Mapping[str, Any]) -> dict[str, str]:
    """The ids of the department and the owner that were named; an owner named for the first time is of that unit."""
    placed: dict[str, str] = {}
    if given.get("department"):
        placed["department_id"] = newcomers.unit(given["department"])
    if given.get("owner"):
        placed["owner_id"] = newcomers.person(given["owner"], placed.get("department_id"))
    return placed


def _given(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value not in (None, "")}
