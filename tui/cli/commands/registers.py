"""``guanjia procedure``, ``meeting``, ``policy`` …: each register of ``store/domain/registers.py`` as a group.

The table of registers gives options, lists and pages. What a register has beyond list, show, add and edit is in
`EXTRA_COMMANDS` and ``register_extras.py``. Writing loads the models; reading does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import click

from store.db.connection import Connection
from store.domain.registers import REFERENCE_KINDS, REGISTERS, WRITTEN_FOR_OTHERS, Register, RegisterField
from store.exceptions import LineNotFound
from store.ledger.line import is_id
from store.queries import register_lines as reading
from store.queries.details import with_details
from store.queries.name_lookup import NamedKind
from store.queries.paging import SORTED_PAGE, Listing, RowKey, key_reader, stream_rows
from store.values.times import parse_day
from tui.cli.groups import (
    CLEAN_TEXT,
    Command,
    CommandContext,
    LabelChoice,
    LazyCommand,
    LazyGroup,
    TextChoice,
    WholeNumber,
    drop_unset,
)
from tui.cli.name_lookup import find_maybe, find_one
from tui.cli.output import emit, emit_rows, show_pairs, show_table
from tui.cli.people import report_new_people
from tui.cli.principal import in_place_of, principal_option
from tui.cli.session import HomeSession, WriteSession, home_session, write_session
from tui.cli.typed_values import check_typed, confirming_options
from tui.i18n.register_labels import REGISTER_DESCRIPTIONS
from tui.i18n.register_text import (
    RegisterLineRow,
    choice_family,
    field_label,
    field_text,
    is_dated,
    label_value_pairs,
)
from tui.i18n.translate import N_, _

if TYPE_CHECKING:
    from store.commands.people import WriteResult

Row = Mapping[str, object]
_EXTRAS = "tui.cli.commands.register_extras"
EXTRA_COMMANDS: Mapping[str, Sequence[LazyCommand]] = {
    "procedure": (
        LazyCommand("set", f"{_EXTRAS}:set_status", _("Note how far it has come.")),
        LazyCommand("propose", f"{_EXTRAS}:propose", _("Put the standard procedures on a project’s list.")),
        LazyCommand("path", f"{_EXTRAS}:path", _("What holds up the start of building.")),
    ),
    "policy": (
        LazyCommand("deliver", f"{_EXTRAS}:deliver", _("Note that a project was told.")),
        LazyCommand("untold", f"{_EXTRAS}:untold", _("The projects that have not been told.")),
    ),
    "training": (LazyCommand("hours", f"{_EXTRAS}:hours", _("Hours per person, by unit.")),),
    "evaluation": (LazyCommand("facts", f"{_EXTRAS}:facts", _("What the ledger says of a unit or person.")),),
    "adoption": (LazyCommand("set", f"{_EXTRAS}:set_adoption", _("Note how far a unit is.")),),
    "phrase": (LazyCommand("remove", f"{_EXTRAS}:remove_phrase", _("Delete a phrase; the bin has it.")),),
    "statistics": (LazyCommand("set", f"{_EXTRAS}:set_statistics", _("Note a paper, or the entry.")),),
}
EXTRA_OPTIONS: Mapping[str, tuple[tuple[str, str, bool], ...]] = {
    "training": (("who", N_("Who attended, “A;B”."), False),),
    "evaluation": (("lines", N_("A score line, CODE=POINTS; repeatable."), True),),
}
"""Options of ``add`` and ``edit`` that are no field of the line: name, help, whether it may be repeated."""
HIDDEN_FIELDS = ("session", "scores")
METAVARS = {
    "day": "DATE", "moment": "TIME", "month": "YYYY-MM", "period": "PERIOD", "yuan": "YUAN", "names": '"A;B"',
    "units": '"A;B"', "issues": '"ID;ID"', "person": "NAME", "unit": "NAME",
}  # fmt: skip
FILTER_KINDS: Mapping[str, NamedKind] = {
    "person": "person", "unit": "unit", "policy": "policy", "training": "training", "issue": "issue",
}  # fmt: skip
"""Types of fields that refer to a line, by which ``list`` can be narrowed with that line's name."""
NAMED_REGISTERS: Mapping[str, NamedKind] = {"policy": "policy", "training": "training", "meeting": "meeting"}
"""Kinds of register lines that have a name."""
_PERIOD = {"since": N_("From this day on."), "until": N_("Up to this day, included.")}


