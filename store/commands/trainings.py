"""Training: integrity education and professional training, and who attended (R44, R45)."""

from __future__ import annotations

from collections.abc import Sequence

from store.commands import register_lines
from store.commands.people import Newcomers, WriteResult, write_drafts
from store.db.device_facts import read_device_facts
from store.domain.registers import TRAINING_REGISTER
from store.ledger.line import derived_id, new_id
from store.values.text import is_blank
from store.writer.local_writes import Draft, Ledger

_TITLES = {"integrity": "廉洁教育", "professional": "业务培训"}
"""What a training without title and text is called in the ledger, by its kind."""


def record_training(ledger: Ledger, *, who: str | Sequence[str] = (), **fields: object) -> WriteResult:
    """Record a training with those who attended, ``A;B``. Raises what `register_lines.add` raises."""
    ledger.require_role("training")
    newcomers = Newcomers(ledger.database.connection())
    fields = {"at": "now", **{name: value for name, value in fields.items() if not is_blank(value)}}
    fields.setdefault("title", str(fields.get("text", ""))[:40] or _TITLES.get(str(fields.get("kind"))))
    body = register_lines.parse_body(ledger, newcomers, TRAINING_REGISTER, fields)
    register_lines.check_required(TRAINING_REGISTER, body)
    line_id = new_id(ledger.wall_clock())
    drafts = [Draft("training", body, id=line_id), *_attendance_drafts(newcomers, line_id, who)]
    return write_drafts(ledger, newcomers, drafts, line_id)


def edit(ledger: Ledger, reference: str, *, who: str | Sequence[str] | None = None, **changes: object) -> WriteResult:
    """Change a training; ``who``, unless None, is everybody who attended. Raises what `register_lines.edit` raises."""
    newcomers = Newcomers(ledger.database.connection())
    line_id = register_lines.resolve_line(newcomers, TRAINING_REGISTER, reference)
    if who is not None:
        wanted = {str(draft.id): draft for draft in _attendance_drafts(newcomers, line_id, who)}
        query = "SELECT id, person_id FROM attendance WHERE training_id = ? AND deleted = 0"
        recorded = dict(newcomers.connection.execute(query, (line_id,)).fetchall())
        removed = [
            Draft("attendance", {"training_id": line_id, "person_id": person}, id=attendance, deleted=True)
            for attendance, person in recorded.items()
            if attendance not in wanted
        ]
        added = [draft for attendance, draft in wanted.items() if attendance not in recorded]
        write_drafts(ledger, newcomers, [*added, *removed], line_id)
    return register_lines.edit(ledger, TRAINING_REGISTER, line_id, **changes)


def _attendance_drafts(newcomers: Newcomers, training: str, who: str | Sequence[str]) -> list[Draft]:
    district = read_device_facts(newcomers.connection).district
    drafts = []
    for name in register_lines.people_in(who):
        person = newcomers.person(name)
        line_id = derived_id(district, "attendance", training, person)
        drafts.append(Draft("attendance", {"training_id": training, "person_id": person}, id=line_id))
    return drafts
