"""``guanjia central``: the group of commands for a central, and ``central serve``. Administration is in
``central_admin.py``, which loads the central's tables."""

from __future__ import annotations

import os
import signal
import sys
import threading
from ipaddress import ip_network
from pathlib import Path
from typing import TypedDict, Unpack

import click
import platformdirs

from tui.cli.errors import BadUsage
from tui.cli.groups import CLEAN_TEXT, PATH_PARAM, Command, CommandContext, LazyCommand, LazyGroup, WholeNumber
from tui.cli.output import emit, say, show
from tui.i18n.translate import _, ngettext

_ADMIN = "tui.cli.commands.central_admin:COMMANDS"
_BACKUP = "tui.cli.commands.central_backup:COMMANDS"
ENTRIES = (
    LazyCommand("init", _ADMIN, _("Make a central of a district; prints the one-time code of its first account.")),
    LazyCommand("serve", f"{__name__}:serve", _("Serve it; prints its address on one line when ready.")),
    LazyCommand("invite", _ADMIN, _("A one-time code for a person and a role, good for ten minutes.")),
    LazyCommand("people", _ADMIN, _("Accounts, their roles and devices.")),
    LazyCommand("devices", _ADMIN, _("Devices, whose they are and when they were seen.")),
    LazyCommand("revoke", _ADMIN, _("Refuse a device, or all of a person’s, from the next request on.")),
    LazyCommand("grant", _ADMIN, _("Give a person a role.")),
    LazyCommand("withdraw", _ADMIN, _("Take a role from a person.")),
    LazyCommand("audit", _ADMIN, _("Who did what, when, from which device.")),
    LazyCommand("stats", _ADMIN, _("How much the central holds.")),
    LazyCommand(
        "clock", "tui.cli.commands.central_clock:clock", _("Whether the central’s clock is believed; confirm it.")
    ),
    LazyCommand(
        "healing", "tui.cli.commands.central_healing:healing", _("After it was set back: who is back, what is missing.")
    ),
    LazyCommand(
        "proposals",
        "tui.cli.commands.central_proposals:list_proposals",
        _("What people wrote beyond their roles while they worked alone; accept or decline it."),
    ),
    LazyCommand("check", _ADMIN, _("Read every line and put right what is damaged.")),
    LazyCommand(
        "evidence-of-controls",
        "tui.cli.commands.central_controls:evidence_of_controls",
        _("The sheet of technical controls (level-2 protection), with this central’s present state."),
    ),
    LazyCommand(
        "files", "tui.cli.commands.central_files:files", _("Where attached files lie, and whether all are there.")
    ),
    LazyCommand(
        "bundle", "tui.cli.commands.central_bundle:COMMANDS", _("Answer the files of devices without a network.")
    ),
    LazyCommand("backup", _BACKUP, _("Write a verified backup while it serves.")),
    LazyCommand("restore", _BACKUP, _("Make a central from a backup, in an empty place only.")),
    LazyCommand(
        "partition",
        "tui.cli.commands.central_partition:partition_tables",
        _("In PostgreSQL: a partition of the big tables for each district."),
    ),
    LazyCommand(
        "install",
        "tui.cli.commands.central_install:COMMANDS",
        _("Let the system serve it, and back it up every day: systemd units."),
    ),
)
DISTRICT = click.option(
    "--district", type=CLEAN_TEXT, metavar="CODE", help=_("Which district, where there are several.")
)
DATA = click.option("--data", type=PATH_PARAM, metavar="DIR", help=_("The central’s folder (GUANJIA_CENTRAL_DATA)."))


class ListenOptions(TypedDict):
    """Where to serve, and whose word about addresses is believed."""

    host: str
    port: int
    tls_cert: Path | None
    tls_key: Path | None
    trusted_proxies: tuple[str, ...]
    metrics_port: int | None


@click.group(cls=LazyGroup, entries=ENTRIES, help=_("Run a central: the place where devices meet."))
def central() -> None:
    """The commands about a central."""


def central_folder(data: Path | None) -> Path:
    """The central's folder: by option, environment variable, or the system's default."""
    named = data or os.environ.get("GUANJIA_CENTRAL_DATA")
    return Path(named).expanduser() if named else platformdirs.user_data_path("guanjia-central", appauthor=False)


def say_left(count: int) -> None:
    """Say how many versions the bureau has accepted and the central cannot take in."""
    if count:
        left = ngettext(
            "{n} version cannot be taken in: its ID is another line’s here, or what it says is not valid. It waits, "
            "and changes nothing; decline it with --reject ID.",
            "{n} versions cannot be taken in: their IDs are other lines’ here, or what they say is not valid. They "
            "wait, and change nothing; decline them with --reject ID.",
            count,
        )
        say(left.format(n=count))


def _check_networks(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses and networks only: a word for everybody would let everybody choose an address."""
    for value in values:
        try:
            ip_network(value)
        except ValueError:
            raise click.BadParameter(_("“{value}” is neither an address nor a network.").format(value=value)) from None
    return values


@click.command(cls=Command, help=next(entry.help for entry in ENTRIES if entry.name == "serve"))
@DATA
@click.option("--host", type=CLEAN_TEXT, default="127.0.0.1", show_default=True, help=_("Where to listen."))
@click.option("--port", type=WholeNumber(0, 65_535), default=8765, show_default=True, help=_("0 takes a free one."))
@click.option(
    "--tls-cert", type=PATH_PARAM, help=_("Its certificate (PEM); without one only this machine can be served.")
)
@click.option("--tls-key", type=PATH_PARAM, help=_("The certificate’s key (PEM)."))
@click.option("--workers", type=WholeNumber(1, 64), default=1, show_default=True, help=_("How many processes."))
@click.option(
    "--trust-proxy",
    "trusted_proxies",
    multiple=True,
    callback=_check_networks,
    metavar="ADDRESS",
    help=_("A reverse proxy, by address or network, whose word about a client’s address is believed; may be repeated."),
)
@click.option(
    "--metrics-port",
    type=WholeNumber(0, 65_535),
    metavar="N",
    help=_("Serve /metrics for Prometheus on this port, to this machine alone; without it nowhere."),
)
@click.option(
    "--bundles",
    type=PATH_PARAM,
    metavar="DIR",
    help=_("A folder that is watched: files of devices without a network are answered there."),
)
@click.option("--end-with-input", is_flag=True, hidden=True, help=_("End when stdin is closed, as when a parent dies."))
@click.pass_obj
def serve(
    run: CommandContext,
    /,
    data: Path | None,
    workers: int,
    bundles: Path | None,
    end_with_input: bool,
    **listen: Unpack[ListenOptions],
) -> None:
    """Serve the central in this process and its workers."""
    from sync.central.api import serve as server

    if (listen["tls_cert"] is None) != (listen["tls_key"] is None):
        raise BadUsage(detail=_("“--tls-cert” and “--tls-key” go together."), command="guanjia central serve")
    if end_with_input:
        threading.Thread(target=_end_with_input, daemon=True, name="input").start()

    def ready(url: str) -> None:
        emit(run.output_format, {"url": url}, lambda value: show(value["url"]))
        sys.stdout.flush()

    server.serve(central_folder(data), server.ListenAddress(**listen), workers=workers, bundles=bundles, announce=ready)


def _end_with_input() -> None:
    """End when standard input is closed: the process that started us holds its other end."""
    while sys.stdin.buffer.read(1):
        continue
    os.kill(os.getpid(), signal.SIGTERM)
