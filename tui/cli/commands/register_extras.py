"""What some registers can do beyond list, show, add and edit: set a status, deliver a policy, sum training hours …"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

from store.domain.procedure_catalogue import procedure_order
from store.domain.registers import (
    ADOPTION_REGISTER,
    ADOPTION_STATUSES,
    DELIVERY_ACTS,
    DELIVERY_REGISTER,
    PROCEDURE_REGISTER,
    PROCEDURE_STATUSES,
    REGISTERS,
    STATISTICS_REGISTER,
    Register,
)
from store.queries import register_lines as reading
from store.queries.details import critical_path, projects_without_policy, training_hours
from store.queries.evaluation_facts import evaluation_facts
from store.values.periods import parse_period
from tui.cli.commands.registers import emit_written, public_fields, resolve_line_id
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext, LabelChoice, drop_unset
from tui.cli.name_lookup import find_maybe, find_one
from tui.cli.output import emit, say, show, show_pairs, show_table
from tui.cli.session import home_session, write_session
from tui.cli.typed_values import check_typed, takes_new, takes_yes
from tui.i18n.register_text import field_label
from tui.i18n.translate import _, value_label

PROJECT_OPTION = click.option("--project", required=True, type=CLEAN_TEXT, help=_("The project: number, name or id."))


@click.command("set", cls=Command, help=_("Note how far a procedure has come, with what the status calls for."))
@click.argument("line", metavar="ID", type=CLEAN_TEXT)
@click.option(
    "--status", required=True, type=LabelChoice(PROCEDURE_STATUSES, "procedure.status"), help=_("How far it has come.")
)
@click.option("--reason", type=CLEAN_TEXT, help=_("Why."))
@click.option("--promise-due", type=CLEAN_TEXT, metavar="DATE", help=_("By when the missing paper is promised."))
@click.option("--document", type=CLEAN_TEXT, help=_("The number of the document granted."))
@click.option("--date", "day", type=CLEAN_TEXT, metavar="DATE", help=_("When; today if not given."))
@click.option("--department", type=CLEAN_TEXT, metavar="NAME", help=_("The department."))
@click.option("--handler", type=CLEAN_TEXT, metavar="NAME", help=_("Who handles it on behalf of the enterprise."))
@takes_new
@takes_yes
@click.pass_obj
def set_status(run: CommandContext, /, line: str, status: str, **options: str | None) -> None:
    """Note a procedure's status and print it."""
    from store.commands import procedures

    with write_session(run.home) as writing:
        check_typed(run, writing, options)
        result = procedures.set_status(writing.ledger, line, status, **drop_unset(options))
        emit_written(run, writing, PROCEDURE_REGISTER, result)


@click.command("propose", cls=Command, help=_("Put the standard procedures of its category on a project’s list."))
@PROJECT_OPTION
@click.option("--all", "everything", is_flag=True, help=_("Also those that only some projects need."))
@click.pass_obj
def propose(run: CommandContext, project: str, everything: bool) -> None:
    """Propose a project's procedures and print its list."""
    from store.commands import procedures

    with write_session(run.home) as writing:
        added = procedures.propose(writing.ledger, project, everything=everything)
        say(_("{n} procedures were put on the list; edit it from here.").format(n=len(added)))
        with writing.session.database.read() as connection:
            listing = reading.listing(PROCEDURE_REGISTER, project=find_one(connection, "project", project))
            rows = reading.rows(connection, PROCEDURE_REGISTER, listing)
            rows = sorted(rows, key=lambda row: procedure_order(row["code"]))
    emit(run.output_format, [public_fields(row) for row in rows], _show_procedures)


@click.command("path", cls=Command, help=_("What holds up the start of building: the slowest step of each stage."))
@PROJECT_OPTION
@click.pass_obj
def path(run: CommandContext, project: str) -> None:
    """Print a project's critical path."""
    with home_session(run.home) as session, session.database.read() as connection:
        listing = reading.listing(PROCEDURE_REGISTER, project=find_one(connection, "project", project))
        procedures = reading.rows(connection, PROCEDURE_REGISTER, listing)
        rows = critical_path(connection, procedures, session.light_thresholds(connection))
    emit(run.output_format, [public_fields(row) for row in rows], _show_procedures)


def _show_procedures(rows: Sequence[Mapping[str, object]]) -> None:
    columns = (_("Procedure"), _("Status"), _("Department"), _("Usual working days"), "ID")
    show_table(columns, map(_procedure_cells, rows))


def _procedure_cells(row: Mapping[str, object]) -> tuple[object, ...]:
    status = value_label("procedure.status", str(row["status"]))
    return row["name"], status, row["department"], row.get("days"), row["id"]