def group_of(register: Register) -> LazyGroup:
    """The commands of one register."""
    entries = (
        LazyCommand("add", f"{__name__}:{_prefix(register)}_ADD", _("Write a new line.")),
        LazyCommand("edit", f"{__name__}:{_prefix(register)}_EDIT", _("Change a line.")),
        *EXTRA_COMMANDS.get(register.name, ()),
    )
    group = LazyGroup(register.name, entries=entries, help=_(REGISTER_DESCRIPTIONS[register.name]))
    group.add_command(_list_command(register))
    group.add_command(_show_command(register))
    return group


def _prefix(register: Register) -> str:
    return register.name.replace("-", "_").upper()


# list


def _list_command(register: Register) -> Command:
    def list_(
        run: CommandContext, /, limit: int | None, sort: str | None, reverse: bool, **filters: str | None
    ) -> None:
        with home_session(run.home) as session, session.database.read() as connection:
            now, thresholds = session.district_now(connection), session.light_thresholds(connection)
            days = {name: parse_day(text, now, "past") for name in _PERIOD if (text := filters.pop(name, None))}
            values = {name: _filter_value(connection, register, name, text) for name, text in filters.items()}
            listing = reading.listing(register, sort=sort, reverse=reverse, **values, **days)
            page = partial(reading.rows, connection, register, listing)
            if sort is None:
                rows = stream_rows(page, partial(reading.row_key, register), limit)
            else:
                rows = stream_rows(page, _column_key_reader(connection, listing), limit, SORTED_PAGE)
            detailed = (public_fields(with_details(connection, register, row, thresholds)) for row in rows)
            emit_rows(run.output_format, detailed, partial(_show_list, register))

    options = [
        click.Option(["--limit"], type=WholeNumber(min=1), help=_("At most so many.")),
        click.Option(["--sort"], type=TextChoice(_sort_labels(register)), help=_("Sorted by this column.")),
        click.Option(["--reverse"], is_flag=True, help=_("In the opposite order.")),
    ]
    if register.parent != "district":
        options.append(click.Option(["--project"], type=CLEAN_TEXT, help=_("Only this project’s.")))
    options += [
        _filter(register, field) for field in register.fields if field.type == "choice" or field.type in REFERENCE_KINDS
    ]
    if is_dated(register):
        options += [
            click.Option([f"--{name}"], type=CLEAN_TEXT, metavar="DATE", help=_(text)) for name, text in _PERIOD.items()
        ]
    return Command("list", callback=click.pass_obj(list_), params=list(options), help=_("The lines, newest first."))


def _sort_labels(register: Register) -> dict[str, str]:
    """The columns that sort a register's list, with their labels."""
    labels = {field.name: field.label for field in register.fields}
    return {name: labels.get(name, "Project") for name in reading.sortable_fields(register)}


def _column_key_reader(connection: Connection, listing: Listing) -> Callable[[reading.RegisterRecord], RowKey]:
    """A row's key in a list sorted by a column, as the database has it."""
    read = key_reader(connection, listing)
    return lambda row: read(RegisterLineRow(row["id"], row))


def _filter(register: Register, field: RegisterField) -> click.Option:
    text = _("Only with this: {field}.").format(field=field_label(field))
    return click.Option([_flag(field)], type=_type(register, field), help=text)


def _flag(field: RegisterField) -> str:
    return f"--{field.name.replace('_', '-')}"


def _type(register: Register, field: RegisterField) -> click.ParamType[str]:
    return LabelChoice(field.choices, choice_family(register, field)) if field.type == "choice" else CLEAN_TEXT


def _filter_value(connection: Connection, register: Register, name: str, text: str | None) -> str | None:
    kind = "project" if name == "project" else FILTER_KINDS.get(register.field(name).type)
    return find_maybe(connection, kind, text) if kind else text


def _show_list(register: Register, rows: Iterable[Row]) -> None:
    fields = [field for field in register.fields if field.in_list]
    columns = [field_label(field) for field in fields]
    if register.parent != "district":
        columns.insert(1, _("Project"))
    show_table([*columns, "ID"], (_cells(register, fields, row) for row in rows))


def _cells(register: Register, fields: Sequence[RegisterField], row: Row) -> list[object]:
    cells: list[object] = [field_text(register, field, row) for field in fields]
    if register.parent != "district":
        cells.insert(1, row["project"])
    return [*cells, row["id"]]


# show


def _show_command(register: Register) -> Command:
    def show(run: CommandContext, /, line: str) -> None:
        with home_session(run.home) as session, session.database.read() as connection:
            row = read_line(connection, session, register, resolve_line_id(connection, register, line))
        emit(run.output_format, row, partial(show_line, register))

    argument = click.Argument(["line"], metavar="ID", type=CLEAN_TEXT)
    return Command("show", callback=click.pass_obj(show), params=[argument], help=_("One line, whole."))


