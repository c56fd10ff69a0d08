"""Writing a line of any book, by the rule that is its own where it has one: the command line and the screens begin
here, so that both write the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from store.commands import evaluations, meetings, procedures, register_lines, trainings
from store.commands.people import WriteResult
from store.domain.registers import Register
from store.writer.local_writes import Ledger

RegisterWriter = Callable[..., WriteResult]
ADDERS: Mapping[str, RegisterWriter] = {
    "procedure": procedures.add, "meeting": meetings.record_meeting, "training": trainings.record_training,
    "evaluation": evaluations.evaluate,
}  # fmt: skip
EDITORS: Mapping[str, RegisterWriter] = {
    "procedure": procedures.edit, "meeting": meetings.edit, "training": trainings.edit, "evaluation": evaluations.edit,
}  # fmt: skip
"""Books with more to them than the table says."""


def add_line(ledger: Ledger, register: Register, **fields: Any) -> WriteResult:
    """Write a new line; ``given`` by the book's field names, as typed, with ``project`` where a line belongs to one.
    Raises what the book's own adder or `books.add_roles` raises."""
    adder = ADDERS.get(register.name)
    return adder(ledger, **fields) if adder else register_lines.add(ledger, register, **fields)


def edit_line(ledger: Ledger, register: Register, reference: str, **changes: Any) -> WriteResult:
    """Change a line; what is None stays, an empty text removes a field. Raises what the book's own editor or
    `books.edit` raises."""
    editor = EDITORS.get(register.name)
    return (
        editor(ledger, reference, **changes) if editor else register_lines.edit(ledger, register, reference, **changes)
    )
