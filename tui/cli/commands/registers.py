"""``guanjia procedure``, ``meeting``, ``policy`` … : every book of ``store/domain/registers.py`` as a group of
commands.

The table gives options, lists and pages; what a book has beyond list, show, add and edit is in `EXTRA_COMMANDS`, and
is loaded when it is called. Writing loads the models; reading does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import click

from store.domain.registers import REFERENCE_KINDS, REGISTERS, Register, RegisterField
from store.exceptions import LineNotFound
from store.ledger.line import is_id
from store.queries import register_lines as reading
from store.queries.details import with_details
from store.queries.name_lookup import NamedKind
from store.values.times import parse_day
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext, LazyCommand, LazyGroup
from tui.cli.name_lookup import find_maybe, find_one
from tui.cli.output import emit, show_pairs, show_table
from tui.cli.read_context import HomeSession, home_session
from tui.i18n.register_labels import REGISTER_DESCRIPTIONS
from tui.i18n.register_text import field_label, field_text, is_dated, label_value_pairs
from tui.i18n.translate import N_, _

EXTRA_COMMANDS: Mapping[str, Sequence[LazyCommand]] = {
    "procedure": (
        LazyCommand("set", "tui.cli.commands.register_acts:set_status", _("Note how far it has come.")),
        LazyCommand(
            "propose", "tui.cli.commands.register_acts:propose", _("Put the standard procedures on a project’s list.")
        ),
        LazyCommand("path", "tui.cli.commands.register_acts:path", _("What holds up the start of building.")),
    ),
    "policy": (
        LazyCommand("deliver", "tui.cli.commands.register_acts:deliver", _("Note that a project was told.")),
        LazyCommand("untold", "tui.cli.commands.register_acts:untold", _("The projects that have not been told.")),
    ),
    "training": (LazyCommand("hours", "tui.cli.commands.register_acts:hours", _("Hours per person, by unit.")),),
    "evaluation": (
        LazyCommand("facts", "tui.cli.commands.register_acts:facts", _("What the ledger says of a unit or person.")),
    ),
    "adoption": (LazyCommand("set", "tui.cli.commands.register_acts:set_adoption", _("Note how far a unit is.")),),
    "statistics": (
        LazyCommand("set", "tui.cli.commands.register_acts:set_statistics", _("Note a paper, or the entry.")),
    ),
}


def group_of(book: Register) -> LazyGroup:
    """The commands of one book."""
    writing = (
        LazyCommand("add", f"tui.cli.commands.register_changes:{_constant_prefix(book)}_ADD", _("Write a new line.")),
        LazyCommand("edit", f"tui.cli.commands.register_changes:{_constant_prefix(book)}_EDIT", _("Change a line.")),
    )
    group = LazyGroup(
        book.name, entries=(*writing, *EXTRA_COMMANDS.get(book.name, ())), help=_(REGISTER_DESCRIPTIONS[book.name])
    )
    group.add_command(_list_command(book))
    group.add_command(_show_command(book))
    return group


def _constant_prefix(book: Register) -> str:
    return book.name.replace("-", "_").upper()


# list


_PERIOD = {"since": N_("From this day on."), "until": N_("Up to this day, included.")}


def _list_command(book: Register) -> Command:
    def list_(run: CommandContext, /, limit: int | None, **filters: str | None) -> None:
        with home_session(run.home) as desk, desk.database.read() as connection:
            now = desk.district_now(connection)
            days = {name: parse_day(text, now) for name in _PERIOD if (text := filters.pop(name, None))}
            wanted = {name: _filter_value(connection, book, name, text) for name, text in filters.items()} | days
            listing = reading.listing(book, **wanted)
            found = reading.rows(connection, book, listing, limit=limit or -1)
            on = desk.light_thresholds(connection)
            found = [_public(with_details(connection, book, row, on)) for row in found]
        emit(run.output_format, found, partial(_show_list, book))

    options = [click.Option(["--limit"], type=click.IntRange(min=1), help=_("At most so many."))]
    if book.parent != "district":
        options.append(click.Option(["--project"], type=CLEAN_TEXT, help=_("Only this project’s.")))
    options += [_filter(field) for field in book.fields if field.type == "choice" or field.type in REFERENCE_KINDS]
    if is_dated(book):
        options += [
            click.Option([f"--{name}"], type=CLEAN_TEXT, metavar="DATE", help=_(_PERIOD[name])) for name in _PERIOD
        ]
    return Command("list", callback=click.pass_obj(list_), params=list(options), help=_("The lines, newest first."))


def _filter(field: RegisterField) -> click.Option:
    kind: Any = click.Choice(field.choices) if field.type == "choice" else CLEAN_TEXT
    return click.Option([f"--{field.name.replace('_', '-')}"], type=kind, help=_("Only with this: {field}.").format(
        field=field_label(field)))  # fmt: skip


def _filter_value(connection: Any, book: Register, name: str, text: str | None) -> str | None:
    if name == "project":
        return find_maybe(connection, "project", text)
    shape = book.field(name).type
    naming: dict[str, NamedKind] = {
        "person": "person", "unit": "unit", "policy": "policy", "training": "training", "issue": "issue",
    }  # fmt: skip
    return find_maybe(connection, naming[shape], text) if shape in naming else text


def _show_list(book: Register, lines: list[dict[str, Any]]) -> None:
    shown = [field for field in book.fields if field.in_list]
    columns = [field_label(field) for field in shown]
    if book.parent != "district":
        columns.insert(1, _("Project"))
    rows = [_cells(book, shown, row) for row in lines]
    show_table([*columns, "ID"], rows)


def _cells(book: Register, shown: Sequence[RegisterField], row: Mapping[str, Any]) -> list[object]:
    cells: list[object] = [field_text(book, field, row) for field in shown]
    if book.parent != "district":
        cells.insert(1, row["project"])
    return [*cells, row["id"]]


# show


def _show_command(book: Register) -> Command:
    def show(run: CommandContext, /, line: str) -> None:
        with home_session(run.home) as desk, desk.database.read() as connection:
            found = line_json(connection, desk, book, resolve_line_id(connection, book, line))
        emit(run.output_format, found, partial(show_line, book))

    argument = click.Argument(["line"], metavar="ID", type=CLEAN_TEXT)
    return Command("show", callback=click.pass_obj(show), params=[argument], help=_("One line, whole."))


def resolve_line_id(connection: Any, book: Register, text: str) -> str:
    """The id of the line that ``named`` means. Raises `LineNotFound` where a book's lines have no names."""
    if is_id(text.strip()):
        return text.strip()
    if book.kind in ("policy", "training", "meeting"):
        named_kind: Any = book.kind
        return find_one(connection, named_kind, text)
    raise LineNotFound(id=text)


def line_json(connection: Any, session: HomeSession, book: Register, line_id: str) -> dict[str, Any]:
    """One line as ``--json`` prints it. Raises `LineNotFound` when it is not here."""
    found = reading.row(connection, book, line_id)
    if found is None:
        raise LineNotFound(id=line_id)
    return _public(with_details(connection, book, found, session.light_thresholds(connection)))


def show_line(book: Register, line: Mapping[str, Any]) -> None:
    """One line for people."""
    show_pairs([*label_value_pairs(book, line), ("ID", line["id"])])


def _public(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not name.startswith("_")}


GROUPS: dict[str, click.Command] = {name: group_of(book) for name, book in REGISTERS.items()}
"""The groups by name."""
