"""``add`` and ``edit`` of every book: options from the table, writing by its register (``store/commands``)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import click

from store.commands.dispatch import add_line, edit_line
from store.commands.people import WriteResult
from store.domain.registers import REGISTERS, Register, RegisterField
from tui.cli.commands.registers import line_json, show_line
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext
from tui.cli.output import emit
from tui.cli.write_context import WriteSession, drop_unset, report_new_people, write_session
from tui.i18n.register_text import field_label
from tui.i18n.translate import N_, _

EXTRA_OPTIONS: Mapping[str, tuple[tuple[str, str, bool], ...]] = {
    "training": (("who", N_("Who attended, “A;B”."), False),),
    "evaluation": (("lines", N_("A score line, CODE=POINTS; repeatable."), True),),
}
"""Options that are no field of the line: name, help, whether it may be repeated."""
HIDDEN_FIELDS = ("session", "scores")
METAVARS = {
    "day": "DATE", "moment": "TIME", "month": "YYYY-MM", "yuan": "YUAN", "names": '"A;B"', "units": '"A;B"',
    "issues": '"ID;ID"', "person": "NAME", "unit": "NAME",
}  # fmt: skip


def print_line(run: CommandContext, writing: WriteSession, book: Register, result: WriteResult) -> None:
    """The line as it is after something was written."""
    report_new_people(run, result.added)
    with writing.session.database.read() as connection:
        found = line_json(connection, writing.session, book, result.id)
    emit(run.output_format, found, partial(show_line, book))


def options_of(book: Register, *, required: bool) -> list[click.Parameter]:
    """The options that give a book's fields."""
    fields = [
        _option(field, required=required and field.required) for field in book.fields if field.name not in HIDDEN_FIELDS
    ]
    beside = [
        click.Option([f"--{name}"], type=CLEAN_TEXT, multiple=many, help=_(text))
        for name, text, many in EXTRA_OPTIONS.get(book.name, ())
    ]
    return [*fields, *beside]


def _option(field: RegisterField, *, required: bool) -> click.Option:
    kind: Any = click.Choice(field.choices) if field.type == "choice" else CLEAN_TEXT
    spelling = [f"--{field.name.replace('_', '-')}", field.name]
    return click.Option(
        spelling, type=kind, required=required, metavar=METAVARS.get(field.type), help=field_label(field)
    )


def _add(book: Register) -> Command:
    def add(run: CommandContext, /, **values: Any) -> None:
        with write_session(run) as writing:
            print_line(run, writing, book, add_line(writing.ledger, book, **drop_unset(values)))

    options = options_of(book, required=True)
    if book.parent == "project":
        place = click.Option(
            ["--project"], type=CLEAN_TEXT, required=book.name != "meeting", help=_("The project: number, name or id.")
        )
        options.insert(0, place)
    return Command("add", callback=click.pass_obj(add), params=options, help=_("Write a new line."))


def _edit(book: Register) -> Command:
    def edit(run: CommandContext, /, line: str, **values: Any) -> None:
        changes = {name: value for name, value in drop_unset(values).items() if value != ()}
        with write_session(run) as writing:
            print_line(run, writing, book, edit_line(writing.ledger, book, line, **changes))

    argument = click.Argument(["line"], metavar="ID", type=CLEAN_TEXT)
    help_text = _("Change a line; an empty text removes a field. The version before is kept.")
    return Command(
        "edit", callback=click.pass_obj(edit), params=[argument, *options_of(book, required=False)], help=help_text
    )


def __getattr__(name: str) -> Command:
    """``PROCEDURE_ADD``, ``MEETING_EDIT`` …: the command that the groups load by name."""
    book_name, _underscore, act = name.rpartition("_")
    book = REGISTERS.get(book_name.lower()) or REGISTERS.get(book_name.lower().replace("_", "-"))
    if book is None or act not in ("ADD", "EDIT"):
        raise AttributeError(name)
    return _add(book) if act == "ADD" else _edit(book)
