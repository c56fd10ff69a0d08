"""What some books can do beyond list, show, add and edit: set a status, deliver a policy, name who was not told."""

from __future__ import annotations

from typing import Any

import click

from store.commands import procedures
from store.commands import register_lines as register
from store.domain.procedure_catalogue import place_of
from store.domain.registers import ADOPTION, ADOPTIONS, BOOKS, DELIVERIES, DELIVERY, PROCEDURE, STATISTICS, STATUSES
from store.queries import register_lines as reading
from store.queries.details import critical_path, training_hours
from store.queries.details import untold as read_untold
from store.queries.facts import facts_of
from tui.cli.commands.register_changes import print_line
from tui.cli.commands.registers import id_of
from tui.cli.groups import PHRASE, Command, Run
from tui.cli.name_lookup import find_maybe, find_one
from tui.cli.output import emit, say, show_pairs, show_table
from tui.cli.read_context import at_desk
from tui.cli.write_context import given_only, ready_to_write
from tui.i18n.register_text import label_of
from tui.i18n.translate import _, word

PROJECT = click.option("--project", required=True, type=PHRASE, help=_("The project: number, name or id."))


@click.command("set", cls=Command, help=_("Note how far a procedure has come, with what the status calls for."))
@click.argument("line", metavar="ID", type=PHRASE)
@click.option("--status", required=True, type=click.Choice(STATUSES), help=_("How far it has come."))
@click.option("--reason", type=PHRASE, help=_("Why."))
@click.option("--promise-due", type=PHRASE, metavar="DATE", help=_("By when the missing paper is promised."))
@click.option("--document", type=PHRASE, help=_("The number of the document granted."))
@click.option("--date", "day", type=PHRASE, metavar="DATE", help=_("When; today if not given."))
@click.option("--department", type=PHRASE, metavar="NAME", help=_("The department."))
@click.option("--handler", type=PHRASE, metavar="NAME", help=_("Who handles it on behalf of the enterprise."))
@click.pass_obj
def set_status(run: Run, /, line: str, **given: Any) -> None:
    """Note a procedure's status and print it."""
    with ready_to_write(run) as writing:
        print_line(run, writing, PROCEDURE, procedures.set_status(writing.ledger, line, **given_only(given)))


@click.command("propose", cls=Command, help=_("Put the standard procedures of its category on a project’s list."))
@PROJECT
@click.option("--all", "everything", is_flag=True, help=_("Also those that only some projects need."))
@click.pass_obj
def propose(run: Run, project: str, everything: bool) -> None:
    """Propose a project's procedures and print its list."""
    with ready_to_write(run) as writing:
        added = procedures.propose(writing.ledger, project, everything=everything)
        say(_("{n} procedures were put on the list; edit it from here.").format(n=len(added)))
        with writing.desk.database.read() as connection:
            listing = reading.listing(PROCEDURE, project=find_one(connection, "project", project))
            found = sorted(reading.rows(connection, PROCEDURE, listing), key=lambda row: place_of(row["code"]))
    emit(run.form, [_public(row) for row in found], _show_procedures)


@click.command("path", cls=Command, help=_("What holds up the start of building: the slowest step of each stage."))
@PROJECT
@click.pass_obj
def path(run: Run, project: str) -> None:
    """Print a project's critical path."""
    with at_desk(run.home) as desk, desk.database.read() as connection:
        listing = reading.listing(PROCEDURE, project=find_one(connection, "project", project))
        on = desk.today_in(connection)
        found = critical_path(connection, reading.rows(connection, PROCEDURE, listing), on)
    emit(run.form, [_public(row) for row in found], _show_procedures)


def _show_procedures(rows: list[dict[str, Any]]) -> None:
    columns = (_("Procedure"), _("Status"), _("Department"), _("Usual working days"), "ID")
    show_table(
        columns,
        ((r["name"], word("procedure.status", r["status"]), r["department"], r.get("days"), r["id"]) for r in rows),
    )


