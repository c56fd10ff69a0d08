"""``guanjia approvals``: what waits for the bureau's approval; ``guanjia issue approve`` and ``return`` answer it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from store.db.device_facts import read_device_facts
from store.queries.approvals import approvals as read_approvals
from tui.cli.groups import Command, CommandContext
from tui.cli.output import emit, show_table
from tui.cli.read_context import home_session
from tui.i18n.translate import _, value_label


@click.command(cls=Command, help=_("What waits for the bureau’s approval, longest first; never one’s own lines."))
@click.option("--limit", type=click.IntRange(min=1), default=300, help=_("At most so many."))
@click.pass_obj
def approvals(run: CommandContext, limit: int) -> None:
    """Print what waits."""
    with home_session(run.home) as desk, desk.database.read() as connection:
        me = read_device_facts(connection).get("person")
        rows = read_approvals(connection, desk.light_thresholds(connection), me, limit)
    emit(run.output_format, [_json(asdict(row)) for row in rows], _show)


def _json(row: dict[str, Any]) -> dict[str, Any]:
    """A row as ``--json`` prints it: versions by their names."""
    return {**row, "read": [one._asdict() for one in row["read"]]}


def _show(rows: list[dict[str, Any]]) -> None:
    columns = (
        _("No."),
        _("Issue"),
        _("Project"),
        _("Department"),
        _("Settled by"),
        _("Measure"),
        _("Times returned"),
        _("Why"),
    )
    show_table(columns, (_cells(row) for row in rows))


def _cells(row: dict[str, Any]) -> tuple[object, ...]:
    why = row["because"] and value_label("because", row["because"])
    named = ("number", "title", "project", "department", "settled_by", "measure")
    return (*(row[name] for name in named), row["returned"] or None, why)
