"""What ``guanjia central install`` does beside the units: names of this machine, the certificate, the firewall."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import sys
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

import click

from sync.central.accounts import identity
from sync.central.accounts.authority import district_secrets
from sync.central.admin.own_certificate import ensure_certificate
from sync.central.admin.setup import open_database
from sync.transport.authority import with_pin
from tui.i18n.translate import _

FIRST_CODE_HOURS = 24
"""How long the first code is good: there is more to do before it is used than with others."""
_EVERYWHERE = ("0.0.0.0", "::")
_HOST_NAME = re.compile(r"(?!.{254})[0-9A-Za-z_-]{1,63}(\.[0-9A-Za-z_-]{1,63})*")


class PublicAddress(NamedTuple):
    """Where devices reach the central: names and addresses of this machine, the first of which they are told, and the
    port."""

    names: tuple[str, ...]
    port: int
    secure: bool

    @property
    def url(self) -> str:
        """The address as devices use it."""
        host = f"[{self.names[0]}]" if ":" in self.names[0] else self.names[0]
        return f"{'https' if self.secure else 'http'}://{host}:{self.port}"


def check_names(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Host names and addresses only: they go into the certificate and into the address that laptops join by."""
    for value in values:
        if not _is_host(value):
            told = _("“{value}” is neither a host name nor an address: name it without https:// and without a port.")
            raise click.BadParameter(told.format(value=value))
    return values


def check_host(context: click.Context, option: click.Parameter, value: str) -> str:
    """The same of one: where no name is given, devices call the central by what it listens on."""
    return check_names(context, option, (value,))[0]


def _is_host(name: str) -> bool:
    with contextlib.suppress(ValueError):  # no address, and so a name
        return "%" not in str(ip_address(name))  # a zone means something on one machine only
    try:
        return _HOST_NAME.fullmatch(name.encode("idna").decode()) is not None
    except UnicodeError:
        return False


def public_names(host: str, named: tuple[str, ...]) -> tuple[str, ...]:
    """How devices may call this machine: what the operator names, else the address that it listens on, or where it
    listens everywhere its own addresses and its name."""
    if named:
        return named
    return _own_names() if host in _EVERYWHERE else (host,)


def _own_names() -> tuple[str, ...]:
    """The addresses of this machine that others can reach, and its name."""
    name = socket.gethostname()
    try:
        found = [str(info[4][0]) for info in socket.getaddrinfo(name, None)]
    except OSError:  # a name that nothing knows
        found = []
    addresses = [text for text in dict.fromkeys([*_outgoing(), *found]) if _is_reachable(text)]
    return (*addresses, name)


def _outgoing() -> list[str]:
    """The address that this machine would send from; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(("192.0.2.1", 9))
        except OSError:  # no network
            return []
        return [str(asked.getsockname()[0])]


def _is_reachable(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:  # with a zone
        return False
    return not (address.is_loopback or address.is_link_local or address.is_unspecified)


def certify(folder: Path, address: PublicAddress) -> str:
    """Have a certificate of the central's own authority for its names; gives the address that is told to devices, with
    the pin of the central's key."""
    database = open_database(folder)
    try:
        ensure_certificate(database, folder, address.names, datetime.now(UTC))
        with database.read() as connection:
            key = identity.public_key(district_secrets(connection)[0])
    finally:
        database.close()
    return with_pin(address.url, key)


def firewall_steps(port: int) -> list[str]:
    """The commands that open the port, for the firewall that this machine has; none where it has none of those."""
    if sys.platform == "win32":
        rule = f'name="guanjia {port}" dir=in action=allow protocol=TCP localport={port}'
        return [f"netsh advfirewall firewall add rule {rule}"]
    if shutil.which("firewall-cmd"):
        return [f"firewall-cmd --permanent --add-port={port}/tcp", "firewall-cmd --reload"]
    if shutil.which("ufw"):
        return [f"ufw allow {port}/tcp"]
    return []


def hand_to(user: str, folder: Path) -> None:
    """Give the central's folder and all in it to the user who runs it: what root has made, nobody else could read.
    Raises `OSError`, or `LookupError` for a user who is not there."""
    owner = int(user) if user.isdigit() else user
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            shutil.chown(path, owner)


def is_user(user: str) -> bool:
    """Whether this machine has a user of this name; a number is taken as it is."""
    if sys.platform == "win32" or user.isdigit():
        return True
    import pwd  # Windows has none

    try:
        return bool(pwd.getpwnam(user))
    except KeyError:
        return False


def is_root() -> bool:
    """Whether this runs as root."""
    return hasattr(os, "geteuid") and os.geteuid() == 0
