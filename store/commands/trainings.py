"""Training: integrity education and professional training, and who was there (R44, R45)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from store.commands import register_lines
from store.commands.people import Newcomers, Written, write
from store.commands.visits import participants
from store.db.meta import read_meta
from store.domain.registers import TRAINING
from store.ledger.line import derived_id, new_id
from store.writer.local_writes import Draft, Ledger


def train(ledger: Ledger, *, who: str | Sequence[str] = (), **given: Any) -> Written:
    """Write a training down with those who attended, ``A;B``. Raises what `books.add` raises."""
    newcomers = Newcomers(ledger.database.connection())
    given = {"at": "now", **{name: value for name, value in given.items() if value not in (None, "")}}
    given.setdefault("title", given.get("text", "")[:40] or given.get("kind"))
    body = register_lines.body_of(ledger, newcomers, TRAINING, given)
    register_lines.require(TRAINING, "add", body)
    line_id = new_id(ledger.wall())
    drafts = [Draft("training", body, id=line_id), *_attending(newcomers, line_id, who)]
    return write(ledger, newcomers, drafts, line_id)


def edit(ledger: Ledger, named: str, *, who: str | Sequence[str] | None = None, **changes: Any) -> Written:
    """Change a training; ``who``, where given, is everybody who attended. Raises what `books.edit` raises."""
    newcomers = Newcomers(ledger.database.connection())
    line_id = register_lines.line_named(newcomers, TRAINING, named)
    if who is not None:
        wanted = {str(draft.id): draft for draft in _attending(newcomers, line_id, who)}
        query = "SELECT id, person_id FROM attendance WHERE training_id = ? AND deleted = 0"
        there = dict(newcomers.connection.execute(query, (line_id,)).fetchall())
        gone = [
            Draft("attendance", {"training_id": line_id, "person_id": person}, id=one, deleted=True)
            for one, person in there.items()
            if one not in wanted
        ]
        come = [draft for one, draft in wanted.items() if one not in there]
        write(ledger, newcomers, [*come, *gone], line_id)
    return register_lines.edit(ledger, TRAINING, line_id, **changes)


def _attending(newcomers: Newcomers, training: str, who: str | Sequence[str]) -> list[Draft]:
    district = read_meta(newcomers.connection).get("district", "")
    drafts = []
    for name in participants(who):
        person = newcomers.person(name)
        line_id = derived_id(district, "attendance", training, person)
        drafts.append(Draft("attendance", {"training_id": training, "person_id": person}, id=line_id))
    return drafts
