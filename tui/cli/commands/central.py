"""``guanjia central``: running a central. The commands for its people are in ``central_admin.py``."""

from __future__ import annotations

import os
from pathlib import Path

import click
import platformdirs

from tui.cli.groups import PATH_PARAM, LazyCommand, LazyGroup
from tui.i18n.translate import _

_ADMIN = "tui.cli.commands.central_admin:COMMANDS"
ENTRIES = (
    LazyCommand("init", _ADMIN, _("Make a central of a district; prints the one-time code of its first account.")),
    LazyCommand(
        "serve", "tui.cli.commands.central_serve:serve", _("Serve it; prints its address on one line when ready.")
    ),
    LazyCommand("invite", _ADMIN, _("A one-time code for a person and a role, good for ten minutes.")),
    LazyCommand("people", _ADMIN, _("Accounts, their roles and devices.")),
    LazyCommand("devices", _ADMIN, _("Devices, whose they are and when they were seen.")),
    LazyCommand("revoke", _ADMIN, _("Refuse a device, or all of a person’s, from the next request on.")),
    LazyCommand("grant", _ADMIN, _("Give a person a role.")),
    LazyCommand("withdraw", _ADMIN, _("Take a role from a person.")),
    LazyCommand("audit", _ADMIN, _("Who did what, when, from which device.")),
    LazyCommand("stats", _ADMIN, _("How much the central holds.")),
    LazyCommand("check", _ADMIN, _("Read every line and put right what is damaged.")),
)
DATA = click.option("--data", type=PATH_PARAM, metavar="DIR", help=_("The central’s folder (GUANJIA_CENTRAL_DATA)."))


@click.group(cls=LazyGroup, entries=ENTRIES, help=_("Run a central: the place where devices meet."))
def central() -> None:
    """What is done with a central."""


def folder(data: Path | None) -> Path:
    """The central's folder: by option, environment, or the custom of the system."""
    named = data or os.environ.get("GUANJIA_CENTRAL_DATA")
    return Path(named).expanduser() if named else platformdirs.user_data_path("guanjia-central", appauthor=False)
