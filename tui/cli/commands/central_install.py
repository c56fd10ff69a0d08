"""``guanjia central install``: let the system serve a central and back it up every day."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NamedTuple, TypedDict, Unpack

import click

from store.home.paths import create_private_folder
from sync.central.db.settings import load_central_settings
from sync.daemon.services import Service, install
from sync.daemon.services.central_units import CentralService, plan_central
from tui.cli.commands.central import DATA, central_folder
from tui.cli.groups import CLEAN_TEXT, PATH_PARAM, Command, CommandContext, WholeNumber, with_options
from tui.cli.output import emit, say, show
from tui.i18n.translate import _


class InstallReport(NamedTuple):
    """The units of a central, and whether they were written."""

    services: list[Service]
    written: bool

    def to_json(self) -> dict[str, object]:
        """As ``guanjia central install --json`` prints it."""
        units = [
            {"name": service.name, "path": service.path and str(service.path), "text": service.text}
            for service in self.services
        ]
        return {"units": units, "written": self.written, "steps": list(self.services[-1].steps)}


class InstallOptions(TypedDict):
    """Where backups go and how many stay; where the central listens."""

    backups: Path | None
    keep: int
    host: str
    port: int
    tls_cert: Path | None
    tls_key: Path | None


install_options = with_options(
    click.option(
        "--backups", type=PATH_PARAM, metavar="DIR", help=_("Where backups go; else “backups” in its folder.")
    ),
    click.option("--keep", type=WholeNumber(min=1), default=14, show_default=True, help=_("How many of them stay.")),
    click.option("--host", type=CLEAN_TEXT, default="127.0.0.1", show_default=True, help=_("Where to listen.")),
    click.option("--port", type=WholeNumber(1, 65_535), default=8765, show_default=True, help=_("On which port.")),
    click.option("--tls-cert", type=PATH_PARAM, help=_("Its certificate (PEM).")),
    click.option("--tls-key", type=PATH_PARAM, help=_("The certificate’s key (PEM).")),
    DATA,
)


@click.command(
    "install",
    cls=Command,
    help=_(
        "Let the system serve the central and back it up every day: systemd units, or elsewhere the command lines.\n\n"
        "As root it writes the machine’s units, which run as the owner of the central’s folder; otherwise the user’s "
        "own. Backups on the central’s own disk are lost with it: name another one with --backups."
    ),
)
@install_options
@click.option("--dry-run", is_flag=True, help=_("Only show it."))
@click.pass_obj
def install_central(
    run: CommandContext, /, data: Path | None, dry_run: bool, **options: Unpack[InstallOptions]
) -> None:
    """Write the units and print the commands that are left to a person."""
    central = _central(central_folder(data).absolute(), options)
    services = plan_central(central)
    if not dry_run:
        _make_backup_folder(central)
        for service in services:
            install(service)
    written = not dry_run and services[0].path is not None
    emit(run.output_format, InstallReport(services, written), _show, InstallReport.to_json)


def _central(folder: Path, options: InstallOptions) -> CentralService:
    """What the system shall run. Raises `NoCentral`."""
    load_central_settings(folder)
    listen = ["--host", options["host"], "--port", str(options["port"])]
    for option, path in (("--tls-cert", options["tls_cert"]), ("--tls-key", options["tls_key"])):
        listen += [] if path is None else [option, str(path.absolute())]
    backups = (options["backups"] or folder / "backups").absolute()
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return CentralService(folder, backups, options["keep"], tuple(listen), _owner(folder) if is_root else None)


def _owner(folder: Path) -> str:
    try:
        return folder.owner()
    except KeyError:  # an owner without a name
        return str(folder.stat().st_uid)


def _make_backup_folder(central: CentralService) -> None:
    is_new = not central.backups.exists()
    create_private_folder(central.backups)
    if is_new and central.user is not None:
        shutil.chown(central.backups, int(central.user) if central.user.isdigit() else central.user)


def _show(report: InstallReport) -> None:
    for service in report.services:
        show(str(service.path) if report.written else f"# {service.name}\n{service.text}")
    steps = report.services[-1].steps
    if steps:
        say(_("Then:"))
    for step in steps:
        say(f"  {step}")


COMMANDS: dict[str, click.Command] = {"install": install_central}
"""The command by its name."""
