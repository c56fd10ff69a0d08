"""Phrases: texts that are written again and again, a person's own and the district's."""

from __future__ import annotations

from store.commands import register_lines
from store.commands.exceptions import PhraseUnknown
from store.commands.people import Newcomers, WriteResult, write_drafts
from store.db.device_facts import read_device_facts
from store.domain.permissions import may_write
from store.domain.registers import PHRASE_REGISTER
from store.ledger.line import is_id, new_id
from store.queries.phrases import phrases
from store.writer.local_writes import Draft, Ledger
from store.writer.role_guard import roles_at_central

PHRASE = PHRASE_REGISTER.kind


def add(ledger: Ledger, *, text: object, person: object = None) -> WriteResult:
    """Keep a phrase for ``person``; where nobody is named, for the whole district by who may write its phrases, and by
    anybody else for themselves. Raises what `register_lines.add` raises."""
    facts = read_device_facts(ledger.database.connection())
    roles = roles_at_central(facts)
    newcomers = Newcomers(ledger.database.connection())
    body = register_lines.parse_body(ledger, newcomers, PHRASE_REGISTER, {"text": text, "person": person})
    if not person and roles and not may_write(roles, PHRASE):
        body["person_id"] = facts.person
    register_lines.check_required(PHRASE_REGISTER, body)
    ledger.require_role(PHRASE, **body)
    line_id = new_id(ledger.wall_clock())
    return write_drafts(ledger, newcomers, [Draft(PHRASE, body, None, line_id)], line_id)


def edit(ledger: Ledger, reference: str, **changes: object) -> WriteResult:
    """Change a phrase; None leaves a field as it is. Raises what `register_lines.edit` raises."""
    return register_lines.edit(ledger, PHRASE_REGISTER, reference, **changes)


def remove(ledger: Ledger, reference: str) -> str:
    """Delete the phrase with this id or text; the bin has it. Returns its text. Raises `PhraseUnknown`, where none or
    several are meant, and `BeyondRole`."""
    wanted, rows = reference.strip(), phrases(ledger.database.connection())
    named = [row for row in rows if wanted in (row.id, row.text)]
    if not named and not is_id(wanted):
        named = [row for row in rows if row.text.startswith(wanted)]
    if len(named) != 1 or not wanted:
        raise PhraseUnknown(text=reference, count=len(named))
    ledger.delete(PHRASE, named[0].id)
    return named[0].text
