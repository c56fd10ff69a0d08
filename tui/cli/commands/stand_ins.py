"""``guanjia stand-in``: who acts for whom until a day (代理, AB 角)."""

from __future__ import annotations

import click

from store.queries.stand_ins import StandInRow, stand_ins
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext, LazyGroup
from tui.cli.output import emit, fields_json, show, show_table, table_file
from tui.cli.session import HomeSession, home_session, write_session
from tui.i18n.translate import _, value_label


@click.group("stand-in", cls=LazyGroup, help=_("Who acts for whom until a day: add, list, end. It ends by itself."))
def stand_in() -> None:
    """The commands about standing in."""


@stand_in.command("list", cls=Command, help=_("Who stands in for whom, now and later."))
@click.option("--all", "ended", is_flag=True, help=_("Also those that have ended."))
@click.pass_obj
def list_(run: CommandContext, ended: bool) -> None:
    """Print the stand-ins, those that end first at the top."""
    with home_session(run.home) as session:
        _emit(run, _rows(session, ended=ended))


@stand_in.command("add", cls=Command, help=_("Let somebody act for you, or for another, until a day."))
@click.option("--by", required=True, type=CLEAN_TEXT, metavar="NAME", help=_("Who acts."))
@click.option("--until", required=True, type=CLEAN_TEXT, metavar="DATE", help=_("The last day."))
@click.option("--for", "principal", type=CLEAN_TEXT, metavar="NAME", help=_("In whose place; you, if nobody is named."))
@click.option("--since", type=CLEAN_TEXT, metavar="DATE", help=_("The first day; today if not given."))
@click.pass_obj
def add(run: CommandContext, by: str, until: str, principal: str | None, since: str | None) -> None:
    """Enter a stand-in and print it."""
    from store.commands import stand_ins as commands

    with write_session(run.home) as writing:
        written = commands.add(writing.ledger, by=by, until=until, principal=principal, since=since)
        _emit(run, [row for row in _rows(writing.session) if row.id == written.id])


@stand_in.command("end", cls=Command, help=_("End a stand-in now, by the name of either person or its id."))
@click.argument("name", type=CLEAN_TEXT)
@click.pass_obj
def end(run: CommandContext, name: str) -> None:
    """End a stand-in and print what is left."""
    from store.commands import stand_ins as commands

    with write_session(run.home) as writing:
        commands.end(writing.ledger, name)
        _emit(run, _rows(writing.session))


def _rows(session: HomeSession, *, ended: bool = False) -> list[StandInRow]:
    with session.database.read() as connection:
        return stand_ins(connection, session.district_now(connection).date().isoformat(), ended=ended)


def _emit(run: CommandContext, rows: list[StandInRow]) -> None:
    emit(run.output_format, rows, _show, fields_json)


def _show(rows: list[StandInRow]) -> None:
    if not rows and table_file() is None:
        show(_("Nobody stands in for anybody."))
        return
    headings = (_("Stand-in"), _("Acts for"), _("From"), _("Until"), _("When"), "ID")
    show_table(headings, map(_cells, rows))


def _cells(row: StandInRow) -> tuple[object, ...]:
    people = (row.person or "?", row.principal or "?")
    return (*people, row.from_date or "", row.to_date, value_label("stand_in", row.state), row.id)
