"""The service log: who was where, when and how, and what was seen (R14, R35, R42, R47)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from store.connection import Connection
from store.ledger import Draft, Ledger
from store.lines import new_id
from store.registers.naming import resolve
from store.registers.people import Newcomers, Written, project_of, time_now, write
from store.times import moment, parse_time

_BETWEEN_NAMES = re.compile(r"[;；、,，\n]")


def log(
    ledger: Ledger,
    *,
    project: str,
    at: str | None = None,
    how: str = "visit",
    who: str | Sequence[str] | None = None,
    raised: Iterable[str] = (),
    moved: Iterable[str] = (),
    **words: str | None,
) -> Written:
    """Log a visit to a project. ``at`` is a time as typed (now, if nothing is said); ``who`` names the participants,
    ``A;B``; ``raised`` and ``moved`` name issues; ``words`` may hold ``place`` and ``text``. Raises `BadTime`,
    `BadLine` and what `resolve` raises."""
    connection, now = ledger.database.connection(), time_now(ledger)
    body = {
        "at": parse_time(at, now) if at else moment(now),
        "how": how,
        "participants": participants(who),
        "issues_raised": _issues(connection, raised),
        "issues_moved": _issues(connection, moved),
        **words,
    }
    visit_id = new_id(ledger.wall())
    given = {name: value for name, value in body.items() if value}
    draft = Draft("visit", given, resolve(connection, "project", project).id, visit_id)
    return write(ledger, Newcomers(connection), [draft], visit_id)


def edit(
    ledger: Ledger,
    visit_id: str,
    *,
    at: str | None = None,
    who: str | Sequence[str] | None = None,
    raised: Iterable[str] | None = None,
    moved: Iterable[str] | None = None,
    **changes: str | None,
) -> Written:
    """Change a visit; what is None stays. ``changes`` may hold ``how``, ``place`` and ``text``, where an empty text
    removes the field. Raises `LineNotFound` and what `log` raises."""
    connection = ledger.database.connection()
    project_of(connection, visit_id, "visit")
    body: dict[str, object] = {name: value or None for name, value in changes.items() if value is not None}
    if at is not None:
        body["at"] = parse_time(at, time_now(ledger))
    if who is not None:
        body["participants"] = participants(who) or None
    for field, named in (("issues_raised", raised), ("issues_moved", moved)):
        if named is not None:
            body[field] = _issues(connection, named) or None
    ledger.edit("visit", visit_id, **body)
    return Written(visit_id)


def participants(who: str | Sequence[str] | None) -> list[str]:
    """The names in ``A;B`` (or between any usual separators), each once, in order."""
    names = _BETWEEN_NAMES.split(who) if isinstance(who, str) else who or ()
    return list(dict.fromkeys(name.strip() for name in names if name.strip()))


def _issues(connection: Connection, named: Iterable[str]) -> list[str]:
    return [resolve(connection, "issue", text).id for text in named]
