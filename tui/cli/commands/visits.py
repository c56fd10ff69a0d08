"""``guanjia visit``: the service log: add, edit, list, show (R14, R42, R47)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TypedDict, Unpack

import click

from store.db.connection import Connection
from store.exceptions import LineNotFound
from store.queries.paging import stream_rows
from store.queries.visits import IssueMention, VisitRow, listing, visit_key, visits
from store.queries.visits import visit as read_visit
from store.values.times import parse_day
from tui.cli.groups import (
    CLEAN_TEXT,
    Command,
    CommandContext,
    LabelChoice,
    LazyCommand,
    LazyGroup,
    WholeNumber,
    with_options,
)
from tui.cli.name_lookup import find_maybe
from tui.cli.output import emit, emit_rows, show_pairs, show_table
from tui.cli.people import report_new_people
from tui.cli.principal import in_place_of, takes_principal
from tui.cli.session import home_session, write_session
from tui.cli.typed_values import check_typed, takes_yes
from tui.i18n.author_text import author_text
from tui.i18n.provisional_text import provisional_text, with_provisional_mark
from tui.i18n.translate import _, value_label

HOW = ("visit", "discussion", "phone", "wechat", "meeting", "other")
ENTRIES = (
    LazyCommand("add", f"{__name__}:add", _("Log a visit.")),
    LazyCommand("edit", f"{__name__}:edit", _("Correct a visit.")),
)


class VisitOptions(TypedDict):
    """What ``visit add`` and ``visit edit`` take alike. ``raising`` are new issues, ``moving`` steps on issues."""

    at: str | None
    place: str | None
    who: str | None
    text: str | None
    raising: list[dict[str, str]]
    moving: list[dict[str, str]]


@click.group(cls=LazyGroup, entries=ENTRIES, help=_("The service log: add, list, show, edit."))
def visit() -> None:
    """The commands about visits."""


@visit.command("list", help=_("Visits, newest first, of one project or of all."))
@click.option("--project", type=CLEAN_TEXT, help=_("Only this project’s."))
@click.option("--since", type=CLEAN_TEXT, metavar="DATE", help=_("From this day on."))
@click.option("--until", type=CLEAN_TEXT, metavar="DATE", help=_("Up to this day, included."))
@click.option("--limit", type=WholeNumber(min=1), help=_("At most so many."))
@click.pass_obj
def list_(run: CommandContext, project: str | None, since: str | None, until: str | None, limit: int | None) -> None:
    """Print the service log."""
    with home_session(run.home) as session, session.database.read() as connection:
        now = session.district_now(connection)
        days = {name: parse_day(text, now, "past") for name, text in (("since", since), ("until", until)) if text}
        selection = listing(project=find_maybe(connection, "project", project), **days)
        rows = stream_rows(partial(visits, connection, selection), visit_key, limit)
        emit_rows(run.output_format, rows, _show_list, VisitRow.to_json)


@visit.command("show", help=_("One visit and the issues it names."))
@click.argument("visit", metavar="ID", type=CLEAN_TEXT)
@click.pass_obj
def show_(run: CommandContext, visit: str) -> None:
    """Print one visit."""
    with home_session(run.home) as session, session.database.read() as connection:
        _emit_visit(run, connection, visit)


def _parse_moves(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> list[dict[str, str]]:
    """``ISSUE=TEXT`` as steps on issues."""
    moves = []
    for value in values:
        issue, equals, text = value.partition("=")
        if not equals or not issue.strip() or not text.strip():
            raise click.BadParameter(_("“{given}” is not of the form ISSUE=TEXT.").format(given=value))
        moves.append({"issue": issue.strip(), "text": text.strip()})
    return moves


def _parse_titles(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> list[dict[str, str]]:
    """Titles as new issues."""
    return [{"title": title} for title in values]


visit_options = with_options(
    click.option("--place", type=CLEAN_TEXT, help=_("Where.")),
    click.option("--who", type=CLEAN_TEXT, metavar='"A;B"', help=_("Who took part.")),
    click.option("--text", type=CLEAN_TEXT, help=_("What was seen and said.")),
    click.option(
        "--raised", multiple=True, type=CLEAN_TEXT, metavar="ISSUE", help=_("An issue that came up; repeatable.")
    ),
    click.option("--moved", multiple=True, type=CLEAN_TEXT, metavar="ISSUE", help=_("An issue moved on; repeatable.")),
    click.option(
        "--raise", "raising", multiple=True, type=CLEAN_TEXT, metavar="TITLE", callback=_parse_titles,
        help=_("Record a new issue that came up there; repeatable."),
    ),
    click.option(
        "--move", "moving", multiple=True, type=CLEAN_TEXT, metavar="ISSUE=TEXT", callback=_parse_moves,
        help=_("Write this progress on an issue; repeatable."),
    ),
    takes_yes,
    takes_principal,
)  # fmt: skip


@click.command(cls=Command, help=_("Log a visit, a call, a talk."))
@click.option("--project", required=True, type=CLEAN_TEXT, help=_("The project: number, name or id."))
@click.option(
    "--at", type=CLEAN_TEXT, metavar="TIME", help=_("When, such as “昨天 14:30” or 2026-03-05T14:30; now if not given.")
)
@click.option("--how", type=LabelChoice(HOW, "visit.how"), default="visit", show_default=True, help=_("In which way."))
@visit_options
@click.pass_obj
def add(
    run: CommandContext,
    /,
    project: str,
    how: str,
    raised: tuple[str, ...],
    moved: tuple[str, ...],
    **options: Unpack[VisitOptions],
) -> None:
    """Log a visit and print it."""
    from store.commands import visits as commands

    with write_session(run.home) as writing, in_place_of(run, writing):
        check_typed(run, writing, {}, visited=options["at"])
        result = commands.log(writing.ledger, project=project, how=how, raised=raised, moved=moved, **options)
        report_new_people(run, result.added)
        with writing.session.database.read() as connection:
            _emit_visit(run, connection, result.id)


@click.command(cls=Command, help=_("Correct a visit; an empty text removes a field. The version before is kept."))
@click.argument("visit", metavar="ID", type=CLEAN_TEXT)
@click.option("--at", type=CLEAN_TEXT, metavar="TIME", help=_("When."))
@click.option("--how", type=LabelChoice(HOW, "visit.how"), help=_("In which way."))
@visit_options
@click.pass_obj
def edit(
    run: CommandContext,
    /,
    visit: str,
    how: str | None,
    raised: tuple[str, ...],
    moved: tuple[str, ...],
    **options: Unpack[VisitOptions],
) -> None:
    """Change a visit and print it; what was not given stays as it is."""
    from store.commands import visits as commands

    with write_session(run.home) as writing, in_place_of(run, writing):
        check_typed(run, writing, {}, visited=options["at"])
        result = commands.edit(writing.ledger, visit, how=how, raised=raised or None, moved=moved or None, **options)
        report_new_people(run, result.added)
        with writing.session.database.read() as connection:
            _emit_visit(run, connection, result.id)


def _emit_visit(run: CommandContext, connection: Connection, visit_id: str) -> None:
    """Print one visit. Raises `LineNotFound` when it is not here."""
    row = read_visit(connection, visit_id)
    if row is None:
        raise LineNotFound(id=visit_id)
    emit(run.output_format, row, _show_visit, VisitRow.to_json)


def _show_list(rows: Iterable[VisitRow]) -> None:
    columns = (_("When"), _("Project"), _("How"), _("Place"), _("Participants"), _("What was seen"), "ID")
    show_table(columns, map(_cells, rows))


def _cells(row: VisitRow) -> tuple[object, ...]:
    how = value_label("visit.how", row.how)
    seen = with_provisional_mark(row.text or "", row.provisional)
    return _minute(row.at), row.project, how, row.place, row.participants_text, seen, row.id


def _show_visit(row: VisitRow) -> None:
    show_pairs(
        (
            (_("When"), _minute(row.at)),
            (_("Project"), row.project),
            (_("How"), value_label("visit.how", row.how)),
            (_("Place"), row.place),
            (_("Participants"), row.participants_text or None),
            (_("What was seen"), row.text),
            (_("Issues raised"), _issues_text(row.issues_raised)),
            (_("Issues moved on"), _issues_text(row.issues_moved)),
            (_("Recorded by"), author_text(row.author)),
            (_("Provisional"), provisional_text(row.provisional)),
            ("ID", row.id),
        )
    )


def _minute(at: str) -> str:
    return at[:16].replace("T", " ")


def _issues_text(mentions: Sequence[IssueMention]) -> str | None:
    return "；".join(f"{issue.number or ''} {issue.title or issue.id}".strip() for issue in mentions) or None