@click.command("deliver", cls=Command, help=_("Note that a policy was transmitted, interpreted or implemented there."))
@click.argument("policy", metavar="ID", type=PHRASE)
@PROJECT
@click.option("--act", required=True, type=click.Choice(DELIVERIES), help=_("What was done."))
@click.option("--at", type=PHRASE, metavar="TIME", default="now", help=_("When; now if not given."))
@click.option("--who", type=PHRASE, metavar='"A;B"', help=_("Who was told."))
@click.option("--text", type=PHRASE, help=_("What there is to say."))
@click.pass_obj
def deliver(run: Run, /, policy: str, **given: Any) -> None:
    """Note one act of delivery and print it."""
    with ready_to_write(run) as writing:
        print_line(run, writing, DELIVERY, register.add(writing.ledger, DELIVERY, policy=policy, **given_only(given)))


@click.command("untold", cls=Command, help=_("The projects to which a policy has not been transmitted."))
@click.argument("policy", metavar="ID", type=PHRASE)
@click.pass_obj
def untold(run: Run, policy: str) -> None:
    """Print who has not been told."""
    with at_desk(run.home) as desk, desk.database.read() as connection:
        found = read_untold(connection, id_of(connection, BOOKS["policy"], policy))
    emit(run.form, found, lambda rows: show_table((_("No."), _("Project")), ((r["number"], r["name"]) for r in rows)))


@click.command("hours", cls=Command, help=_("How many hours each person has been trained, unit by unit."))
@click.pass_obj
def hours(run: Run) -> None:
    """Print training hours."""
    with at_desk(run.home) as desk, desk.database.read() as connection:
        found = training_hours(connection)
    columns = (_("Unit"), _("Person"), word("training.kind", "integrity"), word("training.kind", "professional"))
    names = ("unit", "person", "integrity", "professional")
    emit(run.form, found, lambda rows: show_table(columns, (tuple(row[name] for name in names) for row in rows)))


@click.command("facts", cls=Command, help=_("What the ledger says of a unit or person in a period."))
@click.option("--period", required=True, type=PHRASE, help=_("A year, 2026Q3, 2026H1 or 2026-07."))
@click.option("--unit", type=PHRASE, metavar="NAME", help=_("The unit."))
@click.option("--person", type=PHRASE, metavar="NAME", help=_("The person."))
@click.pass_obj
def facts(run: Run, period: str, unit: str | None, person: str | None) -> None:
    """Print the facts beside a score."""
    if (unit is None) == (person is None):
        raise click.UsageError(_("Name either a unit or a person."))
    with at_desk(run.home) as desk, desk.database.read() as connection:
        who = {"unit": find_maybe(connection, "unit", unit), "person": find_maybe(connection, "person", person)}
        found = facts_of(connection, desk.today_in(connection), period, **who)
    emit(run.form, found, lambda said: show_pairs((word("fact", name), figure) for name, figure in said.items()))


@click.command("set", cls=Command, help=_("Note how far a unit is with its own butler system."))
@click.option("--unit", required=True, type=PHRASE, metavar="NAME", help=_("The unit."))
@click.option("--status", required=True, type=click.Choice(ADOPTIONS), help=_("How far it is."))
@click.option("--date", "day", type=PHRASE, metavar="DATE", default="today", help=_("When; today if not given."))
@click.option("--note", type=PHRASE, help=_("Anything else."))
@click.pass_obj
def set_adoption(run: Run, /, **given: Any) -> None:
    """Note a unit's adoption and print it."""
    with ready_to_write(run) as writing:
        print_line(run, writing, ADOPTION, register.put(writing.ledger, ADOPTION, **given_only(given)))


def _statistics() -> Command:
    def set_papers(run: Run, /, **given: Any) -> None:
        with ready_to_write(run) as writing:
            print_line(run, writing, STATISTICS, register.put(writing.ledger, STATISTICS, **given_only(given)))

    project = click.Option(["--project"], required=True, type=PHRASE, help=_("The project: number, name or id."))
    options = [
        click.Option([f"--{field.name}"], type=PHRASE, metavar="DATE", help=label_of(field))
        for field in STATISTICS.fields
    ]
    return Command(
        "set",
        callback=click.pass_obj(set_papers),
        params=[project, *options],
        help=_("Note when a paper was handed in, or the entry made."),
    )


set_statistics = _statistics()


def _public(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not name.startswith("_")}