def resolve_line_id(connection: Connection, register: Register, text: str) -> str:
    """The id of the line that ``text`` means. Raises `LineNotFound` where the register's lines have no names."""
    if is_id(text.strip()):
        return text.strip()
    if register.kind in NAMED_REGISTERS:
        return find_one(connection, NAMED_REGISTERS[register.kind], text)
    raise LineNotFound(id=text)


def read_line(connection: Connection, session: HomeSession, register: Register, line_id: str) -> Row:
    """One line with what follows from it. Raises `LineNotFound` when it is not here."""
    row = reading.row(connection, register, line_id)
    if row is None:
        raise LineNotFound(id=line_id)
    return public_fields(with_details(connection, register, row, session.light_thresholds(connection)))


def show_line(register: Register, row: Row) -> None:
    """Print one line for people."""
    show_pairs([*label_value_pairs(register, row), ("ID", row["id"])])


def public_fields(row: Row) -> dict[str, object]:
    """A row without the fields that only queries use."""
    return {name: value for name, value in row.items() if not name.startswith("_")}


# add and edit


def emit_written(run: CommandContext, writing: WriteSession, register: Register, result: WriteResult) -> None:
    """Print the line as it is after a change, and who was added by it."""
    report_new_people(run, result.added)
    with writing.session.database.read() as connection:
        row = read_line(connection, writing.session, register, result.id)
    emit(run.output_format, row, partial(show_line, register))


def _field_options(register: Register, *, required: bool) -> list[click.Parameter]:
    """The options that give the fields of a register's line."""
    fields = [
        click.Option(
            [_flag(field), field.name], type=_type(register, field), required=required and field.required,
            metavar=METAVARS.get(field.type), help=field_label(field),
        )
        for field in register.fields if field.name not in HIDDEN_FIELDS
    ]  # fmt: skip
    extra = [
        click.Option([f"--{name}"], type=CLEAN_TEXT, multiple=multiple, help=_(text))
        for name, text, multiple in EXTRA_OPTIONS.get(register.name, ())
    ]
    named = [str(option.name) for option in (*fields, *extra)]
    principal = [principal_option()] if register.kind in WRITTEN_FOR_OTHERS else []
    return [*fields, *extra, *confirming_options(named_values(register, dict.fromkeys(named)).keys()), *principal]


def named_values(register: Register, values: Mapping[str, object]) -> dict[str, object]:
    """The values by option, as `check_typed` knows them: those who attended a training become people."""
    attended = {"attended": values["who"]} if register.name == "training" and "who" in values else {}
    return {**values, **attended}


def _add_command(register: Register) -> Command:
    def add(run: CommandContext, /, **values: object) -> None:
        from store.commands.dispatch import add_line

        with write_session(run.home) as writing, in_place_of(run, writing):
            check_typed(run, writing, named_values(register, values))
            emit_written(run, writing, register, add_line(writing.ledger, register, **drop_unset(values)))

    options = _field_options(register, required=True)
    if register.parent == "project":
        text = _("The project: number, name or id.")
        project = click.Option(["--project"], type=CLEAN_TEXT, required=register.name != "meeting", help=text)
        options.insert(0, project)
    return Command("add", callback=click.pass_obj(add), params=options, help=_("Write a new line."))


def _edit_command(register: Register) -> Command:
    def edit(run: CommandContext, /, line: str, **values: object) -> None:
        from store.commands.dispatch import edit_line

        changes = {name: value for name, value in drop_unset(values).items() if value != ()}
        with write_session(run.home) as writing, in_place_of(run, writing):
            check_typed(run, writing, named_values(register, changes))
            emit_written(run, writing, register, edit_line(writing.ledger, register, line, **changes))

    argument = click.Argument(["line"], metavar="ID", type=CLEAN_TEXT)
    return Command(
        "edit",
        callback=click.pass_obj(edit),
        params=[argument, *_field_options(register, required=False)],
        help=_("Change a line; an empty text removes a field. The version before is kept."),
    )


_WRITE_COMMANDS: Mapping[str, Callable[[Register], Command]] = {"ADD": _add_command, "EDIT": _edit_command}


def __getattr__(name: str) -> Command:
    """``PROCEDURE_ADD``, ``MEETING_EDIT`` …: the commands that write, made when they are called."""
    prefix, _underscore, act = name.rpartition("_")
    register = REGISTERS.get(prefix.lower()) or REGISTERS.get(prefix.lower().replace("_", "-"))
    if register is None or act not in _WRITE_COMMANDS:
        raise AttributeError(name)
    return _WRITE_COMMANDS[act](register)


GROUPS: dict[str, click.Command] = {name: group_of(register) for name, register in REGISTERS.items()}
"""The groups by name."""
