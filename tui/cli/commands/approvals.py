"""``guanjia approvals``: what waits for the bureau's approval; ``guanjia issue approve`` and ``return`` answer it."""

from __future__ import annotations

from dataclasses import asdict

import click

from store.queries.approvals import ApprovalRow
from store.queries.approvals import approvals as read_approvals
from store.queries.stand_ins import own_side
from tui.cli.groups import Command, CommandContext, WholeNumber
from tui.cli.output import emit, show_table
from tui.cli.session import home_session
from tui.i18n.translate import _, value_label


@click.command(cls=Command, help=_("What waits for the bureau’s approval, longest first; never one’s own lines."))
@click.option("--limit", type=WholeNumber(min=1), default=300, help=_("At most so many."))
@click.pass_obj
def approvals(run: CommandContext, limit: int) -> None:
    """Print the issues that wait for approval."""
    with home_session(run.home) as session, session.database.read() as connection:
        thresholds = session.light_thresholds(connection)
        rows = read_approvals(connection, thresholds, own_side(connection, thresholds.today), limit)
    emit(run.output_format, rows, _show, lambda listed: [_row_json(row) for row in listed])


def _row_json(row: ApprovalRow) -> dict[str, object]:
    """A row as ``--json`` prints it: the versions that were read as objects."""
    return {**asdict(row), "read": [version._asdict() for version in row.read]}


def _show(rows: list[ApprovalRow]) -> None:
    columns = (
        _("No."), _("Issue"), _("Project"), _("Department"), _("Settled by"), _("Measure"), _("Times returned"),
        _("Why"),
    )  # fmt: skip
    show_table(columns, map(_cells, rows))


def _cells(row: ApprovalRow) -> tuple[object, ...]:
    why = row.because and value_label("because", row.because)
    return (
        row.number, row.title, row.project, row.department, row.settled_by, row.measure, row.returned or None, why,
    )  # fmt: skip
