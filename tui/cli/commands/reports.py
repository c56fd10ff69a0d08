"""``guanjia report``: what offices hand in, as a file (R14, R27, R37, R47). Each takes the options it can use."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from store.domain.issue_lifecycle import STATES
from tui.cli.groups import CLEAN_TEXT, PATH_PARAM, Command, CommandContext, LazyGroup
from tui.cli.output import emit, show
from tui.cli.read_context import home_session
from tui.i18n.translate import N_, _
from tui.reports import check_format, write_report
from tui.reports.options import REPORTS, ReportDefinition, ReportRequest, resolve_options
from tui.reports.report import ProgressCallback

_PROGRESS_INTERVAL_ROWS = 200
"""So many rows move the progress bar on."""
_OPTIONS: dict[str, dict[str, Any]] = {
    "project": {"help": N_("Only this project’s.")},
    "department": {"help": N_("Only this department’s.")},
    "meeting": {"help": N_("Only what this meeting discussed, and what it decided.")},
    "unit": {"help": N_("Only this unit’s.")},
    "person": {"help": N_("Only this person’s.")},
    "state": {"type": click.Choice(STATES), "help": N_("Only issues in this state.")},
    "since": {"metavar": "DATE", "help": N_("From this day on.")},
    "until": {"metavar": "DATE", "help": N_("Up to this day, included.")},
    "period": {"metavar": "PERIOD", "help": N_("A period: 2026-07, 2026Q3, 2026H1 or 2026.")},
}


@click.group(cls=LazyGroup, help=_("Reports to hand in: .xlsx, .docx, .csv, .json or .md."))
def report() -> None:
    """The reports, each a command."""


def _command(name: str, kind: ReportDefinition) -> Command:
    def run_(run: CommandContext, /, out: Path, **options: str | None) -> None:
        check_format(out)
        with home_session(run.home) as desk, desk.database.read() as connection:
            asked = ReportRequest(
                connection,
                desk.light_thresholds(connection),
                resolve_options(connection, desk.district_now(connection), options),
            )
            found = kind.build(asked)
            with _progress(found.total) as tick:
                rows = write_report(found, out, tick)
        emit(run.output_format, {"rows": rows, "file": str(out)}, _show)

    options = [click.Option(["--out"], type=PATH_PARAM, required=True, metavar="FILE", help=_("The file to write."))]
    options += [
        click.Option([f"--{option}"], **{"type": CLEAN_TEXT, **_OPTIONS[option], "help": _(_OPTIONS[option]["help"])})
        for option in kind.options
    ]
    return Command(name, callback=click.pass_obj(run_), params=list(options), help=_(kind.help))


@contextmanager
def _progress(total: int) -> Iterator[ProgressCallback]:
    """A bar on a terminal's stderr, moved on by each row; nothing where nobody looks."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal shows a bar
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(_("Writing"), total=total)
        done = 0

        def tick() -> None:
            nonlocal done
            done += 1
            if done % _PROGRESS_INTERVAL_ROWS == 0:
                bar.update(task, completed=done)

        yield tick


def _show(report: dict[str, Any]) -> None:
    show(_("Written to {file}; rows: {rows}").format(**report))


for _name, _kind in REPORTS.items():
    report.add_command(_command(_name, _kind))
