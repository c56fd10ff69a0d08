"""``guanjia issue list``: the issue ledger, filtered and sorted."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TypedDict, Unpack

import click

from store.db.connection import Connection
from store.domain.issue_lifecycle import STATES, State
from store.domain.registers import CATEGORIES
from store.domain.status_lights import LIGHTS, Light
from store.queries.co_handling import owed_names
from store.queries.issues import (
    ISSUE_SORTS,
    IssueFilter,
    IssueOrder,
    IssueRow,
    issue_key,
    steps_of_issue,
)
from store.queries.issues import issues as read_issues
from store.queries.issues import listing as issue_listing
from store.queries.paging import SORTED_PAGE, key_reader, stream_rows
from store.values.times import parse_day
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext, LabelChoice, WholeNumber
from tui.cli.name_lookup import find_maybe
from tui.cli.output import emit_rows, fields_json, show_table
from tui.cli.session import home_session
from tui.i18n.provisional_text import with_provisional_mark
from tui.i18n.translate import _, value_label


class IssueListOptions(TypedDict):
    """What narrows ``issue list``; project, department, owner and reporter are names."""

    project: str | None
    department: str | None
    owner: str | None
    reporter: str | None
    state: State | None
    light: Light | None
    text: str | None
    proposed: bool
    owed: bool
    unfinished: bool
    order: IssueOrder
    reverse: bool
    category: str | None
    since: str | None
    until: str | None
    supervised: bool


@click.command("list", cls=Command, help=_("Issues, newest first."))
@click.option("--project", type=CLEAN_TEXT, help=_("Only this project’s."))
@click.option("--department", type=CLEAN_TEXT, help=_("Only those that this department leads or co-handles."))
@click.option("--owner", type=CLEAN_TEXT, help=_("Only those with this owner."))
@click.option("--state", type=LabelChoice(STATES, "state"), help=_("Only those in this state."))
@click.option("--light", type=LabelChoice(LIGHTS, "light"), help=_("Only those with this light."))
@click.option("--text", type=CLEAN_TEXT, help=_("Only those that say this."))
@click.option(
    "--reporter", type=CLEAN_TEXT, metavar="NAME", help=_("Only those that this person recorded or escalated.")
)
@click.option("--proposed", is_flag=True, help=_("Only those that the overdue rule would escalate."))
@click.option(
    "--owed", is_flag=True, help=_("Only those for which a department, with --department that one, owes its opinion.")
)
@click.option("--open", "unfinished", is_flag=True, help=_("Without what is closed or cancelled."))
@click.option(
    "--order",
    type=LabelChoice(["newest", "light", *ISSUE_SORTS], "issue_order"),
    default="newest",
    show_default=True,
    help=_("In which order: the newest, or the reddest light, first; or by a column."),
)
@click.option("--reverse", is_flag=True, help=_("In the opposite order."))
@click.option("--category", type=LabelChoice(CATEGORIES, "issue.category"), help=_("Only of this category."))
@click.option("--since", type=CLEAN_TEXT, metavar="DATE", help=_("Raised from this day on."))
@click.option("--until", type=CLEAN_TEXT, metavar="DATE", help=_("Raised up to this day, included."))
@click.option("--supervised", is_flag=True, help=_("Only those with a supervision finding."))
@click.option("--limit", type=WholeNumber(min=1), help=_("At most so many."))
@click.pass_obj
def list_(run: CommandContext, /, limit: int | None, **options: Unpack[IssueListOptions]) -> None:
    """Print the issue ledger; as JSON with the steps of each issue."""
    with home_session(run.home) as session, session.database.read() as connection:
        options["project"] = find_maybe(connection, "project", options["project"])
        options["department"] = find_maybe(connection, "unit", options["department"])
        options["owner"] = find_maybe(connection, "person", options["owner"])
        options["reporter"] = find_maybe(connection, "person", options["reporter"])
        now = session.district_now(connection)
        options["since"] = parse_day(options["since"], now, "past") if options["since"] else None
        options["until"] = parse_day(options["until"], now, "past") if options["until"] else None
        thresholds = session.light_thresholds(connection)
        chosen = IssueFilter(**options)
        page = partial(read_issues, connection, thresholds, chosen)
        if chosen.order in ISSUE_SORTS:
            by_column = key_reader(connection, issue_listing(thresholds, chosen))
            rows = stream_rows(page, by_column, limit, SORTED_PAGE)
        else:
            rows = stream_rows(page, partial(issue_key, order=chosen.order), limit)
        emit_rows(run.output_format, rows, _show_list, partial(_row_json, connection))


def _row_json(connection: Connection, row: IssueRow) -> dict[str, object]:
    return {**row.to_json(), "steps": fields_json(steps_of_issue(connection, row.id, row.out_of_turn))}


def _show_list(rows: Iterable[IssueRow]) -> None:
    columns = (
        _("Issue no."), _("Issue"), _("Project"), _("State"), _("Light"), _("Level"), _("Department"),
        _("Still owed by"), _("Owner"), _("Due"),
    )  # fmt: skip
    show_table(columns, map(_cells, rows))


def _cells(row: IssueRow) -> tuple[object, ...]:
    state, light = value_label("state", row.state), row.light and value_label("light", row.light)
    owed = "、".join(owed_names(row.co_handlers))
    title = with_provisional_mark(row.title, row.provisional)
    return row.number, title, row.project, state, light, row.level, row.department, owed, row.owner, row.due
