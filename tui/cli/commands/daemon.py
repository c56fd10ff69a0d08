"""``guanjia daemon``: rounds until SIGTERM, on commits, on the central's hints and on the clock."""

from __future__ import annotations

from importlib import import_module

import click

from store.home.paths import require_home, resolve_home
from store.home.settings import load_settings
from tui.cli.groups import CommandContext, LazyCommand, LazyGroup
from tui.i18n.translate import _

ENTRIES = (
    LazyCommand(
        "install",
        "tui.cli.commands.daemon_install:install",
        _("Let the system start it: systemd, launchd, Task Scheduler."),
    ),
)


@click.group(
    cls=LazyGroup,
    entries=ENTRIES,
    invoke_without_command=True,
    help=_("Rounds until stopped (Ctrl-C, SIGTERM). Logs one JSON object a line on stderr."),
)
@click.pass_context
def daemon(ctx: click.Context) -> None:
    """Serve this home, unless the service is to be installed."""
    if ctx.invoked_subcommand is None:
        home = require_home(resolve_home(ctx.ensure_object(CommandContext).home))
        import_module("sync.daemon.daemon").run_daemon(home, load_settings(home))
