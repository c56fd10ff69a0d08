"""Let the system run a central: units for serving it and for its daily backup. `plan_central` decides what they are.

As root the units are the machine's and run as the folder's owner, otherwise they are the user's own. On macOS and
Windows only the two command lines are given, to be started by what these systems have for it.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from sync.daemon.services import Service, command_line, escaped, installed_command, quoted, render_template

SERVE_UNIT, BACKUP_UNIT, TIMER_UNIT = (
    "guanjia-central.service",
    "guanjia-central-backup.service",
    "guanjia-central-backup.timer",
)
_SHARED_HARDENING = """\
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged"""
_SYSTEM_HARDENING = f"""\
{_SHARED_HARDENING}
CapabilityBoundingSet=
AmbientCapabilities=
PrivateUsers=yes
ProtectProc=invisible
ProcSubset=pid
DevicePolicy=closed
KeyringMode=private
RemoveIPC=yes"""


class CentralService(NamedTuple):
    """A central that the system shall run: its folder, where its backups go and how many are kept, how it listens
    (further words of ``central serve``), and for the machine's own units the user who runs it."""

    data_dir: Path
    backups: Path
    keep: int
    listen: tuple[str, ...] = ()
    user: str | None = None


def plan_central(
    central: CentralService,
    *,
    platform: str = sys.platform,
    program: Sequence[str] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> list[Service]:
    """What serves the central and what backs it up every day; the last one has the steps left to a person."""
    command = list(program or installed_command())
    data = str(central.data_dir)
    serve = [*command, "central", "serve", "--data", data, *central.listen]
    backup = [*command, "central", "backup", str(central.backups), "--data", data, "--keep", str(central.keep)]
    if platform in ("darwin", "win32"):
        join = subprocess.list2cmdline if platform == "win32" else shlex.join
        return [
            Service("command", name, None, join(words), ()) for name, words in (("serve", serve), ("backup", backup))
        ]
    return _systemd_units(central, serve, backup, environ)


def _systemd_units(
    central: CentralService, serve: list[str], backup: list[str], environ: Mapping[str, str]
) -> list[Service]:
    config = Path(environ.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser())
    folder = Path("/etc/systemd/system") if central.user else config / "systemd/user"
    kind, manager = ("systemd-system", "systemctl") if central.user else ("systemd-user", "systemctl --user")
    values = {
        "HOME": escaped(str(central.data_dir)),
        "USER": f"User={central.user}\n" if central.user else "",
        "HARDENING": _SYSTEM_HARDENING if central.user else _SHARED_HARDENING,
        "WANTED_BY": "multi-user.target" if central.user else "default.target",
    }
    data, backups = quoted(str(central.data_dir)), quoted(str(central.backups))
    units: tuple[tuple[str, dict[str, str]], ...] = (
        (SERVE_UNIT, {"PROGRAM": command_line(serve), "WRITES": data}),
        (BACKUP_UNIT, {"PROGRAM": command_line(backup), "WRITES": f"{data} {backups}"}),
        (TIMER_UNIT, {}),
    )
    steps = (
        f"{manager} daemon-reload",
        f"{manager} enable --now {SERVE_UNIT} {TIMER_UNIT}",
        f"{manager} start {BACKUP_UNIT}",
        *(() if central.user else ("loginctl enable-linger",)),
    )
    return [Service(kind, name, folder / name, render_template(name, **more, **values), steps) for name, more in units]
