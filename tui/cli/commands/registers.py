"""``guanjia procedure``, ``meeting``, ``policy`` … : every book of ``store/domain/registers.py`` as a group of
commands.

The table gives options, lists and pages; what a book has beyond list, show, add and edit is in `MORE`, and is loaded
when it is called. Writing loads the models; reading does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import click

from store.domain.registers import BOOKS, NAMING, Book, Field
from store.exceptions import LineNotFound
from store.ledger.line import is_id
from store.queries import register_lines as reading
from store.queries.details import with_details
from store.queries.names import Nameable
from store.values.times import parse_day
from tui.cli.groups import PHRASE, Command, Entry, Group, Run
from tui.cli.name_lookup import find_maybe, find_one
from tui.cli.output import emit, show_pairs, show_table
from tui.cli.read_context import Desk, at_desk
from tui.i18n.register_labels import ABOUT
from tui.i18n.register_text import cell_of, dated, label_of, pairs_of
from tui.i18n.translate import N_, _

MORE: Mapping[str, Sequence[Entry]] = {
    "procedure": (
        Entry("set", "tui.cli.commands.register_acts:set_status", _("Note how far it has come.")),
        Entry(
            "propose", "tui.cli.commands.register_acts:propose", _("Put the standard procedures on a project’s list.")
        ),
        Entry("path", "tui.cli.commands.register_acts:path", _("What holds up the start of building.")),
    ),
    "policy": (
        Entry("deliver", "tui.cli.commands.register_acts:deliver", _("Note that a project was told.")),
        Entry("untold", "tui.cli.commands.register_acts:untold", _("The projects that have not been told.")),
    ),
    "training": (Entry("hours", "tui.cli.commands.register_acts:hours", _("Hours per person, by unit.")),),
    "evaluation": (
        Entry("facts", "tui.cli.commands.register_acts:facts", _("What the ledger says of a unit or person.")),
    ),
    "adoption": (Entry("set", "tui.cli.commands.register_acts:set_adoption", _("Note how far a unit is.")),),
    "statistics": (Entry("set", "tui.cli.commands.register_acts:set_statistics", _("Note a paper, or the entry.")),),
}


def group_of(book: Book) -> Group:
    """The commands of one book."""
    writing = (
        Entry("add", f"tui.cli.commands.register_changes:{_variable(book)}_ADD", _("Write a new line.")),
        Entry("edit", f"tui.cli.commands.register_changes:{_variable(book)}_EDIT", _("Change a line.")),
    )
    group = Group(book.name, entries=(*writing, *MORE.get(book.name, ())), help=_(ABOUT[book.name]))
    group.add_command(_list_command(book))
    group.add_command(_show_command(book))
    return group


def _variable(book: Book) -> str:
    return book.name.replace("-", "_").upper()


# list


_PERIOD = {"since": N_("From this day on."), "until": N_("Up to this day, included.")}


def _list_command(book: Book) -> Command:
    def list_(run: Run, /, limit: int | None, **chosen: str | None) -> None:
        with at_desk(run.home) as desk, desk.database.read() as connection:
            now = desk.now_in(connection)
            days = {name: parse_day(text, now) for name in _PERIOD if (text := chosen.pop(name, None))}
            wanted = {name: _chosen(connection, book, name, text) for name, text in chosen.items()} | days
            listing = reading.listing(book, **wanted)
            found = reading.rows(connection, book, listing, limit=limit or -1)
            on = desk.today_in(connection)
            found = [_public(with_details(connection, book, row, on)) for row in found]
        emit(run.form, found, partial(_show_list, book))

    options = [click.Option(["--limit"], type=click.IntRange(min=1), help=_("At most so many."))]
    if book.of != "district":
        options.append(click.Option(["--project"], type=PHRASE, help=_("Only this project’s.")))
    options += [_filter(field) for field in book.fields if field.shape == "choice" or field.shape in NAMING]
    if dated(book):
        options += [click.Option([f"--{name}"], type=PHRASE, metavar="DATE", help=_(_PERIOD[name])) for name in _PERIOD]
    return Command("list", callback=click.pass_obj(list_), params=list(options), help=_("The lines, newest first."))


def _filter(field: Field) -> click.Option:
    kind: Any = click.Choice(field.choices) if field.shape == "choice" else PHRASE
    return click.Option([f"--{field.name.replace('_', '-')}"], type=kind, help=_("Only with this: {field}.").format(
        field=label_of(field)))  # fmt: skip


def _chosen(connection: Any, book: Book, name: str, text: str | None) -> str | None:
    if name == "project":
        return find_maybe(connection, "project", text)
    shape = book.field(name).shape
    naming: dict[str, Nameable] = {
        "person": "person", "unit": "unit", "policy": "policy", "training": "training", "issue": "issue",
    }  # fmt: skip
    return find_maybe(connection, naming[shape], text) if shape in naming else text


def _show_list(book: Book, found: list[dict[str, Any]]) -> None:
    shown = [field for field in book.fields if field.listed]
    columns = [label_of(field) for field in shown]
    if book.of != "district":
        columns.insert(1, _("Project"))
    rows = [_cells(book, shown, row) for row in found]
    show_table([*columns, "ID"], rows)


def _cells(book: Book, shown: Sequence[Field], row: Mapping[str, Any]) -> list[object]:
    cells: list[object] = [cell_of(book, field, row) for field in shown]
    if book.of != "district":
        cells.insert(1, row["project"])
    return [*cells, row["id"]]


# show


def _show_command(book: Book) -> Command:
    def show(run: Run, /, line: str) -> None:
        with at_desk(run.home) as desk, desk.database.read() as connection:
            found = line_json(connection, desk, book, id_of(connection, book, line))
        emit(run.form, found, partial(show_line, book))

    argument = click.Argument(["line"], metavar="ID", type=PHRASE)
    return Command("show", callback=click.pass_obj(show), params=[argument], help=_("One line, whole."))


def id_of(connection: Any, book: Book, named: str) -> str:
    """The id of the line that ``named`` means. Raises `LineNotFound` where a book's lines have no names."""
    if is_id(named.strip()):
        return named.strip()
    if book.kind in ("policy", "training", "meeting"):
        named_kind: Any = book.kind
        return find_one(connection, named_kind, named)
    raise LineNotFound(id=named)


def line_json(connection: Any, desk: Desk, book: Book, line_id: str) -> dict[str, Any]:
    """One line as ``--json`` prints it. Raises `LineNotFound` when it is not here."""
    found = reading.row(connection, book, line_id)
    if found is None:
        raise LineNotFound(id=line_id)
    return _public(with_details(connection, book, found, desk.today_in(connection)))


def show_line(book: Book, found: Mapping[str, Any]) -> None:
    """One line for people."""
    show_pairs([*pairs_of(book, found), ("ID", found["id"])])


def _public(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not name.startswith("_")}


GROUPS: dict[str, click.Command] = {name: group_of(book) for name, book in BOOKS.items()}
"""The groups by name."""
