"""The service log: who was where, when and how, and what was seen (R14, R35, R42, R47)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from store.commands.issues import issue_drafts, step_draft
from store.commands.people import Newcomers, WriteResult, corrected_now, project_of, write_drafts
from store.commands.resolve import resolve
from store.db.connection import Connection
from store.db.meta import read_device_state
from store.exceptions import FutureTime
from store.ledger.hlc import ms_from_hlc
from store.ledger.line import new_id
from store.queries.lines import current_line
from store.values.times import district_time, format_moment, parse_day, parse_time
from store.writer.local_writes import Draft, Ledger

ActInput = Mapping[str, str]
"""Fields by name, as typed."""
_BETWEEN_NAMES = re.compile(r"[;；、,，\n]")


def log(
    ledger: Ledger,
    *,
    project: str,
    at: str | None = None,
    who: str | Sequence[str] | None = None,
    raised: Iterable[str] = (),
    moved: Iterable[str] = (),
    raising: Sequence[ActInput] = (),
    moving: Sequence[ActInput] = (),
    **words: str | None,
) -> WriteResult:
    """Log a visit to a project. ``at`` is a time as typed (now, if nothing is said); ``who`` names the participants,
    ``A;B``; ``raised`` and ``moved`` name issues; ``words`` may hold ``how`` (else it is a visit), ``place`` and
    ``text``. ``raising`` are new issues, each with what `issues.record_event` takes, ``moving`` acts, each with its
    ``issue``, its ``verb`` and what `issues.act` takes: all is written in one transaction, or nothing. Raises
    `BadTime`, `BadLine` and what `resolve` and `act` raise."""
    connection, now = ledger.database.connection(), corrected_now(ledger)
    when, where = _visit_time(ledger, at, now) if at else format_moment(now), resolve(connection, "project", project).id
    visit_id, newcomers = new_id(ledger.wall_clock()), Newcomers(connection)
    new, steps = (
        _raised_issue_drafts(ledger, newcomers, where, visit_id, when, raising),
        _moved_step_drafts(ledger, newcomers, when, moving),
    )
    body = {
        "at": when,
        "how": "visit",
        "participants": split_names(who),
        "issues_raised": [*_issue_ids(connection, raised), *_draft_issue_ids(new)],
        "issues_moved": list(dict.fromkeys((*_issue_ids(connection, moved), *_moved_ids(steps)))),
        **words,
    }
    given = {name: value for name, value in body.items() if value}
    drafts = [Draft("visit", given, where, visit_id), *new, *steps]
    return write_drafts(ledger, newcomers, drafts, visit_id)


def edit(
    ledger: Ledger,
    visit_id: str,
    *,
    at: str | None = None,
    who: str | Sequence[str] | None = None,
    raised: Iterable[str] | None = None,
    moved: Iterable[str] | None = None,
    raising: Sequence[ActInput] = (),
    moving: Sequence[ActInput] = (),
    **changes: str | None,
) -> WriteResult:
    """Change a visit; what is None stays. ``changes`` may hold ``how``, ``place`` and ``text``, where an empty text
    removes the field; what is raised and moved now comes to what it names already. Raises `LineNotFound` and what
    `log` raises."""
    connection = ledger.database.connection()
    where, now = project_of(connection, visit_id, "visit"), current_line(connection, visit_id)
    newcomers = Newcomers(connection)
    body: dict[str, object] = {name: value or None for name, value in changes.items() if value is not None}
    if at is not None:
        body["at"] = _visit_time(ledger, at, corrected_now(ledger))
    if who is not None:
        body["participants"] = split_names(who) or None
    for field, named in (("issues_raised", raised), ("issues_moved", moved)):
        if named is not None:
            body[field] = _issue_ids(connection, named) or None
    was = now.body if now else {}
    when = str(body.get("at") or was.get("at"))
    new = _raised_issue_drafts(ledger, newcomers, where, visit_id, when, raising)
    steps = _moved_step_drafts(ledger, newcomers, when, moving)
    for field, more in (("issues_raised", _draft_issue_ids(new)), ("issues_moved", _moved_ids(steps))):
        if more:
            known = body.get(field, was.get(field)) or []
            body[field] = list(dict.fromkeys([*known, *more]))  # type: ignore[misc]
    ledger.edit_with([*newcomers.drafts, *new, *steps], "visit", visit_id, body)
    return WriteResult(visit_id, tuple(newcomers.added))


def _visit_time(ledger: Ledger, at: str, now: datetime) -> str:
    """When a visit was. One that is dated ahead would hide for as long that nobody comes; later today is let pass, as
    clocks differ. On a laptop whose clock has fallen back the latest line that it knows of tells what day it can be.
    Raises `BadTime`, `FutureTime`."""
    when = parse_time(at, now)
    latest = max(
        now, district_time(ms_from_hlc(int(read_device_state(ledger.database.connection()).get("stamp", "0"))))
    )
    if parse_day(when, now) > parse_day("today", latest):
        raise FutureTime(text=at)
    return when


def _raised_issue_drafts(
    ledger: Ledger, newcomers: Newcomers, project_id: str, visit: str, when: str, raising: Iterable[ActInput]
) -> list[Draft]:
    """The lines of the issues that came up at a visit."""
    source = {"source": "visit", "source_id": visit, "raised_at": when}
    return [draft for one in raising for draft in issue_drafts(ledger, newcomers, project_id, {**source, **one})]


def _moved_step_drafts(ledger: Ledger, newcomers: Newcomers, when: str, moving: Iterable[ActInput]) -> list[Draft]:
    """The steps of the issues that were moved on at a visit."""
    steps = []
    for one in moving:
        given: dict[str, Any] = {
            "at": when,
            **{name: value for name, value in one.items() if name not in ("issue", "verb")},
        }
        steps.append(step_draft(ledger, newcomers, one["issue"], one.get("verb", "progress"), **given)[1])
    return steps


def _moved_ids(steps: Iterable[Draft]) -> list[str]:
    return list(dict.fromkeys(str(step.body["issue_id"]) for step in steps))


def _draft_issue_ids(drafts: Iterable[Draft]) -> list[str]:
    return [str(draft.id) for draft in drafts if draft.kind == "issue"]


def split_names(who: str | Sequence[str] | None) -> list[str]:
    """The names in ``A;B`` (or between any usual separators), each once, in order."""
    names = _BETWEEN_NAMES.split(who) if isinstance(who, str) else who or ()
    return list(dict.fromkeys(name.strip() for name in names if name.strip()))


def _issue_ids(connection: Connection, references: Iterable[str]) -> list[str]:
    return [resolve(connection, "issue", text).id for text in references]
