"""``guanjia daemon``: rounds until SIGTERM, on commits, on the central's hints and on the clock; ``daemon install``
lets the system start it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from store.home.paths import require_home, resolve_home
from store.home.settings import load_settings
from tui.cli.groups import Command, CommandContext, LazyCommand, LazyGroup
from tui.cli.output import emit, say, show
from tui.i18n.translate import _

if TYPE_CHECKING:
    from sync.daemon.services import Service

ENTRIES = (
    LazyCommand("install", f"{__name__}:install", _("Let the system start it: systemd, launchd, Task Scheduler.")),
)


class ServiceReport(NamedTuple):
    """A service of the system, and whether its file was written."""

    service: Service
    written: bool

    def to_json(self) -> dict[str, object]:
        """As ``guanjia daemon install --json`` prints it."""
        path = self.service.path
        return {**self.service._asdict(), "path": path and str(path), "written": self.written}


@click.group(
    cls=LazyGroup,
    entries=ENTRIES,
    invoke_without_command=True,
    help=_("Rounds until stopped (Ctrl-C, SIGTERM). Logs one JSON object a line on stderr."),
)
@click.pass_context
def daemon(ctx: click.Context) -> None:
    """Run rounds for this home, unless the service is to be installed."""
    if ctx.invoked_subcommand is None:
        from sync.daemon.daemon import run_daemon
        from sync.daemon.errands import Errands
        from tui.cli.reminder_channels import system_channels
        from tui.cli.reminding import Reminders
        from tui.cli.scheduled_reports import ScheduledReports

        home = require_home(resolve_home(ctx.ensure_object(CommandContext).home))
        errands = Errands(home)
        errands.add("reminder", Reminders(home, system_channels(), errands.worked))
        errands.add("report", ScheduledReports(home))
        run_daemon(home, load_settings(home), errands)


@click.command(
    "install",
    cls=Command,
    help=_("Write a systemd user unit for this home; for launchd and the Task Scheduler, show the equivalent."),
)
@click.option("--system", is_flag=True, help=_("The template of a shared machine: a home and a key for each officer."))
@click.option("--dry-run", is_flag=True, help=_("Only show it."))
@click.pass_obj
def install(run: CommandContext, system: bool, dry_run: bool) -> None:
    """Write the service's file and print the commands that are left to a person."""
    from sync.daemon import services

    home = resolve_home(run.home)
    if not system:
        home.check()
    service = services.plan(home, system=system)
    written = None if dry_run else services.install(service)
    emit(run.output_format, ServiceReport(service, written is not None), _show, ServiceReport.to_json)


def _show(report: ServiceReport) -> None:
    show(str(report.service.path) if report.written else report.service.text)
    say(_("Then:"))
    for step in report.service.steps:
        say(f"  {step}")
