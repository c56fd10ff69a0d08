"""Writing a line of any book, by the rule that is its own where it has one: the command line and the screens begin
here, so that both write the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from store.commands import evaluations, meetings, procedures, register_lines, trainings
from store.commands.people import Written
from store.domain.registers import Book
from store.writer.local_writes import Ledger

Writing = Callable[..., Written]
ADDERS: Mapping[str, Writing] = {
    "procedure": procedures.add, "meeting": meetings.hold, "training": trainings.train,
    "evaluation": evaluations.evaluate,
}  # fmt: skip
EDITORS: Mapping[str, Writing] = {
    "procedure": procedures.edit, "meeting": meetings.edit, "training": trainings.edit, "evaluation": evaluations.edit,
}  # fmt: skip
"""Books with more to them than the table says."""


def add_line(ledger: Ledger, book: Book, **given: Any) -> Written:
    """Write a new line; ``given`` by the book's field names, as typed, with ``project`` where a line belongs to one.
    Raises what the book's own adder or `books.add` raises."""
    adder = ADDERS.get(book.name)
    return adder(ledger, **given) if adder else register_lines.add(ledger, book, **given)


def edit_line(ledger: Ledger, book: Book, named: str, **changes: Any) -> Written:
    """Change a line; what is None stays, an empty text removes a field. Raises what the book's own editor or
    `books.edit` raises."""
    editor = EDITORS.get(book.name)
    return editor(ledger, named, **changes) if editor else register_lines.edit(ledger, book, named, **changes)
