"""``guanjia project``: the list as the responsibility table has it, one project with its people, changes of the list
and comparison with another year's table (R01–R07, R09, R30)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypedDict, Unpack

import click

from store.db.connection import Connection
from store.domain.status_lights import LIGHTS, SIX_ONES, Light
from store.exceptions import LineNotFound
from store.queries.paging import key_reader, stream_rows
from store.queries.project_filters import (
    ANY_OF_SIX_ONES,
    PROJECT_ORDERS,
    PROJECT_SORTS,
    ProjectFilter,
    ProjectOrder,
    listing,
)
from store.queries.projects import AssignmentRow, ProjectDetail, ProjectRow, Tenure, project_key
from store.queries.projects import project as read_project
from store.queries.projects import projects as read_projects
from store.values.records import field_values
from tui.cli.groups import (
    CLEAN_TEXT,
    PATH_PARAM,
    YUAN,
    Command,
    CommandContext,
    LabelChoice,
    LazyCommand,
    LazyGroup,
    WholeNumber,
    drop_unset,
    with_options,
)
from tui.cli.name_lookup import find_maybe, find_one
from tui.cli.output import emit, emit_rows, show, show_pairs, show_table
from tui.cli.people import report_new_people
from tui.cli.session import HomeSession, WriteSession, home_session, write_session
from tui.cli.typed_values import check_typed, takes_new
from tui.i18n.provisional_text import provisional_text, with_provisional_mark
from tui.i18n.translate import N_, _, ngettext, value_label

if TYPE_CHECKING:
    from store.commands.people import WriteResult
    from store.importing.compare import TableChange

CATEGORIES = ("new", "continuing", "advancing")
STAGES = ("planning", "signed", "landed", "started", "building", "completed", "producing")
ENTRIES = (
    LazyCommand("add", f"{__name__}:add", _("Put a project on the list.")),
    LazyCommand("edit", f"{__name__}:edit", _("Change what is known of a project.")),
    LazyCommand("compare", f"{__name__}:compare", _("Who changed since another year’s table.")),
    LazyCommand("adjust", f"{__name__}:adjust", _("Add to, change on or take off the list, with a reason.")),
)
ROLE_HELP = {
    "lead_leader": N_("Who leads it; a phone may follow the name."),
    "lead_unit": N_("The unit that leads it."),
    "butler": N_("Its butler."),
    "project_secretary": N_("Its secretary."),
    "department_contact": N_("A department’s contact."),
    "enterprise_contact": N_("The enterprise’s contact."),
}
FIELD_HELP = {
    "owner": N_("The enterprise that builds it."),
    "national_code": N_("Its national code."),
    "scope_reason": N_("Why it is in scope."),
    "note": N_("Anything else."),
}


class ProjectListOptions(TypedDict):
    """What narrows and orders ``project list``."""

    removed: bool
    category: str | None
    stage: str | None
    light: Light | None
    mine: bool
    silent: bool
    lacks: str | None
    order: ProjectOrder
    reverse: bool
    unit: str | None
    person: str | None


@click.group(cls=LazyGroup, entries=ENTRIES, help=_("Projects: list, show, add, edit, adjust."))
def project() -> None:
    """The commands about projects."""


@project.command("list", help=_("Every project: who serves it, open issues, the worst light, what is missing."))
@click.option("--all", "removed", is_flag=True, help=_("Also those taken off the list."))
@click.option("--category", type=LabelChoice(CATEGORIES, "project.category"), help=_("Only of this category."))
@click.option("--stage", type=LabelChoice(STAGES, "project.stage"), help=_("Only at this stage."))
@click.option("--light", type=LabelChoice(LIGHTS, "light"), help=_("Only with this as their worst light."))
@click.option("--mine", is_flag=True, help=_("Only those that you serve."))
@click.option("--silent", is_flag=True, help=_("Only those that nobody has been in touch with for too long."))
@click.option(
    "--lacks",
    type=LabelChoice((ANY_OF_SIX_ONES, *(name for name, _roles in SIX_ONES)), "six_ones"),
    help=_("Only those that lack one of the six ones."),
)
@click.option(
    "--sort",
    "order",
    type=LabelChoice(PROJECT_ORDERS, "order"),
    default="table",
    show_default=True,
    help=_("As the table has them; worst light first; longest without contact first; or by a column."),
)
@click.option("--reverse", is_flag=True, help=_("In the opposite order."))
@click.option("--unit", type=CLEAN_TEXT, metavar="NAME", help=_("Only those that this unit serves today."))
@click.option("--person", type=CLEAN_TEXT, metavar="NAME", help=_("Only those that this person serves today."))
@click.option("--limit", type=WholeNumber(min=1), help=_("At most so many."))
@click.pass_obj
def list_(run: CommandContext, /, limit: int | None, **options: Unpack[ProjectListOptions]) -> None:
    """Print the selected projects, in the responsibility table's order or another."""
    with home_session(run.home) as session, session.database.read() as connection:
        thresholds = session.light_thresholds(connection)
        options["unit"] = find_maybe(connection, "unit", options["unit"])
        options["person"] = find_maybe(connection, "person", options["person"])
        chosen = ProjectFilter(**options)
        selection = listing(chosen, thresholds)
        page = partial(read_projects, connection, thresholds, selection=selection)
        by_column = key_reader(connection, selection)
        key = by_column if chosen.order in PROJECT_SORTS else partial(project_key, order=chosen.order)
        rows = stream_rows(page, key, limit)
        emit_rows(run.output_format, rows, _show_list, field_values)


