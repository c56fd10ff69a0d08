"""``add`` and ``edit`` of every book: options from the table, writing by its register (``store/commands``)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import click

from store.commands.adders import add_line, edit_line
from store.commands.people import Written
from store.domain.registers import BOOKS, Book, Field
from tui.cli.commands.registers import line_json, show_line
from tui.cli.groups import PHRASE, Command, Run
from tui.cli.output import emit
from tui.cli.write_context import Writing, given_only, ready_to_write, tell_newcomers
from tui.i18n.register_text import label_of
from tui.i18n.translate import N_, _

BESIDE: Mapping[str, tuple[tuple[str, str, bool], ...]] = {
    "training": (("who", N_("Who attended, “A;B”."), False),),
    "evaluation": (("lines", N_("A score line, CODE=POINTS; repeatable."), True),),
}
"""Options that are no field of the line: name, help, whether it may be repeated."""
HIDDEN = ("session", "scores")
METAVARS = {
    "day": "DATE", "moment": "TIME", "month": "YYYY-MM", "yuan": "YUAN", "names": '"A;B"', "units": '"A;B"',
    "issues": '"ID;ID"', "person": "NAME", "unit": "NAME",
}  # fmt: skip


def print_line(run: Run, writing: Writing, book: Book, written: Written) -> None:
    """The line as it is after something was written."""
    tell_newcomers(run, written.added)
    with writing.desk.database.read() as connection:
        found = line_json(connection, writing.desk, book, written.id)
    emit(run.form, found, partial(show_line, book))


def options_of(book: Book, *, required: bool) -> list[click.Parameter]:
    """The options that give a book's fields."""
    fields = [_option(field, required=required and field.needed) for field in book.fields if field.name not in HIDDEN]
    beside = [
        click.Option([f"--{name}"], type=PHRASE, multiple=many, help=_(text))
        for name, text, many in BESIDE.get(book.name, ())
    ]
    return [*fields, *beside]


def _option(field: Field, *, required: bool) -> click.Option:
    kind: Any = click.Choice(field.choices) if field.shape == "choice" else PHRASE
    spelling = [f"--{field.name.replace('_', '-')}", field.name]
    return click.Option(spelling, type=kind, required=required, metavar=METAVARS.get(field.shape), help=label_of(field))


def _add(book: Book) -> Command:
    def add(run: Run, /, **given: Any) -> None:
        with ready_to_write(run) as writing:
            print_line(run, writing, book, add_line(writing.ledger, book, **given_only(given)))

    options = options_of(book, required=True)
    if book.of == "project":
        place = click.Option(
            ["--project"], type=PHRASE, required=book.name != "meeting", help=_("The project: number, name or id.")
        )
        options.insert(0, place)
    return Command("add", callback=click.pass_obj(add), params=options, help=_("Write a new line."))


def _edit(book: Book) -> Command:
    def edit(run: Run, /, line: str, **given: Any) -> None:
        changes = {name: value for name, value in given_only(given).items() if value != ()}
        with ready_to_write(run) as writing:
            print_line(run, writing, book, edit_line(writing.ledger, book, line, **changes))

    argument = click.Argument(["line"], metavar="ID", type=PHRASE)
    help_text = _("Change a line; an empty text removes a field. The version before is kept.")
    return Command(
        "edit", callback=click.pass_obj(edit), params=[argument, *options_of(book, required=False)], help=help_text
    )


def __getattr__(name: str) -> Command:
    """``PROCEDURE_ADD``, ``MEETING_EDIT`` …: the command that the groups load by name."""
    book_name, _underscore, act = name.rpartition("_")
    book = BOOKS.get(book_name.lower()) or BOOKS.get(book_name.lower().replace("_", "-"))
    if book is None or act not in ("ADD", "EDIT"):
        raise AttributeError(name)
    return _add(book) if act == "ADD" else _edit(book)
