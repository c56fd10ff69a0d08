"""Start the daemon with the machine: systemd units, a launchd agent, a scheduled task. `plan` decides, `install`
writes.

On Linux a unit of the user is written, or, as root, the template for a machine that officers share. On macOS and
Windows the equivalent is only shown, since these systems ask the person themselves.
"""

from __future__ import annotations

import os
import plistlib
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from store.home.paths import Home, resolve_home
from store.values.text import restore_undecoded
from sync.exceptions import UnfitServicePath

LABEL = "cn.guanjia.daemon"


class Service(NamedTuple):
    """A way to start the daemon: its name, its file and the file's text, and the commands (``steps``) left to the
    person. ``path`` is None where nothing is written."""

    kind: str
    name: str
    path: Path | None
    text: str
    steps: tuple[str, ...]


def plan(
    home: Home,
    *,
    system: bool = False,
    platform: str = sys.platform,
    program: Sequence[str] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Service:
    """The service for ``home`` on this platform; ``system`` gives the template for all homes of a shared machine.
    Raises `UnfitServicePath`."""
    command = [path_text(word) for word in program or installed_command()]
    place = path_text(str(home.path))
    if platform == "darwin":
        return _launchd(place, command)
    if platform == "win32":
        return _scheduled_task(place, command)
    return _system_unit(command) if system else _user_unit(home, place, command, environ)


def path_text(path: str) -> str:
    """A path as the UTF-8 text that a service's file holds, whatever the locale is. Raises `UnfitServicePath`."""
    text = restore_undecoded(path)
    if not text.isprintable():
        raise UnfitServicePath(path=text)
    return text


def install(service: Service) -> Path | None:
    """Write the service's file, if it has one, in UTF-8 and whole or not at all; gives its path. Raises `OSError` where
    it cannot be written."""
    if service.path is not None:
        service.path.parent.mkdir(parents=True, exist_ok=True)
        aside = service.path.with_name(f".{service.path.name}.{os.getpid()}")
        aside.write_bytes(service.text.encode())
        os.replace(aside, service.path)
    return service.path


def installed_command() -> list[str]:
    """The command of this installation, so that the service runs the same one: by the name that an update moves to the
    next version, where there is one."""
    beside, installed = Path(sys.executable).with_name("guanjia"), shutil.which("guanjia")
    if beside.exists():
        is_same = installed is not None and os.path.samefile(installed, beside)
        return [installed if installed and is_same else str(beside)]
    return [installed] if installed else [sys.executable, "-m", "tui.cli.main"]


def _user_unit(home: Home, place: str, program: list[str], environ: Mapping[str, str]) -> Service:
    config = Path(environ.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser())
    is_default = home.path == resolve_home(None, {}).path
    name = "guanjia.service" if is_default else f"guanjia-{home.id[:8]}.service"
    text = render_template(
        "guanjia.service",
        HOME_PATH=quoted(place),
        ENVIRONMENT=quoted(f"GUANJIA_HOME={place}"),
        HOME=escaped(place),
        PROGRAM=command_line(program),
    )
    steps = (
        "systemctl --user daemon-reload",
        f"systemctl --user enable --now {name}",
        f"journalctl --user -u {name} -f",
    )
    return Service("systemd-user", name, config / "systemd/user" / name, text, steps)


def _system_unit(program: list[str]) -> Service:
    text = render_template("guanjia@.service", PROGRAM=command_line(program))
    steps = (
        "head -c 32 /dev/urandom | systemd-creds encrypt --name=guanjia.key - /etc/guanjia/USER.key.cred",
        "systemctl daemon-reload",
        "systemd-run --pipe --wait --uid=USER -p StateDirectory=guanjia/USER -p StateDirectoryMode=0700 "
        "-p LoadCredentialEncrypted=guanjia.key:/etc/guanjia/USER.key.cred "
        f"-E GUANJIA_HOME=/var/lib/guanjia/USER {' '.join(program)} join URL",
        "systemctl enable --now guanjia@USER.service",
    )
    return Service("systemd-system", "guanjia@.service", Path("/etc/systemd/system/guanjia@.service"), text, steps)


def render_template(template: str, **values: str) -> str:
    """A unit file of this folder, with each ``@NAME@`` replaced."""
    text = files("sync.daemon.services").joinpath(template).read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def escaped(text: str) -> str:
    """``text`` with systemd's specifiers escaped."""
    return path_text(text).replace("%", "%%")


def quoted(text: str) -> str:
    """``text`` as one quoted word of a unit file."""
    inner = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped(inner)}"'


def command_line(program: list[str]) -> str:
    """A command line of a unit file, with variables escaped too."""
    return " ".join(quoted(word).replace("$", "$$") for word in program)


def _launchd(place: str, program: list[str]) -> Service:
    agent = {
        "Label": LABEL,
        "ProgramArguments": [*program, "daemon"],
        "EnvironmentVariables": {"GUANJIA_HOME": place},
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 30,
        "ProcessType": "Background",
        "Umask": 0o077,
        "StandardErrorPath": f"{place}/daemon.log",
    }
    path = f"~/Library/LaunchAgents/{LABEL}.plist"
    steps = (f"launchctl bootstrap gui/$(id -u) {path}", f"launchctl print gui/$(id -u)/{LABEL}")
    return Service("launchd", path, None, plistlib.dumps(agent).decode(), steps)


def _scheduled_task(place: str, program: list[str]) -> Service:
    run = subprocess.list2cmdline([*program, "--home", place, "daemon"])
    create = subprocess.list2cmdline(
        ["schtasks", "/Create", "/TN", "guanjia", "/SC", "ONLOGON", "/RL", "LIMITED", "/TR", run]
    )
    return Service("task-scheduler", "guanjia", None, create, (create, "schtasks /Run /TN guanjia"))