@project.command("show", help=_("One project: its own facts and everybody who serves it."))
@click.argument("project", type=CLEAN_TEXT)
@click.pass_obj
def show_(run: CommandContext, project: str) -> None:
    """Print one project, named by number, name or id."""
    with home_session(run.home) as session, session.database.read() as connection:
        _emit_project(run, session, connection, find_one(connection, "project", project))


project_options = with_options(
    click.option("--stage", type=LabelChoice(STAGES, "project.stage"), help=_("How far it is.")),
    click.option("--investment-yuan", type=YUAN, help=_("Total investment in yuan.")),
    *(
        click.option("--" + name.replace("_", "-"), type=CLEAN_TEXT, help=_(text))
        for name, text in {**FIELD_HELP, **ROLE_HELP}.items()
    ),
    takes_new,
)


@click.command(cls=Command, help=_("Put a project on the list; it gets a number when none is given."))
@click.option("--name", required=True, type=CLEAN_TEXT, help=_("Its name."))
@click.option(
    "--category",
    type=LabelChoice(CATEGORIES, "project.category"),
    default="new",
    show_default=True,
    help=_("Its section."),
)
@click.option("--number", type=CLEAN_TEXT, help=_("Its number."))
@click.option("--reason", type=CLEAN_TEXT, help=_("Why it is put on the list."))
@project_options
@click.pass_obj
def add(
    run: CommandContext,
    /,
    name: str,
    category: str,
    number: str | None,
    reason: str | None,
    **options: str | int | None,
) -> None:
    """Put a project on the list and print it."""
    from store.commands import projects as commands

    roles, fields = _split_roles(options)
    with write_session(run.home) as writing:
        check_typed(run, writing, roles, project=name)
        result = commands.add(
            writing.ledger, name=name, category=category, number=number, roles=roles, reason=reason, **fields
        )
        _emit_changed(run, writing, result)


@click.command(cls=Command, help=_("Change what is known of a project; an empty text removes a field."))
@click.argument("project", type=CLEAN_TEXT)
@click.option("--name", type=CLEAN_TEXT, help=_("Its name."))
@click.option("--category", type=LabelChoice(CATEGORIES, "project.category"), help=_("Its section."))
@click.option("--number", type=CLEAN_TEXT, help=_("Its number."))
@project_options
@click.pass_obj
def edit(run: CommandContext, /, project: str, **options: str | int | None) -> None:
    """Change a project and print it."""
    from store.commands import projects as commands

    roles, fields = _split_roles(options)
    with write_session(run.home) as writing:
        check_typed(run, writing, roles)
        _emit_changed(run, writing, commands.edit(writing.ledger, project, roles=roles, **fields))


@click.command(cls=Command, help=_("Note that the list was adjusted; a project is never deleted, only taken off."))
@click.argument("project", type=CLEAN_TEXT)
@click.option(
    "--act", required=True, type=LabelChoice(["added", "changed", "removed"], "adjustment"), help=_("What was done.")
)
@click.option("--reason", required=True, type=CLEAN_TEXT, help=_("Why."))
@click.option("--date", "on", type=CLEAN_TEXT, metavar="DATE", help=_("When; today if not given."))
@click.pass_obj
def adjust(
    run: CommandContext, /, project: str, act: Literal["added", "changed", "removed"], reason: str, on: str | None
) -> None:
    """Note an adjustment and print the project."""
    from store.commands import projects as commands

    with write_session(run.home) as writing:
        _emit_changed(run, writing, commands.adjust(writing.ledger, project, act, reason=reason, on=on))


@click.command(
    cls=Command,
    help=_("Which projects came and went, and who changed, from FILE to LATER, or to the ledger as it is today."),
)
@click.argument("file", type=PATH_PARAM)
@click.argument("later", type=PATH_PARAM, required=False)
@click.pass_obj
def compare(run: CommandContext, file: Path, later: Path | None) -> None:
    """Print the differences between two responsibility tables."""
    from store.importing import read_table
    from store.importing.compare import compare_tables, rows_from_ledger, rows_from_table

    before = rows_from_table(read_table(file))
    if later is not None:
        after = rows_from_table(read_table(later))
    else:
        with home_session(run.home) as session, session.database.read() as connection:
            after = rows_from_ledger(connection, session.district_now(connection).date().isoformat())
    differences = list(compare_tables(before, after))
    emit(run.output_format, differences, _show_differences, lambda rows: [row._asdict() for row in rows])


