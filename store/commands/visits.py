"""Visits, the service log: who was where, when and how, and what was seen (R14, R35, R42, R47)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from store.commands.exceptions import EmptyVisit
from store.commands.issues import issue_drafts, step_draft
from store.commands.people import Newcomers, WriteResult, corrected_now, project_of, write_drafts
from store.commands.resolve import resolve
from store.db.connection import Connection
from store.db.device_facts import read_device_facts
from store.exceptions import FutureTime
from store.ledger.hlc import ms_from_hlc
from store.ledger.line import new_id
from store.queries.lines import current_line
from store.values.name_lists import split_name_list
from store.values.text import is_blank
from store.values.times import district_time, format_moment, parse_day, parse_time
from store.writer.local_writes import Draft, Ledger

ActInput = Mapping[str, str]
"""The fields of a new issue, or of an act with its ``issue`` and ``verb``, by name, as typed."""
_BETWEEN_NAMES = re.compile(r"[;；、,，\n]")
_SAYS_SOMETHING = ("place", "text", "participants", "participants_note", "issues_raised", "issues_moved")
"""A visit without any of these says nothing."""


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
    **texts: str | None,
) -> WriteResult:
    """Log a visit to a project. ``at`` is a time as typed (default: now); ``who`` the participants, ``A;B``; ``raised``
    and ``moved`` name issues; ``texts`` may be ``how`` (default: a visit), ``place`` and ``text``. ``raising`` are new
    issues with the fields of `issues.record`, ``moving`` acts with their ``issue``, ``verb`` and the fields of
    `issues.act`. All is written in one transaction. Raises `BadTime`, `BadLine` and what `resolve` and `issues.act`
    raise."""
    ledger.require_role("visit")
    connection, now = ledger.database.connection(), corrected_now(ledger)
    when = _visit_time(ledger, at, now) if at else format_moment(now)
    project_id = resolve(connection, "project", project).id
    visit_id, newcomers = new_id(ledger.wall_clock()), Newcomers(connection)
    new = _raised_issue_drafts(ledger, newcomers, project_id, visit_id, when, raising)
    steps = _moved_step_drafts(ledger, newcomers, when, moving)
    body = {
        "at": when,
        "how": "visit",
        **_participants(who),
        "issues_raised": [*_issue_ids(connection, raised), *_draft_issue_ids(new)],
        "issues_moved": list(dict.fromkeys((*_issue_ids(connection, moved), *_moved_ids(steps)))),
        **texts,
    }
    filled = {name: value for name, value in body.items() if not is_blank(value)}
    _check_says_something(filled)
    drafts = [Draft("visit", filled, project_id, visit_id), *new, *steps]
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
    """Change a visit; None leaves a field as it is. ``changes`` may be ``how``, ``place`` and ``text``, where an empty
    text removes the field; ``raising`` and ``moving`` add to the issues that it names. Raises `LineNotFound` and what
    `log` raises."""
    connection = ledger.database.connection()
    project_id, line = project_of(connection, visit_id, "visit"), current_line(connection, visit_id)
    newcomers = Newcomers(connection)
    body: dict[str, object] = {
        name: None if is_blank(value) else value for name, value in changes.items() if value is not None
    }
    if at is not None:
        body["at"] = _visit_time(ledger, at, corrected_now(ledger))
    if who is not None:
        body |= {"participants": None, "participants_note": None, **_participants(who)}
    before = line.body if line else {}
    issues = {"issues_raised": before.get("issues_raised") or [], "issues_moved": before.get("issues_moved") or []}
    for field, references in (("issues_raised", raised), ("issues_moved", moved)):
        if references is not None:
            issues[field] = _issue_ids(connection, references)
            body[field] = issues[field] or None
    when = str(body.get("at") or before.get("at"))
    new = _raised_issue_drafts(ledger, newcomers, project_id, visit_id, when, raising)
    steps = _moved_step_drafts(ledger, newcomers, when, moving)
    for field, more in (("issues_raised", _draft_issue_ids(new)), ("issues_moved", _moved_ids(steps))):
        if more:
            body[field] = list(dict.fromkeys([*issues[field], *more]))
    _check_says_something({**before, **body})
    ledger.edit_with([*newcomers.drafts, *new, *steps], "visit", visit_id, body)
    return WriteResult(visit_id, tuple(newcomers.added))


def _visit_time(ledger: Ledger, at: str, now: datetime) -> str:
    """The time of a visit. A date in the future is refused, since until then it would hide that nobody comes; later
    today is allowed, since clocks differ. Where this device's clock has fallen back, the latest stamp that it has seen
    tells the day. Raises `BadTime`, `FutureTime`."""
    when = parse_time(at, now, "past")
    latest = max(now, district_time(ms_from_hlc(read_device_facts(ledger.database.connection()).stamp)))
    if parse_day(when, now) > parse_day("today", latest):
        raise FutureTime(text=at)
    return when


def _raised_issue_drafts(
    ledger: Ledger, newcomers: Newcomers, project_id: str, visit: str, when: str, raising: Iterable[ActInput]
) -> list[Draft]:
    """The lines of the issues that were raised at a visit."""
    source = {"source": "visit", "source_id": visit, "raised_at": when}
    return [draft for fields in raising for draft in issue_drafts(ledger, newcomers, project_id, {**source, **fields})]


def _moved_step_drafts(ledger: Ledger, newcomers: Newcomers, when: str, moving: Iterable[ActInput]) -> list[Draft]:
    """The steps of the issues that were advanced at a visit."""
    steps = []
    for move in moving:
        fields = {"at": when, **{name: value for name, value in move.items() if name not in ("issue", "verb")}}
        steps.append(step_draft(ledger, newcomers, move["issue"], move.get("verb", "progress"), fields)[1])
    return steps


def _moved_ids(steps: Iterable[Draft]) -> list[str]:
    return list(dict.fromkeys(str(step.body["issue_id"]) for step in steps))


def _draft_issue_ids(drafts: Iterable[Draft]) -> list[str]:
    return [str(draft.id) for draft in drafts if draft.kind == "issue"]


def _participants(who: str | Sequence[str] | None) -> dict[str, object]:
    """The participants as the line keeps them: names, and what was said beside them (等5人)."""
    names, note = split_name_list(who) if isinstance(who, str) else (tuple(split_names(who)), "")
    return {name: value for name, value in (("participants", list(names)), ("participants_note", note)) if value}


def _check_says_something(body: Mapping[str, object]) -> None:
    if all(is_blank(body.get(name)) for name in _SAYS_SOMETHING):
        raise EmptyVisit


def split_names(who: str | Sequence[str] | None) -> list[str]:
    """The names in ``A;B`` (any usual separator), each once, in order."""
    names = _BETWEEN_NAMES.split(who) if isinstance(who, str) else who or ()
    return list(dict.fromkeys(name.strip() for name in names if name.strip()))


def _issue_ids(connection: Connection, references: Iterable[str]) -> list[str]:
    return [resolve(connection, "issue", text).id for text in references]