@click.command("deliver", cls=Command, help=_("Note that a policy was transmitted, interpreted or implemented there."))
@click.argument("policy", metavar="ID", type=CLEAN_TEXT)
@PROJECT_OPTION
@click.option("--act", required=True, type=LabelChoice(DELIVERY_ACTS, "policy_delivery.act"), help=_("What was done."))
@click.option("--at", type=CLEAN_TEXT, metavar="TIME", default="now", help=_("When; now if not given."))
@click.option("--who", type=CLEAN_TEXT, metavar='"A;B"', help=_("Who was told."))
@click.option("--text", type=CLEAN_TEXT, help=_("What there is to say."))
@click.pass_obj
def deliver(run: CommandContext, /, **options: str | None) -> None:
    """Note one act of delivery and print it."""
    from store.commands import register_lines

    with write_session(run.home) as writing:
        result = register_lines.add(writing.ledger, DELIVERY_REGISTER, **drop_unset(options))
        emit_written(run, writing, DELIVERY_REGISTER, result)


@click.command("untold", cls=Command, help=_("The projects to which a policy has not been transmitted."))
@click.argument("policy", metavar="ID", type=CLEAN_TEXT)
@click.pass_obj
def untold(run: CommandContext, policy: str) -> None:
    """Print the projects without the policy."""
    with home_session(run.home) as session, session.database.read() as connection:
        projects = projects_without_policy(connection, resolve_line_id(connection, REGISTERS["policy"], policy))
    columns = (_("No."), _("Project"))
    emit(run.output_format, projects, lambda rows: show_table(columns, ((row["number"], row["name"]) for row in rows)))


@click.command("remove", cls=Command, help=_("Delete a phrase, named by its text, how that begins, or its ID."))
@click.argument("phrase", metavar="TEXT", type=CLEAN_TEXT)
@click.pass_obj
def remove_phrase(run: CommandContext, phrase: str) -> None:
    """Delete a phrase and say which."""
    from store.commands import phrases

    with write_session(run.home) as writing:
        text = phrases.remove(writing.ledger, phrase)
    emit(run.output_format, {"text": text}, lambda _value: show(_("Deleted: {text}").format(text=text)))


@click.command("hours", cls=Command, help=_("How many hours each person has been trained, unit by unit."))
@click.pass_obj
def hours(run: CommandContext) -> None:
    """Print training hours."""
    with home_session(run.home) as session, session.database.read() as connection:
        people = training_hours(connection)
    columns = (
        _("Unit"),
        _("Person"),
        value_label("training.kind", "integrity"),
        value_label("training.kind", "professional"),
    )
    names = ("unit", "person", "integrity", "professional")
    emit(
        run.output_format,
        people,
        lambda rows: show_table(columns, (tuple(row[name] for name in names) for row in rows)),
    )


@click.command("facts", cls=Command, help=_("What the ledger says of a unit or person in a period."))
@click.option("--period", required=True, type=CLEAN_TEXT, help=_("A period: 2026, 2026Q3, 上半年, 2026-07, 上月 …"))
@click.option("--unit", type=CLEAN_TEXT, metavar="NAME", help=_("The unit."))
@click.option("--person", type=CLEAN_TEXT, metavar="NAME", help=_("The person."))
@click.pass_obj
def facts(run: CommandContext, period: str, unit: str | None, person: str | None) -> None:
    """Print what the ledger says, which is shown beside a score."""
    if (unit is None) == (person is None):
        raise click.UsageError(_("Name either a unit or a person."))
    with home_session(run.home) as session, session.database.read() as connection:
        who = {"unit": find_maybe(connection, "unit", unit), "person": find_maybe(connection, "person", person)}
        name = parse_period(period, session.district_now(connection).date()).name
        figures = evaluation_facts(connection, session.light_thresholds(connection), name, **who)
    emit(
        run.output_format,
        figures,
        lambda shown: show_pairs((value_label("fact", name), figure) for name, figure in shown.items()),
    )


@click.command("set", cls=Command, help=_("Note how far a unit is with its own butler system."))
@click.option("--unit", required=True, type=CLEAN_TEXT, metavar="NAME", help=_("The unit."))
@click.option(
    "--status", required=True, type=LabelChoice(ADOPTION_STATUSES, "adoption.status"), help=_("How far it is.")
)
@click.option("--date", "day", type=CLEAN_TEXT, metavar="DATE", default="today", help=_("When; today if not given."))
@click.option("--note", type=CLEAN_TEXT, help=_("Anything else."))
@takes_new
@click.pass_obj
def set_adoption(run: CommandContext, /, **options: str | None) -> None:
    """Note a unit's adoption and print it."""
    _upsert(run, ADOPTION_REGISTER, options)


@click.pass_obj
def _set_statistics(run: CommandContext, /, **options: str | None) -> None:
    _upsert(run, STATISTICS_REGISTER, options)


set_statistics = Command(
    "set",
    callback=_set_statistics,
    params=[
        click.Option(["--project"], required=True, type=CLEAN_TEXT, help=_("The project: number, name or id.")),
        *(
            click.Option([f"--{field.name}"], type=CLEAN_TEXT, metavar="DATE", help=field_label(field))
            for field in STATISTICS_REGISTER.fields
        ),
    ],
    help=_("Note when a paper was handed in, or the entry made."),
)


def _upsert(run: CommandContext, register: Register, options: Mapping[str, str | None]) -> None:
    """Write the line of a register that has one line per key, and print it."""
    from store.commands import register_lines

    with write_session(run.home) as writing:
        check_typed(run, writing, options)
        result = register_lines.upsert(writing.ledger, register, **drop_unset(options))
        emit_written(run, writing, register, result)
