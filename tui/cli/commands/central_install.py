"""``guanjia central install``: make a central where there is none, let the system serve it and back it up every day,
and try it."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple, TypedDict, Unpack

import click

from store.home.paths import create_private_folder
from sync.central.admin import admin
from sync.central.admin.own_certificate import CERTIFICATE_FILE
from sync.central.api.self_test import SelfTest, try_central
from sync.central.api.serve import ListenAddress
from sync.central.db.settings import load_central_settings, save_address
from sync.central.exceptions import NoCentral
from sync.daemon.services import Service, install
from sync.daemon.services.central_units import CentralService, plan_central
from sync.transport.endpoint import is_loopback
from tui.cli.commands.central import DATA, central_folder
from tui.cli.commands.central_setup import (
    FIRST_CODE_HOURS,
    PublicAddress,
    certify,
    check_host,
    check_names,
    firewall_steps,
    hand_to,
    is_root,
    is_user,
    public_names,
)
from tui.cli.errors import NEEDS_ATTENTION, OK, BadUsage
from tui.cli.groups import CLEAN_TEXT, PATH_PARAM, Command, CommandContext, WholeNumber, with_options
from tui.cli.output import emit, say, show
from tui.i18n.translate import _

_COMMAND = "guanjia central install"


class InstallReport(NamedTuple):
    """The units of a central, and whether they were written and started; where devices join, by which ``code``, and
    what the self-test found."""

    services: list[Service]
    written: bool
    started: bool = False
    join_address: str | None = None
    code: str | None = None
    firewall: tuple[str, ...] = ()
    tried: SelfTest | None = None

    def to_json(self) -> dict[str, object]:
        """As ``guanjia central install --json`` prints it."""
        units = [
            {"name": service.name, "path": service.path and str(service.path), "text": service.text}
            for service in self.services
        ]
        return {
            "units": units, "written": self.written, "started": self.started, "steps": list(self.services[-1].steps),
            "join": self.join_address, "code": self.code, "firewall": list(self.firewall),
            "self_test": self.tried and {**self.tried._asdict(), "passed": self.tried.passed},
        }  # fmt: skip


class InstallOptions(TypedDict):
    """Where backups go and how many stay; where the central listens, and how devices call it; the district of a new
    one, and its first person; who runs it."""

    backups: Path | None
    keep: int
    host: str
    port: int
    addresses: tuple[str, ...]
    tls_cert: Path | None
    tls_key: Path | None
    metrics_port: int | None
    district: str | None
    name: str | None
    admin_name: str
    user: str | None
    units: Path | None


install_options = with_options(
    click.option("--district", type=CLEAN_TEXT, metavar="CODE", help=_("Make a central of this district.")),
    click.option("--name", type=CLEAN_TEXT, help=_("The district’s name.")),
    click.option("--admin", "admin_name", type=CLEAN_TEXT, default="", help=_("Who the first account is for.")),
    click.option(
        "--backups", type=PATH_PARAM, metavar="DIR", help=_("Where backups go; else “backups” in its folder.")
    ),
    click.option("--keep", type=WholeNumber(min=1), default=14, show_default=True, help=_("How many of them stay.")),
    click.option(
        "--host",
        type=CLEAN_TEXT,
        callback=check_host,
        default="127.0.0.1",
        show_default=True,
        help=_("Where to listen."),
    ),
    click.option("--port", type=WholeNumber(1, 65_535), default=8765, show_default=True, help=_("On which port.")),
    click.option(
        "--address",
        "addresses",
        multiple=True,
        type=CLEAN_TEXT,
        callback=check_names,
        metavar="NAME",
        help=_("A name or an address by which laptops reach this machine; may be repeated, the first is told them."),
    ),
    click.option(
        "--tls-cert",
        type=PATH_PARAM,
        help=_("Its certificate (PEM); without one a central that others reach makes its own."),
    ),
    click.option("--tls-key", type=PATH_PARAM, help=_("The certificate’s key (PEM).")),
    click.option(
        "--metrics-port",
        type=WholeNumber(1, 65_535),
        metavar="N",
        help=_("Serve /metrics for Prometheus on this port, to this machine alone; without it nowhere."),
    ),
    click.option("--user", type=CLEAN_TEXT, metavar="NAME", help=_("As root: the user who runs the central.")),
    click.option("--units", type=PATH_PARAM, metavar="DIR", help=_("Write the units there, not where systemd looks.")),
    DATA,
)


@click.command(
    "install",
    cls=Command,
    help=_(
        "Let the system serve the central and back it up every day: systemd units, or elsewhere the command lines.\n\n"
        "With --district and --name it makes the central first. Where laptops are to reach it (--host 0.0.0.0) and no "
        "certificate is named, the central is its own authority: the address that is printed carries its fingerprint, "
        "by which laptops trust it without a file.\n\n"
        "As root it writes the machine’s units, which run as the owner of the central’s folder; otherwise the user’s "
        "own. Backups on the central’s own disk are lost with it: name another one with --backups."
    ),
)
@install_options
@click.option("--start", is_flag=True, help=_("Start what was installed."))
@click.option("--dry-run", is_flag=True, help=_("Only show it."))
@click.pass_obj
def install_central(
    run: CommandContext, /, data: Path | None, dry_run: bool, start: bool, **options: Unpack[InstallOptions]
) -> int:
    """Make and try what is missing, write the units, and print the commands that are left to a person."""
    if (options["tls_cert"] is None) != (options["tls_key"] is None):
        raise BadUsage(detail=_("“--tls-cert” and “--tls-key” go together."), command=_COMMAND)
    if options["user"] is not None and not dry_run and not is_user(options["user"]):
        raise BadUsage(detail=_("This machine has no user {name}.").format(name=options["user"]), command=_COMMAND)
    folder = central_folder(data).absolute()
    report = _dry_report(folder, options) if dry_run else _install(folder, options, start)
    emit(run.output_format, report, _show, InstallReport.to_json)
    return OK if report.tried is None or report.tried.passed else NEEDS_ATTENTION


def _dry_report(folder: Path, options: InstallOptions) -> InstallReport:
    """What would be written. Raises `NoCentral`."""
    if options["district"] is None:
        load_central_settings(folder)
    return InstallReport(_planned(_central(folder, options), options), False)


def _planned(central: CentralService, options: InstallOptions) -> list[Service]:
    """The units, where they are to be written."""
    services, folder = plan_central(central), options["units"]
    if folder is None:
        return services
    return [service._replace(path=folder.absolute() / service.name) for service in services]


def _install(folder: Path, options: InstallOptions, start: bool) -> InstallReport:
    code = _make_where_missing(folder, options)
    central, address = _central(folder, options), _public_address(options)
    is_own_authority = address.secure and options["tls_cert"] is None
    told = certify(folder, address) if is_own_authority else address.url
    if not is_loopback(options["host"]):
        save_address(folder, told)
    _make_backup_folder(central)
    services = _planned(central, options)
    for service in services:
        install(service)
    written = services[0].path is not None
    tried = try_central(folder, _listen_address(folder, options), address.names if address.secure else ())
    if central.user is not None:
        hand_to(central.user, folder)  # what root has made, and left by the test
    started = start and written and tried.passed and _start(services[-1].steps[:2])
    return InstallReport(services, written, started, told, code, tuple(_firewall(options)), tried)


def _make_where_missing(folder: Path, options: InstallOptions) -> str | None:
    """The first code of a central that is made here; None where there is one already. At a terminal what is missing is
    asked for. Raises `NoCentral`."""
    try:
        load_central_settings(folder)
        return None
    except NoCentral:
        if options["district"] is None and not sys.stdin.isatty():
            raise
    district = options["district"] or click.prompt(_("The district’s code, such as 210903"), err=True)
    name = options["name"]
    if name is None:
        if not sys.stdin.isatty():
            raise BadUsage(detail=_("“--district” and “--name” go together."), command=_COMMAND)
        name = click.prompt(_("The district’s name"), err=True)
    lifetime_ms = FIRST_CODE_HOURS * 3_600_000
    return admin.create(folder, district, name, admin=options["admin_name"], lifetime_ms=lifetime_ms)


def _public_address(options: InstallOptions) -> PublicAddress:
    names = public_names(options["host"], options["addresses"])
    return PublicAddress(names, options["port"], options["tls_cert"] is not None or not is_loopback(options["host"]))


def _firewall(options: InstallOptions) -> list[str]:
    return [] if is_loopback(options["host"]) else firewall_steps(options["port"])


def _tls_files(folder: Path, options: InstallOptions) -> tuple[Path, Path] | None:
    """Certificate and key; None where http is served, to this machine alone."""
    if options["tls_cert"] is not None and options["tls_key"] is not None:
        return options["tls_cert"].absolute(), options["tls_key"].absolute()
    own = folder / CERTIFICATE_FILE
    return None if is_loopback(options["host"]) else (own, own)


def _listen_address(folder: Path, options: InstallOptions) -> ListenAddress:
    cert, key = _tls_files(folder, options) or (None, None)
    return ListenAddress(options["host"], options["port"], cert, key)


def _central(folder: Path, options: InstallOptions) -> CentralService:
    """What the system shall run."""
    listen = ["--host", options["host"], "--port", str(options["port"])]
    if files := _tls_files(folder, options):
        listen += ["--tls-cert", str(files[0]), "--tls-key", str(files[1])]
    if options["metrics_port"] is not None:
        listen += ["--metrics-port", str(options["metrics_port"])]
    backups = (options["backups"] or folder / "backups").absolute()
    user = (options["user"] or _owner(folder)) if is_root() else None
    return CentralService(folder, backups, options["keep"], tuple(listen), user)


def _owner(folder: Path) -> str:
    """The user to whom the folder belongs; asked where units are for one alone."""
    if sys.platform == "win32":
        return ""
    try:
        return folder.owner()
    except KeyError:  # an owner without a name
        return str(folder.stat().st_uid)
    except FileNotFoundError:  # not made yet
        return "root"


def _make_backup_folder(central: CentralService) -> None:
    is_new = not central.backups.exists()
    create_private_folder(central.backups)
    if is_new and central.user is not None:
        hand_to(central.user, central.backups)


def _start(steps: tuple[str, ...]) -> bool:
    """Carry out the system's commands; gives whether all of them went well. What they say is told."""
    for step in steps:
        done = subprocess.run(shlex.split(step), check=False, capture_output=True, text=True)
        if done.returncode:
            say(_("{command} failed: {detail}").format(command=step, detail=done.stderr.strip()))
            return False
    return True


