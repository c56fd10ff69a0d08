"""Adds and edits a line of any register, by the register's own command where it has one. The command line and the
screens write lines of registers by these two functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from store.commands import evaluations, meetings, phrases, procedures, register_lines, trainings
from store.commands.people import WriteResult
from store.domain.registers import Register
from store.writer.local_writes import Ledger

RegisterWriter = Callable[..., WriteResult]
ADDERS: Mapping[str, RegisterWriter] = {
    "procedure": procedures.add, "meeting": meetings.record_meeting, "training": trainings.record_training,
    "evaluation": evaluations.evaluate, "phrase": phrases.add,
}  # fmt: skip
EDITORS: Mapping[str, RegisterWriter] = {
    "procedure": procedures.edit, "meeting": meetings.edit, "training": trainings.edit, "evaluation": evaluations.edit,
    "phrase": phrases.edit,
}  # fmt: skip
"""Registers with rules beyond the table in ``store/domain/registers.py``, by name."""


def add_line(ledger: Ledger, register: Register, **fields: object) -> WriteResult:
    """Write a new line. ``fields`` are by the register's field names, as typed, with ``project`` where a line belongs
    to one. Raises what the register's own command or `register_lines.add` raises."""
    adder = ADDERS.get(register.name)
    return adder(ledger, **fields) if adder else register_lines.add(ledger, register, **fields)


def edit_line(ledger: Ledger, register: Register, reference: str, **changes: object) -> WriteResult:
    """Change a line; None leaves a field as it is, an empty text removes it. Raises what the register's own command or
    `register_lines.edit` raises."""
    if editor := EDITORS.get(register.name):
        return editor(ledger, reference, **changes)
    return register_lines.edit(ledger, register, reference, **changes)
