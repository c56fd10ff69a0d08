"""``guanjia person`` and ``guanjia unit``: the address book, its corrections, and the merging of doubles.

Both groups are made from one description (`group_of`). Reading loads no model; writing does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import click

from store.db.connection import Connection
from store.exceptions import LineNotFound
from store.queries.paging import stream_rows
from store.queries.people import (
    ContactEntry,
    ContactFilter,
    ContactKind,
    contact,
    contact_key,
    contacts,
    listing,
    merged_records,
)
from tui.cli.groups import (
    CLEAN_TEXT,
    Command,
    CommandContext,
    LabelChoice,
    LazyCommand,
    LazyGroup,
    WholeNumber,
    drop_unset,
)
from tui.cli.name_lookup import find_maybe, find_one
from tui.cli.output import emit, emit_rows, rows_json, show, show_pairs, show_table
from tui.cli.session import HomeSession, home_session
from tui.i18n.contact_text import ROLES, UNIT_KINDS, apart_text, phone_text, role_text, roles_text
from tui.i18n.translate import _, value_label

if TYPE_CHECKING:
    from store.queries.doubles import LikelyDouble

_FOUND = 500
"""So many people are listed at most for words that are looked up."""
_WRITING = "tui.cli.commands.address_book_edits"
_PERSONAL = "tui.cli.commands.personal_data"
_HAND_OVER = "tui.cli.commands.hand_over:hand_over"


def group_of(kind: ContactKind) -> LazyGroup:
    """The commands about people, or about units."""
    prefix = kind.upper()
    lines = {
        "add": _("Enter somebody.") if kind == "person" else _("Enter a unit."),
        "edit": _("Correct a name, a phone, a unit: in one place for all."),
        "merge": _("Make two records one; every list shows the one from then on."),
        "unmerge": _("Take a record out of the one that it was merged into."),
        "distinct": _("Note that two records are two, so that they are not proposed again."),
        "retire": _("No longer offer somebody where names are typed."),
    }
    entries = [LazyCommand(name, f"{_WRITING}:{prefix}_{name.upper()}", text) for name, text in lines.items()]
    help_text = _("People: list, show, add, edit, merge, retire, doubles, export, erase.")
    if kind == "person":
        entries.append(LazyCommand("export", f"{_PERSONAL}:export", _("Write all that is held on a person to a file.")))
        entries.append(LazyCommand("erase", f"{_PERSONAL}:erase_person", _("Erase what is held on a person.")))
        entries.append(LazyCommand("hand-over", _HAND_OVER, _("Make another the butler of somebody’s projects.")))
    else:
        help_text = _("Units: list, show, add, edit, merge, retire, doubles.")
    group = LazyGroup(kind, entries=entries, help=help_text)
    for command in (_list_command(kind), _show_command(kind), _doubles_command(kind)):
        group.add_command(command)
    return group


# list


def _list_command(kind: ContactKind) -> Command:
    def list_(run: CommandContext, /, limit: int | None, **options: str | bool | None) -> None:
        with home_session(run.home) as session, session.database.read() as connection:
            today = session.district_now(connection).date().isoformat()
            selection = listing(kind, today, _filter(connection, kind, drop_unset(options)))
            rows = stream_rows(partial(contacts, connection, kind, selection), contact_key, limit)
            emit_rows(run.output_format, rows, partial(_show_list, kind), ContactEntry.to_json)

    return Command("list", callback=click.pass_obj(list_), params=_list_options(kind), help=_("Everybody, by name."))


def _list_options(kind: ContactKind) -> list[click.Parameter]:
    own: click.Option = click.Option(["--unit"], type=CLEAN_TEXT, help=_("Only people of this unit."))
    if kind == "unit":
        own = click.Option(
            ["--kind", "unit_kind"], type=LabelChoice(UNIT_KINDS, "unit.kind"), help=_("Only of this kind.")
        )
    return [
        click.Option(["--find"], type=CLEAN_TEXT, help=_("Only what these words find: name, pinyin, phone.")),
        own,
        click.Option(["--role"], type=LabelChoice(ROLES, "assignment.role"), help=_("Only with this role today.")),
        click.Option(["--project"], type=CLEAN_TEXT, help=_("Only who serves this project today.")),
        click.Option(["--all", "retired"], is_flag=True, help=_("Also those who are no longer offered.")),
        click.Option(["--after"], type=CLEAN_TEXT, metavar="ID", help=_("Only what comes after this one, by its id.")),
        click.Option(["--limit"], type=WholeNumber(min=1), help=_("At most so many.")),
    ]


def _filter(connection: Connection, kind: ContactKind, options: Mapping[str, str | bool]) -> ContactFilter:
    texts = {name: str(value) for name, value in options.items() if name != "retired"}
    ids = None
    if words := texts.get("find"):
        from store.search.session import find

        ids = tuple(hit.id for hit in find(connection, words, kind=kind, limit=_FOUND))
    return ContactFilter(
        ids=ids,
        unit=find_maybe(connection, "unit", texts.get("unit")),
        role=texts.get("role"),
        project=find_maybe(connection, "project", texts.get("project")),
        unit_kind=texts.get("unit_kind"),
        retired=bool(options.get("retired")),
        after=find_maybe(connection, kind, texts.get("after")),
    )


def _show_list(kind: ContactKind, rows: Iterable[ContactEntry]) -> None:
    if kind == "person":
        columns = (_("Full name"), _("Job title"), _("Unit"), _("Phone"), _("Serves"), _("Open issues"), "ID")
        show_table(columns, map(_person_cells, rows))
    else:
        columns = (_("Name"), _("Kind"), _("Contact person"), _("Phone"), _("Serves"), _("Open issues"), "ID")
        show_table(columns, map(_unit_cells, rows))


def _person_cells(row: ContactEntry) -> tuple[object, ...]:
    return row.name, row.title, row.unit, row.phone, roles_text(row), row.open_issues or None, row.id


def _unit_cells(row: ContactEntry) -> tuple[object, ...]:
    kind = row.unit_kind and value_label("unit.kind", row.unit_kind)
    return row.name, kind, row.contact, row.phone, roles_text(row), row.open_issues or None, row.id


# show


def _show_command(kind: ContactKind) -> Command:
    def show_(run: CommandContext, /, who: str) -> None:
        with home_session(run.home) as session, session.database.read() as connection:
            emit_contact(run, session, connection, kind, find_one(connection, kind, who))

    argument = click.Argument(["who"], metavar="NAME", type=CLEAN_TEXT)
    text = _("One person: phones, roles with projects and dates, open issues.")
    if kind == "unit":
        text = _("One unit: whom to ask for, phones, roles, open issues.")
    return Command("show", callback=click.pass_obj(show_), params=[argument], help=text)


def emit_contact(
    run: CommandContext, session: HomeSession, connection: Connection, kind: ContactKind, line_id: str
) -> None:
    """Print one person or unit. Raises `LineNotFound` when it is not here."""
    today = session.district_now(connection).date().isoformat()
    entry = contact(connection, kind, line_id, today)
    if entry is None:
        raise LineNotFound(id=line_id)
    merged = merged_records(connection, kind, entry.id)
    record = {**entry.to_json(), "merged": [{"id": merged_id, "name": name} for merged_id, name in merged]}
    emit(run.output_format, record, lambda _record: _show_entry(entry, merged))


def _show_entry(entry: ContactEntry, merged: Sequence[tuple[str, str]]) -> None:
    show_pairs(
        (
            (_("Full name") if entry.kind == "person" else _("Name"), entry.name),
            (_("Kind"), entry.unit_kind and value_label("unit.kind", entry.unit_kind)),
            (_("Job title"), entry.title),
            (_("Unit"), entry.unit),
            (_("Contact person"), entry.contact),
            *((_("Phone"), phone_text(phone)) for phone in entry.phones),
            (_("Open issues"), entry.open_issues),
            (_("No longer offered from"), entry.retired_on),
            (_("Note"), entry.note),
            *((_("Merged into this one"), f"{name} ({merged_id})") for merged_id, name in merged),
            ("ID", entry.id),
        )
    )
    if entry.roles:
        show("")
        rows = ((role_text(role), role.project or role.place, role.from_date, role.to_date) for role in entry.roles)
        show_table((_("Role"), _("Project"), _("From"), _("To")), rows)


# doubles


def _doubles_command(kind: ContactKind) -> Command:
    def doubles_(run: CommandContext, /, limit: int | None) -> None:
        from store.queries.doubles import doubles

        with home_session(run.home) as session, session.database.read() as connection:
            today = session.district_now(connection).date().isoformat()
            rows = doubles(connection, kind, today)[:limit]
        emit(run.output_format, rows, _show_doubles, rows_json)

    limit = click.Option(["--limit"], type=WholeNumber(min=1), help=_("At most so many."))
    text = _("Records that may be one, the surest first; “merge” or “distinct” settles each.")
    return Command("doubles", callback=click.pass_obj(doubles_), params=[limit], help=text)


def _show_doubles(rows: Sequence[LikelyDouble]) -> None:
    columns = (_("Would stay"), _("Would be merged"), _("Why"), _("ID that stays"), _("ID merged"))
    show_table(columns, map(_double_cells, rows))


def _double_cells(row: LikelyDouble) -> tuple[object, ...]:
    why = "、".join(value_label("double", reason) for reason in row.reasons)
    return apart_text(row.first), apart_text(row.second), why, row.first.id, row.second.id


GROUPS: dict[str, click.Command] = {"person": group_of("person"), "unit": group_of("unit")}
"""Both groups by name."""