def _show(report: InstallReport) -> None:
    for service in report.services:
        show(str(service.path) if report.written else f"# {service.name}\n{service.text}")
    steps = report.services[-1].steps[2 if report.started else 0 :]
    if report.firewall:
        say(_("Let the firewall pass it:"))
        _say_each(report.firewall)
    if steps:
        say(_("Then:"))
        _say_each(steps)
    if report.join_address is not None:
        say(_("Join with: {command}").format(command=f"guanjia join {report.join_address}"))
    if report.code is not None:
        told = _("Code {code} enrols the bureau’s first device, once, within {hours} hours.")
        say(told.format(code=report.code, hours=FIRST_CODE_HOURS))
    if report.tried is not None:
        _show_test(report.tried)


def _say_each(commands: tuple[str, ...]) -> None:
    for command in commands:
        say(f"  {command}")


def _show_test(tried: SelfTest) -> None:
    bad = _(", ").join(name for name, is_good in tried.names.items() if not is_good)
    if tried.passed:
        say(_("Tried: it serves, and its database answers."))
    elif not tried.ready:
        say(_("Tried: it does not serve, or its database does not answer. Its log says why."))
    else:
        say(_("Tried: it serves, but its certificate is not good for {names}.").format(names=bad))


COMMANDS: dict[str, click.Command] = {"install": install_central}
"""The command by its name."""
