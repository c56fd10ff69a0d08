"""``guanjia daemon install``: let the system start the daemon; elsewhere than on systemd, what to do is shown."""

from __future__ import annotations

from typing import Any

import click

from store.home.paths import resolve_home
from sync.daemon.services import install as write_service
from sync.daemon.services import plan
from tui.cli.groups import Command, CommandContext
from tui.cli.output import emit, say, show
from tui.i18n.translate import _


@click.command(
    "install",
    cls=Command,
    help=_("Write a systemd user unit for this home; for launchd and the Task Scheduler, show the equivalent."),
)
@click.option("--system", is_flag=True, help=_("The template of a shared machine: a home and a key for each officer."))
@click.option("--dry-run", is_flag=True, help=_("Only show it."))
@click.pass_obj
def install(run: CommandContext, system: bool, dry_run: bool) -> None:
    """Write the service and say which commands are left to a person."""
    home = resolve_home(run.home)
    if not system:
        home.check()
    service = plan(home, system=system)
    written = None if dry_run else write_service(service)
    value = {**service._asdict(), "path": service.path and str(service.path), "written": written is not None}
    emit(run.output_format, value, _show)


def _show(service: dict[str, Any]) -> None:
    show(str(service["path"]) if service["written"] else service["text"])
    say(_("Then:"))
    for step in service["steps"]:
        say(f"  {step}")