def _split_roles(options: dict[str, str | int | None]) -> tuple[dict[str, str], dict[str, str | int]]:
    """The options that were given: those that name people, by role, and the other fields."""
    fields: dict[str, str | int] = drop_unset(options)
    roles = {role: str(fields.pop(role)) for role in ROLE_HELP if role in fields}
    return roles, fields


def _emit_changed(run: CommandContext, writing: WriteSession, result: WriteResult) -> None:
    report_new_people(run, result.added)
    with writing.session.database.read() as connection:
        _emit_project(run, writing.session, connection, result.id)


def _emit_project(run: CommandContext, session: HomeSession, connection: Connection, project_id: str) -> None:
    """Print one project. Raises `LineNotFound` when it is not here."""
    detail = read_project(connection, project_id, session.light_thresholds(connection))
    if detail is None:
        raise LineNotFound(id=project_id)
    emit(run.output_format, detail, _show_project, ProjectDetail.to_json)


def _show_differences(differences: list[TableChange]) -> None:
    rows = ((row.project, _difference_text(row), row.before, row.after) for row in differences)
    show_table((_("Project"), _("What"), _("Before"), _("After")), rows)


def _difference_text(row: TableChange) -> str:
    return value_label("assignment.role", row.role) if row.role else value_label("difference", row.what)


def _show_list(rows: Iterable[ProjectRow]) -> None:
    columns = (
        _("No."), _("Project"), _("Category"), _("Stage"), _("Lead leader"), _("Butler"), _("Enterprise contact"),
        _("Open issues"), _("Last contact"), _("Light"), _("Missing"),
    )  # fmt: skip
    show_table(columns, map(_cells, rows))


def _cells(row: ProjectRow) -> tuple[object, ...]:
    return (
        row.number,
        with_provisional_mark(row.name, row.provisional),
        value_label("project.category", row.category),
        row.stage and value_label("project.stage", row.stage),
        row.lead_leader,
        row.butler,
        row.enterprise_contact,
        row.open_issues or None,
        (row.last_contact or "")[:10],
        row.light and value_label("light", row.light),
        _missing(row),
    )


def _missing(row: ProjectRow) -> str:
    return "、".join(value_label("six_ones", name) for name in row.missing)


def _show_project(detail: ProjectDetail) -> None:
    row, yuan = detail.row, detail.investment_yuan
    show_pairs(
        (
            (_("No."), row.number),
            (_("Project"), row.name),
            (_("Category"), value_label("project.category", row.category)),
            (_("Stage"), row.stage and value_label("project.stage", row.stage)),
            (_("Owner"), detail.owner),
            (_("Investment"), None if yuan is None else f"{yuan:,}"),
            (_("National code"), detail.national_code),
            (_("In scope because"), _scope_text(detail)),
            (_("Open issues"), row.open_issues),
            (_("Light"), row.light and value_label("light", row.light)),
            (_("Last contact"), row.last_contact),
            (_("Look at"), _remarks(detail)),
            (_("Butlers"), _tenure_text(detail.tenure)),
            (_("Missing"), _missing(row) or None),
            (_("Note"), detail.note),
            (_("Provisional"), provisional_text(row.provisional)),
            ("ID", row.id),
        )
    )
    if detail.people:
        show("")
        columns = (_("Role"), _("Name"), _("Phone"), _("Unit"), _("From"), _("To"))
        show_table(columns, map(_person_cells, detail.people))


def _person_cells(person: AssignmentRow) -> tuple[object, ...]:
    role = value_label("assignment.role", person.role)
    return role, person.name, person.phone, person.unit, person.from_date, person.to_date


def _scope_text(detail: ProjectDetail) -> str:
    if detail.row.scope is None:
        return _("neither its amount nor a reason says so")
    label = value_label("scope", detail.row.scope)
    return f"{label}: {detail.scope_reason}" if detail.scope_reason else label


def _remarks(detail: ProjectDetail) -> str | None:
    remarks = {
        _("no contact for too long"): detail.row.silent,
        _("too many units on site"): detail.row.swarm,
        _("the butler is not of the lead unit"): detail.butler_of_lead_unit is False,
    }
    return "；".join(text for text, holds in remarks.items() if holds) or None


def _tenure_text(tenure: tuple[Tenure, ...]) -> str | None:
    texts = (
        ngettext("{name}: {n} day", "{name}: {n} days", term.days or 0).format(name=term.butler, n=term.days)
        for term in tenure
        if term.days is not None
    )
    return "，".join(texts) or None
