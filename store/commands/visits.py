"""The service log: who was where, when and how, and what was seen (R14, R35, R42, R47)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from store.commands.issues import acting, recording
from store.commands.naming import resolve
from store.commands.people import Newcomers, Written, project_of, time_now, write
from store.db.connection import Connection
from store.db.meta import read_meta
from store.exceptions import TimeAhead
from store.ledger.hlc import ms_of
from store.ledger.line import new_id
from store.queries.lines import line
from store.values.times import moment, now_in, parse_day, parse_time
from store.writer.local_writes import Draft, Ledger

Given = Mapping[str, str]
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
    raising: Sequence[Given] = (),
    moving: Sequence[Given] = (),
    **words: str | None,
) -> Written:
    """Log a visit to a project. ``at`` is a time as typed (now, if nothing is said); ``who`` names the participants,
    ``A;B``; ``raised`` and ``moved`` name issues; ``words`` may hold ``how`` (else it is a visit), ``place`` and
    ``text``. ``raising`` are new issues, each with what `issues.record` takes, ``moving`` acts, each with its
    ``issue``, its ``verb`` and what `issues.act` takes: all is written in one transaction, or nothing. Raises
    `BadTime`, `BadLine` and what `resolve` and `act` raise."""
    connection, now = ledger.database.connection(), time_now(ledger)
    when, where = _been(ledger, at, now) if at else moment(now), resolve(connection, "project", project).id
    visit_id, newcomers = new_id(ledger.wall()), Newcomers(connection)
    new, steps = _raised(ledger, newcomers, where, visit_id, when, raising), _moved(ledger, newcomers, when, moving)
    body = {
        "at": when,
        "how": "visit",
        "participants": participants(who),
        "issues_raised": [*_issues(connection, raised), *_ids(new)],
        "issues_moved": list(dict.fromkeys((*_issues(connection, moved), *_moved_ids(steps)))),
        **words,
    }
    given = {name: value for name, value in body.items() if value}
    drafts = [Draft("visit", given, where, visit_id), *new, *steps]
    return write(ledger, newcomers, drafts, visit_id)


def edit(
    ledger: Ledger,
    visit_id: str,
    *,
    at: str | None = None,
    who: str | Sequence[str] | None = None,
    raised: Iterable[str] | None = None,
    moved: Iterable[str] | None = None,
    raising: Sequence[Given] = (),
    moving: Sequence[Given] = (),
    **changes: str | None,
) -> Written:
    """Change a visit; what is None stays. ``changes`` may hold ``how``, ``place`` and ``text``, where an empty text
    removes the field; what is raised and moved now comes to what it names already. Raises `LineNotFound` and what
    `log` raises."""
    connection = ledger.database.connection()
    where, now, newcomers = project_of(connection, visit_id, "visit"), line(connection, visit_id), Newcomers(connection)
    body: dict[str, object] = {name: value or None for name, value in changes.items() if value is not None}
    if at is not None:
        body["at"] = _been(ledger, at, time_now(ledger))
    if who is not None:
        body["participants"] = participants(who) or None
    for field, named in (("issues_raised", raised), ("issues_moved", moved)):
        if named is not None:
            body[field] = _issues(connection, named) or None
    was = now.body if now else {}
    when = str(body.get("at") or was.get("at"))
    new, steps = _raised(ledger, newcomers, where, visit_id, when, raising), _moved(ledger, newcomers, when, moving)
    for field, more in (("issues_raised", _ids(new)), ("issues_moved", _moved_ids(steps))):
        if more:
            known = body.get(field, was.get(field)) or []
            body[field] = list(dict.fromkeys([*known, *more]))  # type: ignore[misc]
    ledger.edit_along([*newcomers.drafts, *new, *steps], "visit", visit_id, body)
    return Written(visit_id, tuple(newcomers.added))


def _been(ledger: Ledger, at: str, now: datetime) -> str:
    """When a visit was. One that is dated ahead would hide for as long that nobody comes; later today is let pass, as
    clocks differ. On a laptop whose clock has fallen back the latest line that it knows of tells what day it can be.
    Raises `BadTime`, `TimeAhead`."""
    when = parse_time(at, now)
    latest = max(now, now_in(ms_of(int(read_meta(ledger.database.connection()).get("stamp", "0")))))
    if parse_day(when, now) > parse_day("today", latest):
        raise TimeAhead(text=at)
    return when


def _raised(
    ledger: Ledger, newcomers: Newcomers, where: str, visit: str, when: str, raising: Iterable[Given]
) -> list[Draft]:
    """The lines of the issues that came up at a visit."""
    source = {"source": "visit", "source_id": visit, "raised_at": when}
    return [draft for one in raising for draft in recording(ledger, newcomers, where, {**source, **one})]


def _moved(ledger: Ledger, newcomers: Newcomers, when: str, moving: Iterable[Given]) -> list[Draft]:
    """The steps of the issues that were moved on at a visit."""
    steps = []
    for one in moving:
        given: dict[str, Any] = {
            "at": when,
            **{name: value for name, value in one.items() if name not in ("issue", "verb")},
        }
        steps.append(acting(ledger, newcomers, one["issue"], one.get("verb", "progress"), **given)[1])
    return steps


def _moved_ids(steps: Iterable[Draft]) -> list[str]:
    return list(dict.fromkeys(str(step.body["issue_id"]) for step in steps))


def _ids(drafts: Iterable[Draft]) -> list[str]:
    return [str(draft.id) for draft in drafts if draft.kind == "issue"]


def participants(who: str | Sequence[str] | None) -> list[str]:
    """The names in ``A;B`` (or between any usual separators), each once, in order."""
    names = _BETWEEN_NAMES.split(who) if isinstance(who, str) else who or ()
    return list(dict.fromkeys(name.strip() for name in names if name.strip()))


def _issues(connection: Connection, named: Iterable[str]) -> list[str]:
    return [resolve(connection, "issue", text).id for text in named]
